"""Labels of several annotators go through versions, gate, undo and later rounds as others do."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from labels.compare import compare
from labels.gate import check_decided
from labels.loading import load
from labels.note import write_card
from labels.versions import LabelVersion
from stages.artifacts.decisions import Decision
from stages.artifacts.files import read_table
from tests.annotators import make_table
from tests.conftest import Clone, copy_working_tree, make_as_shipped, write_yaml
from tests.pages import find_block
from tests.review import HEAD

CELLS = ["id", "given_label", "label", "status", "by", "decided_by"]
CONSENSUS = "the annotators' consensus changed: a → b"
BLOCK = {
    "fetch": {"sources": ["csv:points.csv"], "id": "k", "annotations": "annotations.csv"},
    "preprocess": {"unlabelled": "leave_out"},
    "split": {"folds": 3},
    "crossval_predict": {"model": "logistic_regression"},
    "find_issues": {"flag": "budget", "budget": 20},
}


def version(row: str, votes: dict[str, int] | None, *decisions: Decision) -> LabelVersion:
    table = pd.DataFrame([row.split(",")], columns=CELLS, dtype=str)
    if votes is not None:
        table["votes"] = json.dumps(votes)
    return LabelVersion("a version", table, {said.id: [said] for said in decisions})


@pytest.mark.parametrize(
    ("votes", "now", "why", "passes"),
    {
        "more give it": (({"a": 1}, {"a": 1, "b": 2}), "1,b,b,kept,,", f"{CONSENSUS} (a 1 → b 2, a 1)", True),
        "flagged, and kept by the rule": (
            ({"a": 1}, {"a": 1, "b": 2}), "1,b,b,kept,undecided: keep,rule", f"{CONSENSUS} (a 1 → b 2, a 1)", True,
        ),
        "one changed to it, and none outvotes": (
            ({"a": 2}, {"a": 1, "b": 1}), "1,b,b,kept,,", f"{CONSENSUS} (a 2 → a 1, b 1)", True,
        ),
        "outvoted": (({"a": 2}, {"a": 2, "b": 1}), "1,b,b,kept,,", f"{CONSENSUS} (a 2 → a 2, b 1)", False),
        "another class gained": (({"b": 1}, {"b": 1, "c": 1}), "1,b,b,kept,,", f"{CONSENSUS} (b 1 → b 1, c 1)", False),
        "the model alone": (
            ({"a": 1}, {"a": 1}), "1,b,b,kept,,", f"{CONSENSUS} (the row's labels are as they were: a 1)", False,
        ),
        "only of other classes": (
            ({}, {}), "1,b,b,kept,,", f"{CONSENSUS} (the row's labels are as they were: none)", False,
        ),
        "all labels taken out": (
            ({"a": 1}, {}), "1,,,unlabelled,,", "the annotators' consensus changed: a → no label (a 1 → none)", False,
        ),
        "an older version": ((None, {"b": 1}), "1,b,b,kept,,", CONSENSUS, False),
        "one label a row": ((None, None), "1,b,b,kept,,", "given label changed at the source: a → b", False),
        "the rule": (({"a": 1}, {"a": 1, "b": 1}), "1,a,b,relabelled,undecided: relabel,rule", "", False),
    }.values(),
)  # fmt: skip
def test_who_moved_a_label(votes: tuple[dict[str, int] | None, ...], now: str, why: str, passes: bool) -> None:
    changes = compare(version("1,a,a,kept,,", votes[0]), version(now, votes[1]))
    assert changes["why"].tolist() == [why]
    assert check_decided(changes).passed is passes


def test_a_person_counts_more_than_annotators() -> None:
    said = Decision("1", "b", "relabel", "c", "ann", note="it is c")
    changes = compare(version("1,a,a,kept,,", {"a": 1}), version("1,b,c,relabelled,ann,people", {"b": 3}, said))
    assert changes[["by", "decided", "by_annotators"]].to_numpy().tolist() == [["ann", True, False]]
    assert check_decided(changes).text.startswith("1 row changed: 1 relabelled; no label")


def test_the_card_says_whose_labels_they_are() -> None:
    numbers = {"annotators": 3, "annotations": 1200, "consensus": "crowdlab", "alpha": 0.5123}
    card = write_card({"fetch": {"sources": []}}, version("1,a,a,kept,,", {"a": 1}), "none", None, numbers)
    assert (
        "| given labels | the consensus (crowdlab) of 1,200 labels by 3 annotators; Krippendorff's alpha 0.51 |" in card
    )


@pytest.fixture(scope="module")
def annotated(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone that has released version 1.0.0 of a small table, which five annotators labelled."""
    clone = Clone(tmp_path_factory.mktemp("annotated") / "clone")
    copy_working_tree(clone.folder)
    make_as_shipped(clone.folder)
    make_table(clone.folder)
    params = {"datasets": ["toy"], "audited": [], "compared": [], "toy": BLOCK}
    write_yaml(clone.path("params.yaml"), params)
    clone.path("dvc.lock").unlink()
    clone.path("data/local.yaml").write_text("local: [toy]\n")
    clone.path("data/toy").mkdir()
    clone.path("data/toy/decisions.csv").write_text(f"{HEAD}\n")
    clone.run("git", "init", "--quiet", "--initial-branch=main")
    clone.run("dvc", "remote", "add", "--default", "store", f"{clone.folder}-store")
    clone.repro()
    clone.commit("Clean the points")
    clone.run("dvc", "push")
    clone.labels("release", "toy", "1.0.0")
    return clone


def test_a_version_is_loaded_with_what_annotators_left_open(annotated: Clone) -> None:
    data = load("toy", "v1.0.0", repo=annotated.folder)
    assert data.distribution is not None
    assert data.distribution.sum(axis=1) == pytest.approx(1)
    assert (data.distribution.argmax(axis=1) == data.targets).mean() > 0.98
    block = find_block("docs/load.md", "import numpy as np").replace("https://example.org/labels.git", ".")
    code = f"{block.replace('points', 'toy')}print(model.score(X, data.targets) > 0.9)"
    assert annotated.run("python", "-c", code).splitlines()[-1] == "True"


def test_versions_say_who_moved_a_label(annotated: Clone, tmp_path: Path) -> None:
    clone = annotated.copy_to(tmp_path / "clone")
    rows = read_table(clone.path("data/toy/consensus/consensus.csv"))
    worst = rows.loc[pd.to_numeric(rows["quality"]).sort_values().index, ["id", "label"]].head(12).to_numpy().tolist()
    (kept, seen), (undone, before) = worst[:2]
    said = [f"{kept},{seen},keep,,me,2026-11-27T10:00:00Z", f"{undone},{before},relabel,cat,me,2026-11-27T10:00:01Z"]
    said += [f"{undone},{before},undo,,me,2026-11-27T10:00:02Z"]
    with clone.path("data/toy/decisions.csv").open("a") as file:
        file.writelines(f"{line}\n" for line in said)
    new = {row_id: "bee" if label == "cat" else "cat" for row_id, label in worst}
    change_annotators(clone, new)
    params = yaml.safe_load(clone.path("params.yaml").read_text())
    params["toy"]["split"]["labels"] = "decided"
    write_yaml(clone.path("params.yaml"), params)
    printed = clone.repro("certify@toy")
    assert "the decided labels: 1 changed, 0 left out, 1 decided on in all" in printed
    assert "put aside" not in printed
    diff = clone.labels("diff", "toy", "v1.0.0", "--csv", "diff.csv")
    changes = read_table(clone.path("diff.csv")).set_index("id")
    assert changes.loc["r10", "status"] == "left"
    assert kept not in changes.index
    moved = changes[changes["status"] == "given changed"]
    assert len(moved) > 2
    assert moved["why"].str.startswith("the annotators' consensus changed: ").all()
    assert changes["status"].isin(["given changed", "left"]).all(), diff
    gate = clone.run("python", "-m", "labels", "gate", "toy", "--base", "toy-labels@v1.0.0", code=None)
    named = set(re.findall(r"^(r\d+) ", gate, re.MULTILINE))
    # of the others only the model, or what is thought of the annotators, moved the consensus
    assert named == {row_id for row_id, label in moved["to"].items() if label != new.get(str(row_id))}
    assert "Running stage 'consensus" not in clone.repro("certify@toy")


def change_annotators(clone: Clone, new: dict[str, str]) -> None:
    """Let three more label some rows, call one by another name, and take all labels out of one row."""
    table = read_table(clone.path("annotations.csv")).replace({"annotator": {"bob": "robert"}})
    more = [(row_id, who, label, "") for row_id, label in new.items() for who in ("fay", "gus", "hal")]
    table = pd.concat([table[table["id"] != "r10"], pd.DataFrame(more, columns=table.columns)])
    table.to_csv(clone.path("annotations.csv"), index=False)
