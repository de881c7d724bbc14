"""Rows without a label are predicted, ranked, labelled by people and then cleaned data; they count in nothing else."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from labels.compare import compare, summarise, take_given
from labels.versions import LabelVersion
from stages.artifacts.decisions import Decision, find_misfits
from stages.artifacts.files import read_table
from stages.artifacts.fitting import Rows, fit
from stages.artifacts.issues import read_issues
from stages.artifacts.standing import find_wrong
from stages.certificate.certified import count_beside, take_split
from stages.clean.__main__ import clean_labels
from stages.clean.settings import Settings
from stages.inspect.duplicates import tabulate_sets
from tests.review import HEAD
from tests.sources import LABELS, N_ROWS, STAGES, Block, list_files, make_source, run, write_block

CLASSES = ["cat", "dog"]
# of the small sources: which rows have no label
WITHOUT = [2, 3, 9]
SUGGEST: dict[str, Any] = {"unlabelled": "suggest"}


def make_table(folder: Path, **split: Any) -> Block:
    """Write 120 rows of three classes: each fourth has no label, and one has a wrong one."""
    rng = np.random.default_rng(0)
    true = np.arange(120) % 3
    labels = np.array(["ant", "bee", "cow"], dtype=object)[true]
    labels[1], labels[3::4] = "cow", ""
    x, y = (rng.normal(size=120) + true * shift for shift in (2.0, -1.5))
    table = pd.DataFrame({"k": [f"r{row}" for row in range(120)], "y": labels, "a": x, "b": y})
    # the content of a labelled row under no label
    table.loc[7, ["a", "b"]] = table.loc[4, ["a", "b"]]
    table.to_csv(folder / "data.csv", index=False)
    (folder / "data/toy").mkdir(parents=True, exist_ok=True)
    (folder / "data/toy/decisions.csv").write_text(f"{HEAD}\n")
    model = {"model": "logistic_regression"}
    return {
        "fetch": {"sources": ["csv:data.csv"], "label": "y", "id": "k"}, "preprocess": {**SUGGEST},
        "split": {"folds": 3, **split}, "crossval_predict": model, "find_issues": {"budget": 5, "flag": "budget"},
        "clean": {"undecided": "keep"}, "report": {},
    }  # fmt: skip


def run_from(folder: Path, first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the stages from one of them on."""
    for stage in STAGES[STAGES.index(first) :]:
        assert run(folder, stage, monkeypatch) == 0, stage


def decide(folder: Path, *lines: str) -> None:
    with (folder / "data/toy/decisions.csv").open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def without_labels(folder: Path) -> dict[str, bytes]:
    """Return what the stages found of labels: everything but the cleaned data and the page."""
    files = list_files(folder / "data/toy")
    return {name: content for name, content in files.items() if name.startswith(("quality", "issues", "predictions"))}


def test_from_the_source_to_the_cleaned_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_block(tmp_path, make_table(tmp_path))
    run_from(tmp_path, "fetch", monkeypatch)
    printed, data = capsys.readouterr().out, tmp_path / "data/toy"
    assert "3 classes, 30 without a label" in printed
    assert "5 of 90 rows flagged" in printed
    assert "; 30 rows without a label ranked" in printed
    assert "90 kept, 0 relabelled, 0 removed, 30 unlabelled; 0 decided on by people" in printed
    quality, table = read_table(data / "quality/label_quality.csv"), read_table(data / "quality/unlabelled.csv")
    unlabelled = quality[quality["given_label"] == ""]
    assert len(unlabelled) == 30
    assert set(unlabelled["judged_label"]) == {""}
    assert set(unlabelled["given_prob"].astype(float)) == {0}
    assert sorted(table["id"]) == sorted(unlabelled["id"])
    probs = table["suggested_prob"].astype(float)
    assert probs.is_monotonic_increasing
    np.testing.assert_allclose(table["score"].astype(float), (probs + 1 / 3) / 2, rtol=1e-5)
    assert not set(read_issues(data)["id"]) & set(table["id"])
    # a row is predicted by models that have not seen its copy either
    folds = np.load(data / "training/folds.npy")
    assert (folds[7] == folds[4]).all()
    metrics = json.loads((tmp_path / "reports/toy/metrics.json").read_text())
    assert (metrics["rows"], metrics["labelled"], metrics["unlabelled"], metrics["left_out"]) == (120, 0, 30, 0)
    duplicates = read_table(data / "examples/duplicates.csv").set_index("id")
    assert duplicates.loc[["r4", "r7"], "labels_differ"].tolist() == ["False", "False"]
    page = (tmp_path / "reports/toy/index.html").read_text()
    assert "30 rows have no given label." in page

    before = without_labels(tmp_path)
    first, second, third = table["id"][:3]
    decide(tmp_path, f"{first},,relabel,ant,ann", f"{second},,remove,,ann", f"{third},,unsure,,ann")
    run_from(tmp_path, "split", monkeypatch)
    assert without_labels(tmp_path) == before
    printed = capsys.readouterr().out
    assert "90 kept, 0 relabelled, 1 removed, 1 labelled, 28 unlabelled; 2 decided on by people" in printed
    cleaned = read_table(data / "cleaned/labels.csv").set_index("id")
    columns = ["given_label", "label", "status", "by", "decided_by"]
    assert cleaned.loc[first, columns].tolist() == ["", "ant", "labelled", "ann", "people"]
    assert cleaned.loc[second, columns].tolist() == ["", "", "removed", "ann", "people"]
    assert cleaned.loc[third, columns].tolist() == ["", "", "unlabelled", "", ""]
    assert read_table(data / "changes.csv")["id"].tolist() == [first]
    later = json.loads((tmp_path / "reports/toy/metrics.json").read_text())
    changed = {name for name in later if later[name] != metrics.get(name)}
    assert changed == {"decided_by_people", "labelled", "unlabelled", "removed"}
    assert "People labelled 1 of them and removed 1." in (tmp_path / "reports/toy/index.html").read_text()


def test_a_second_round_learns_from_what_people_called_such_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block = make_table(tmp_path, labels="decided")
    write_block(tmp_path, block)
    run_from(tmp_path, "fetch", monkeypatch)
    data = tmp_path / "data/toy"
    before = read_table(data / "quality/label_quality.csv")
    decide(tmp_path, *(f"r{row},,relabel,{['ant', 'bee', 'cow'][row % 3]},ann" for row in range(3, 60, 4)))
    capsys.readouterr()
    run_from(tmp_path, "split", monkeypatch)
    assert "0 changed, 0 left out, 15 of rows without one, 15 decided on in all" in capsys.readouterr().out
    trained, after = np.load(data / "training/labels.npy"), read_table(data / "quality/label_quality.csv")
    assert (trained >= 0).sum() == 105
    assert (before["suggested_prob"] != after["suggested_prob"]).any()
    # neither judged nor counted, though they were learnt from
    assert set(after.loc[after["given_label"] == "", "judged_label"]) == {""}
    classes = read_table(data / "quality/classes.csv")
    assert classes["rows"].astype(int).sum() == 90
    assert len(read_table(data / "quality/unlabelled.csv")) == 30
    assert not set(read_issues(data)["id"]) & set(read_table(data / "quality/unlabelled.csv")["id"])


def _without(labels: list[str], name: str = "") -> list[str]:
    return [name if row in WITHOUT else label for row, label in enumerate(labels)]


def _blank_column(folder: Path, block: Block, name: str) -> None:
    table = read_table(folder / "data.csv")
    table.assign(animal=_without(LABELS, name)).to_csv(folder / "data.csv", index=False)


def _blank_arrays(folder: Path, block: Block, name: str) -> None:
    labels = [str(CLASSES.index(label)) for label in LABELS] if name else LABELS
    features = np.load(folder / "data.npz")["features"]
    np.savez(folder / "data.npz", features=features, labels=_without(labels, name))


def _blank_list(folder: Path, block: Block, name: str) -> None:
    paths = [f"{label}/{row:02}.png" for row, label in enumerate(LABELS)]
    with (folder / "pets/labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["path", "label"], *zip(paths, _without(LABELS, name), strict=True)])


def _move_pictures(folder: Path, block: Block, name: str) -> None:
    (folder / "pets" / name).mkdir()
    for row in WITHOUT:
        (folder / "pets" / LABELS[row] / f"{row:02}.png").rename(folder / "pets" / name / f"{row:02}.png")


BLANKED: list[tuple[str, Any, str]] = [
    ("table", _blank_column, ""),
    ("table", _blank_column, "unknown"),
    ("text", _blank_column, ""),
    ("arrays", _blank_arrays, ""),
    ("arrays", _blank_arrays, "-1"),
    ("pictures", _blank_list, ""),
    ("pictures", _move_pictures, "unlabelled"),
]


@pytest.mark.parametrize(("kind", "blank", "name"), BLANKED)
def test_every_kind_of_data_has_them(
    kind: str, blank: Any, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = make_source(tmp_path, kind)
    blank(tmp_path, block, name)
    block["preprocess"] |= SUGGEST | ({"classes": {name: ""}} if name else {})
    write_block(tmp_path, block)
    for stage in ("fetch", "preprocess", "embed", "inspect", "split"):
        assert run(tmp_path, stage, monkeypatch) == 0
    data = tmp_path / "data/toy"
    labels = np.load(data / "prepared/labels.npy")
    assert len(labels) == N_ROWS
    assert (labels < 0).sum() == len(WITHOUT)
    assert len(json.loads((data / "prepared/classes.json").read_text())) == len(CLASSES)
    assert not len(read_table(data / "prepared/left_out.csv"))
    np.testing.assert_array_equal(np.load(data / "training/labels.npy"), labels)


@pytest.mark.parametrize(
    ("said", "given", "stands"),
    [
        (Decision("a", "", "relabel", "cat", "ann"), "", ("relabel", "cat")),
        # labelled at the source as people had labelled it
        (Decision("a", "", "relabel", "cat", "ann"), "cat", ("keep", "")),
        (Decision("a", "", "relabel", "cat", "ann"), "dog", None),
        (Decision("a", "", "remove", "", "ann"), "cat", None),
        # the label has gone at the source
        (Decision("a", "cat", "keep", "", "ann"), "", None),
        (Decision("a", "cat", "relabel", "dog", "ann"), "", None),
        (Decision("a", "cat", "remove", "", "ann"), "", None),
        (Decision("a", "cat", "unsure", "", "ann"), "", ("unsure", "")),
    ],
)
def test_what_stands_when_a_label_comes_or_goes(said: Decision, given: str, stands: tuple[str, str] | None) -> None:
    standing = fit([said], Rows({"a": given}, {})).standing
    assert [(each.decision, each.label) for each in standing.get("a", [])] == ([stands] if stands else [])
    assert not find_wrong(standing, {"a": ""})


@pytest.mark.parametrize(
    ("decision", "label", "flaw"),
    [
        ("keep", "", " has no label to keep; write relabel, and its label"),
        ("relabel", "", ": relabel needs a label; classes: cat, dog"),
        ("relabel", "cow", ": label 'cow' is not a class; classes: cat, dog"),
        ("relabel", "cat", None),
        ("remove", "", None),
        ("unsure", "", None),
    ],
)
def test_what_may_be_decided(decision: str, label: str, flaw: str | None) -> None:
    assert list(find_misfits(Decision("a", "", decision, label, "ann"), CLASSES)) == ([flaw] if flaw else [])


@pytest.mark.parametrize("undecided", ["keep", "remove", "relabel"])
def test_no_rule_labels_them(undecided: Any) -> None:
    quality = pd.DataFrame({"id": ["a"], "given_label": [""], "suggested_label": ["cat"], "suggested_prob": ["1.0"]})
    cleaned = clean_labels(quality.assign(error_prob="1.0"), {"a"}, {}, Settings(undecided=undecided), "good")
    assert cleaned.iloc[0].tolist() == ["a", "", "", "unlabelled", "", ""]


def version(*rows: tuple[str, str, str, str]) -> LabelVersion:
    labels = pd.DataFrame(rows, columns=["id", "given_label", "label", "status"])
    decided = labels["status"].isin(["labelled", "relabelled", "removed"])
    by = decided.map({True: "ann", False: ""})
    return LabelVersion("it", labels.assign(by=by, decided_by=decided.map({True: "people", False: ""})), {})


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (("a", "", "", "unlabelled"), ("a", "", "cat", "labelled"), "1 row changed: 1 labelled"),
        (("a", "", "cat", "labelled"), ("a", "", "", "unlabelled"), "1 row changed: 1 unlabelled"),
        (("a", "", "cat", "labelled"), ("a", "", "", "removed"), "1 row changed: 1 removed"),
        (("a", "", "", "unlabelled"), ("a", "cat", "cat", "kept"), "1 row changed: 1 given changed"),
        (("a", "", "cat", "labelled"), ("a", "cat", "cat", "kept"), "1 row changed: 1 given changed"),
        (("a", "", "", "unlabelled"), ("a", "", "", "unlabelled"), "0 rows changed"),
        (("a", "", "", "unlabelled"), ("a", "", "", "removed"), "0 rows changed"),
    ],
)
def test_what_changed_between_versions(was: Any, now: Any, said: str) -> None:
    assert summarise(compare(version(was), version(now))) == said


def test_the_given_labels_of_a_version_have_none() -> None:
    now = version(("a", "", "cat", "labelled"), ("b", "dog", "cat", "relabelled"))
    assert take_given(now).labels["status"].tolist() == ["unlabelled", "kept"]
    assert summarise(compare(take_given(now), now)) == "2 rows changed: 1 relabelled, 1 labelled"


def test_a_certificate_is_about_given_labels_alone() -> None:
    rows = [("a", "cat", "cat", "kept"), ("b", "", "cat", "labelled"), ("c", "", "", "unlabelled")]
    labels = version(*rows).labels.assign(split=["train", "test", "test"])
    assert take_split(labels, "")["id"].tolist() == ["a"]
    assert take_split(labels, "test").empty
    assert [count_beside(labels, split) for split in ("", "train", "test")] == [1, 0, 1]


def test_a_copy_without_a_label_contradicts_none() -> None:
    given = np.array(["cat", "", "dog", ""], dtype=object)
    sets = tabulate_sets(pd.Series(list("abcd")), given, np.array([0, 0, 1, 1]), np.arange(2), np.zeros(2))
    assert not sets["labels_differ"].any()
