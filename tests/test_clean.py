"""Decisions win, and the rule takes the rest."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.artifacts.decisions import Decision
from stages.artifacts.trust import Worth
from stages.clean.__main__ import check_classes, clean_labels, describe_held_back
from stages.clean.settings import Settings
from stages.command.errors import InputError
from tests.conftest import ROOT, Clone
from tests.kinds import N_ROWS, make_found

CLASSES = ["cat", "cow", "dog"]

QUALITY = pd.DataFrame(
    {
        "id": ["a", "b", "c"],
        "given_label": ["cat", "dog", "cow"],
        "suggested_label": ["dog", "cow", "cat"],
        "suggested_prob": ["0.95", "0.5", "0.99"],
        "error_prob": ["0.97", "0.9", "0.6"],
    }
)


@pytest.mark.parametrize(
    ("undecided", "expected"),
    [
        ("remove", [("", "removed", "undecided: remove"), ("", "removed", "undecided: remove"), ("cow", "kept", "")]),
        ("keep", [("cat", "kept", "undecided: keep"), ("dog", "kept", "undecided: keep"), ("cow", "kept", "")]),
        (
            "relabel",
            [
                ("dog", "relabelled", "undecided: relabel"),
                ("", "removed", "undecided: relabel, unsure"),
                ("cow", "kept", ""),
            ],
        ),
    ],
)
def test_the_rule_takes_flagged_rows_that_nobody_decided_on(
    undecided: str, expected: list[tuple[str, str, str]]
) -> None:
    cleaned = clean_labels(QUALITY, {"a", "b"}, {}, Settings(undecided=undecided), Worth.GOOD)  # type: ignore[arg-type]
    assert describe_held_back(cleaned, Worth.GOOD) == ""
    assert list(cleaned[["label", "status", "by"]].itertuples(index=False, name=None)) == expected
    assert cleaned["decided_by"].tolist() == ["rule", "rule", ""]


def test_nothing_changes_by_default_that_no_person_has_seen() -> None:
    cleaned = clean_labels(QUALITY, {"a", "b", "c"}, {}, Settings(), Worth.GOOD)
    assert cleaned["label"].tolist() == QUALITY["given_label"].tolist()
    assert describe_held_back(cleaned, Worth.WEAK) == ""


@pytest.mark.parametrize("undecided", ["remove", "relabel"])
@pytest.mark.parametrize(
    ("model", "act_above", "acted_on", "said"),
    [
        (Worth.GOOD, 0.9, {"a", "b"}, "; the rule held back on 1 flagged row: error_prob below act_above"),
        (Worth.GOOD, 0.95, {"a"}, "; the rule held back on 2 flagged rows: error_prob below act_above"),
        (Worth.GOOD, 0.0, {"a", "b", "c"}, ""),
        (Worth.WEAK, 0.0, set(), "; the rule held back on 3 flagged rows: the model is weak"),
        (Worth.WORTHLESS, 0.9, set(), "; the rule held back on 3 flagged rows: the model is worthless"),
    ],
)
def test_a_rule_acts_on_probable_errors_under_a_good_model_alone(
    undecided: Any, model: str, act_above: float, acted_on: set[str], said: str
) -> None:
    rule = Settings(undecided=undecided, act_above=act_above)
    cleaned = clean_labels(QUALITY, {"a", "b", "c"}, {}, rule, model).set_index("id")
    kept = cleaned[cleaned["status"] == "kept"]
    assert set(cleaned.index) - set(kept.index) == acted_on
    assert set(kept["by"]) <= {f"undecided: {undecided}, held back"}
    assert (kept["label"] == kept["given_label"]).all()
    assert describe_held_back(cleaned, model) == said


def test_an_error_prob_that_is_no_number_changes_nothing() -> None:
    cleaned = clean_labels(QUALITY.assign(error_prob="nan"), {"a"}, {}, Settings(undecided="remove"), Worth.GOOD)
    assert set(cleaned["status"]) == {"kept"}


@settings(deadline=None)
@given(
    st.sets(st.sampled_from("abc")),
    st.dictionaries(st.sampled_from("abc"), st.sampled_from(["keep", "relabel", "remove"])),
    st.sampled_from(["remove", "keep", "relabel"]),
    st.sampled_from(list(Worth)),
)
def test_a_decision_always_wins(flagged: set[str], verdicts: dict[str, str], undecided: str, model: str) -> None:
    decisions = {
        row_id: Decision(row_id, "", verdict, "ox" if verdict == "relabel" else "", "reviewer-a")
        for row_id, verdict in verdicts.items()
    }
    cleaned = clean_labels(QUALITY, flagged, decisions, Settings(undecided=undecided), model)  # type: ignore[arg-type]
    expected = {"keep": "kept", "relabel": "relabelled", "remove": "removed"}
    for row in cleaned.to_dict("records"):
        if row["id"] in verdicts:
            assert row["status"] == expected[verdicts[row["id"]]]
            assert (row["by"], row["decided_by"]) == ("reviewer-a", "people")
            assert row["label"] == {"kept": row["given_label"], "relabelled": "ox", "removed": ""}[row["status"]]
        elif row["id"] not in flagged:
            cells = [row[name] for name in ("label", "status", "by", "decided_by")]
            assert cells == [row["given_label"], "kept", "", ""]


def test_a_class_is_never_emptied() -> None:
    rule = Settings(undecided="remove", act_above=0)
    cleaned = clean_labels(QUALITY, {"a", "b", "c"}, {}, rule, Worth.GOOD)
    message = r"no row would be left of 3 class\(es\): 'cat', 'cow', 'dog'; flag fewer \(find_issues in params.yaml\)"
    with pytest.raises(InputError, match=message):
        check_classes(cleaned, CLASSES)
    check_classes(clean_labels(QUALITY, {"a", "b", "c"}, {}, Settings(undecided="keep"), Worth.GOOD), CLASSES)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "quality/model.json: not found; `dvc repro` makes it"),
        ("{", "quality/model.json: damaged (Expecting"),
        ("{}", "quality/model.json: verdict must be good, weak or worthless; `dvc repro` makes the file"),
        ('["good"]', "quality/model.json: verdict must be good, weak or worthless"),
        ('{"verdict": "fine"}', "quality/model.json: verdict must be good, weak or worthless"),
    ],
)
def test_a_model_without_a_verdict_is_named_and_nothing_is_written(
    tmp_path: Path, content: str | None, message: str
) -> None:
    folder = Clone(make_found(tmp_path, "table"))
    folder.path("data/digits/quality/model.json").unlink()
    if content:
        folder.path("data/digits/quality/model.json").write_text(content)
    printed = folder.stage("clean", code=2, PYTHONPATH=str(ROOT))
    assert printed.startswith(f"clean: digits: error: data/digits/{message}")
    assert printed.count("\n") == 1
    assert not folder.path("data/digits/cleaned").exists()


def test_the_stage_says_on_how_many_rows_the_rule_held_back(tmp_path: Path) -> None:
    folder = Clone(make_found(tmp_path, "table"))
    folder.set_param("clean", "undecided", "remove")
    verdict, held = folder.path("data/digits/quality/model.json"), "60 kept, 0 relabelled, 0 removed"
    assert f"{held}; 0 decided on by people; the rule held back on 5 flagged rows: error_prob below" in clean(folder)
    folder.set_param("clean", "act_above", 0.8)
    verdict.write_text('{"verdict": "weak"}')
    assert f"{held}; 0 decided on by people; the rule held back on 5 flagged rows: the model is weak\n" in clean(folder)
    verdict.write_text('{"verdict": "good"}')
    assert "55 kept, 0 relabelled, 5 removed; 0 decided on by people\n" in clean(folder)


def clean(folder: Clone) -> str:
    return folder.stage("clean", PYTHONPATH=str(ROOT))


def test_the_cleaned_data_are_ready_to_train_on(clone: Clone) -> None:
    decisions = clone.path("data/digits/decisions.csv")
    worst = pd.read_csv(clone.path("data/digits/issues.csv"), dtype=str).head(3)
    ids, given = list(worst["id"]), list(worst["given_label"])
    new = "0" if given[1] != "0" else "1"
    with decisions.open("a") as file:
        file.write(f"{ids[0]},{given[0]},keep,,reviewer-a,2026-01-02T03:04:05Z\n")
        file.write(f"{ids[1]},{given[1]},relabel,{new},reviewer-a,2026-01-02T03:04:06Z,plainly a {new}\n")
    clone.repro("clean@digits")
    folder = clone.path("data/digits/cleaned")
    labels = pd.read_csv(folder / "labels.csv", dtype=str, keep_default_na=False).set_index("id")
    assert list(labels.columns) == ["given_label", "label", "status", "by", "decided_by"]
    assert list(labels.loc[ids[0]]) == [given[0], given[0], "kept", "reviewer-a", "people"]
    assert list(labels.loc[ids[1]]) == [given[1], new, "relabelled", "reviewer-a", "people"]
    assert list(labels.loc[ids[2]]) == [given[2], given[2], "kept", "undecided: keep", "rule"]
    assert len(labels) == len(np.load(folder / "images.npy")) == 1797
    assert "FAILED" not in clone.run("sh", "-c", "cd data/digits/cleaned && sha256sum --check SHA256SUMS")
    changes = pd.read_csv(clone.path("data/digits/changes.csv"), dtype=str, keep_default_na=False).set_index("id")
    assert len(changes) == 1
    assert list(changes.loc[ids[1], ["label", "status", "by", "note"]]) == [
        new,
        "relabelled",
        "reviewer-a",
        f"plainly a {new}",
    ]
    assert "decisions.csv" in clone.run("git", "status", "--short")


def test_the_rule_holds_back_on_the_digits(clone: Clone) -> None:
    clone.set_param("clean", "undecided", "remove")
    assert clone.stage("clean") in (ROOT / "docs/review.md").read_text()


@pytest.mark.parametrize("kind", ["text", "table"])
def test_texts_and_tables_come_with_their_labels(tmp_path: Path, kind: str) -> None:
    folder = Clone(make_found(tmp_path, kind))
    clean(folder)
    cleaned = folder.path("data/digits/cleaned")
    assert sorted(path.name for path in cleaned.iterdir()) == ["SHA256SUMS", "classes.json", "labels.csv", "rows.csv"]
    assert (cleaned / "rows.csv").read_bytes() == folder.path("data/digits/prepared/rows.csv").read_bytes()
    labels, rows = (
        pd.read_csv(cleaned / name, dtype=str, keep_default_na=False) for name in ("labels.csv", "rows.csv")
    )
    assert len(labels) == len(rows) == N_ROWS
    assert "FAILED" not in folder.run("sh", "-c", "cd data/digits/cleaned && sha256sum --check SHA256SUMS")


def test_wrong_decisions_are_all_named_and_nothing_is_written(clone: Clone) -> None:
    outputs = ("data/digits/changes.csv", "data/digits/cleaned/labels.csv", "data/digits/cleaned/images.npy")
    before = [clone.path(name).read_bytes() for name in outputs]
    with clone.path("data/digits/decisions.csv").open("a") as file:
        file.write("1,1,keep,3,reviewer-a,,\n0,0,relabel,0,reviewer-a,,\n")
    # the first stage that reads them says so, before anything is trained
    for stage, printed in {"clean": clone.stage("clean", code=2), "split": clone.repro(code=255)}.items():
        assert f"{stage}: digits: error: data/digits/decisions.csv line 2: id '1': keep takes no label, but" in printed
        assert "line 3: id '0' is relabelled to the label it has" in printed
        assert "Traceback" not in printed
        assert [clone.path(name).read_bytes() for name in outputs] == before
