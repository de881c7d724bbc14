"""Decisions win, and the rule takes the rest."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.artifacts.decisions import Decision
from stages.clean.__main__ import check_classes, clean_labels
from stages.clean.settings import Settings
from stages.command.errors import InputError
from tests.conftest import ROOT, Clone
from tests.kinds import N_ROWS, make_kind

CLASSES = ["cat", "cow", "dog"]

QUALITY = pd.DataFrame(
    {
        "id": ["a", "b", "c"],
        "given_label": ["cat", "dog", "cow"],
        "suggested_label": ["dog", "cow", "cat"],
        "suggested_prob": ["0.95", "0.5", "0.99"],
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
    cleaned = clean_labels(QUALITY, {"a", "b"}, {}, Settings(undecided=undecided))  # type: ignore[arg-type]
    assert list(cleaned[["label", "status", "by"]].itertuples(index=False, name=None)) == expected
    assert cleaned["decided_by"].tolist() == ["rule", "rule", ""]


@given(
    st.sets(st.sampled_from("abc")),
    st.dictionaries(st.sampled_from("abc"), st.sampled_from(["keep", "relabel", "remove"])),
    st.sampled_from(["remove", "keep", "relabel"]),
)
def test_a_decision_always_wins(flagged: set[str], verdicts: dict[str, str], undecided: str) -> None:
    decisions = {
        row_id: Decision(row_id, "", verdict, "ox" if verdict == "relabel" else "", "reviewer-a")
        for row_id, verdict in verdicts.items()
    }
    cleaned = clean_labels(QUALITY, flagged, decisions, Settings(undecided=undecided))  # type: ignore[arg-type]
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
    cleaned = clean_labels(QUALITY, {"a", "b", "c"}, {}, Settings(undecided="remove"))
    message = r"no row would be left of 3 class\(es\): 'cat', 'cow', 'dog'; flag fewer \(find_issues in params.yaml\)"
    with pytest.raises(InputError, match=message):
        check_classes(cleaned, CLASSES)
    check_classes(clean_labels(QUALITY, {"a", "b", "c"}, {}, Settings(undecided="keep")), CLASSES)


def test_the_cleaned_data_are_ready_to_train_on(clone: Clone) -> None:
    decisions = clone.path("data/digits/decisions.csv")
    worst = pd.read_csv(clone.path("data/digits/issues.csv"), dtype=str).head(3)
    ids, given = list(worst["id"]), list(worst["given_label"])
    new = "0" if given[1] != "0" else "1"
    with decisions.open("a") as file:
        file.write(f"{ids[0]},{given[0]},keep,,reviewer-a,2026-01-02T03:04:05Z\n")
        file.write(f"{ids[1]},{given[1]},relabel,{new},reviewer-a,2026-01-02T03:04:06Z,plainly a {new}\n")
    clone.repro()
    folder = clone.path("data/digits/cleaned")
    labels = pd.read_csv(folder / "labels.csv", dtype=str, keep_default_na=False).set_index("id")
    assert list(labels.columns) == ["given_label", "label", "status", "by", "decided_by"]
    assert list(labels.loc[ids[0]]) == [given[0], given[0], "kept", "reviewer-a"]
    assert list(labels.loc[ids[1]]) == [given[1], new, "relabelled", "reviewer-a"]
    assert list(labels.loc[ids[2]]) == [given[2], "", "removed", "undecided: remove", "rule"]
    assert len(labels) == len(np.load(folder / "images.npy")) == 1797
    assert "FAILED" not in clone.run("sh", "-c", "cd data/digits/cleaned && sha256sum --check SHA256SUMS")
    changes = pd.read_csv(clone.path("data/digits/changes.csv"), dtype=str, keep_default_na=False).set_index("id")
    assert len(changes) == 17
    assert list(changes.loc[ids[1], ["label", "status", "by", "note"]]) == [
        new,
        "relabelled",
        "reviewer-a",
        f"plainly a {new}",
    ]
    assert "decisions.csv" in clone.run("git", "status", "--short")


@pytest.mark.parametrize("kind", ["text", "table"])
def test_texts_and_tables_come_with_their_labels(tmp_path: Path, kind: str) -> None:
    folder = Clone(make_kind(tmp_path, kind))
    for stage in ("find_issues", "clean"):
        folder.stage(stage, PYTHONPATH=str(ROOT))
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
        file.write("99999,1,keep,,reviewer-a,,\n0,1,keep,,reviewer-a,,\n")
    for printed in (clone.stage("clean", code=2), clone.repro(code=255)):
        assert "clean: digits: error: data/digits/decisions.csv line 2: id '99999' is not in the data set" in printed
        assert "line 3: id '0' was decided on as '1' but is now given as '0'" in printed
        assert "Traceback" not in printed
        assert [clone.path(name).read_bytes() for name in outputs] == before
