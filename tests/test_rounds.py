"""A second round trains on what people decided, and flags none of it again."""

import json

import numpy as np
import pandas as pd
import pytest

from stages.artifacts.decisions import Decision
from stages.command.errors import InputError
from stages.crossval_predict.folds.checks import check_rows
from stages.crossval_predict.models.fold import Arrays
from stages.split.labels import apply_decisions
from tests.conftest import Clone


def test_decided_labels_take_the_place_of_given_ones() -> None:
    decisions = {
        "b": Decision("b", "dog", "relabel", "cat", "ann"),
        "c": Decision("c", "cat", "remove", "", "ann"),
        "d": Decision("d", "dog", "keep", "", "ann"),
    }
    ids = pd.Series(list("abcd"))
    chosen, decided = apply_decisions(np.array([0, 1, 0, 1]), ids, ["cat", "dog"], decisions)
    assert chosen.tolist() == [0, 0, -1, 1]
    assert decided.tolist() == [False, True, True, True]


def test_a_class_that_decisions_empty_is_named() -> None:
    given, folds = np.array([0, 1, 0, 1]), np.array([[0], [0], [1], [1]])
    check_rows(Arrays(given, given, folds, np.arange(4)), ["cat", "dog"])
    with pytest.raises(InputError, match=r"split.labels: .* no row is left to learn 'dog' from"):
        check_rows(Arrays(given, np.array([0, 1, 0, -1]), folds, np.arange(4)), ["cat", "dog"])


def read(clone: Clone, name: str) -> pd.DataFrame:
    return pd.read_csv(clone.path(f"data/digits/{name}"), dtype=str, keep_default_na=False)


def test_two_rounds(clone: Clone) -> None:
    first = read(clone, "issues.csv").head(3)
    labels = list(first["given_label"])
    new = first["suggested_label"][1]
    lines = [f"{first['id'][0]},{labels[0]},keep,,ann", f"{first['id'][1]},{labels[1]},relabel,{new},ann"]
    with clone.path("data/digits/decisions.csv").open("a") as file:
        file.writelines(f"{line}\n" for line in [*lines, f"{first['id'][2]},{labels[2]},remove,,ann"])
    printed = clone.repro("clean@digits")
    assert "Running stage 'clean@digits'" in printed
    assert "Running stage 'crossval_predict@digits'" not in printed
    before = {
        name: clone.path(f"data/digits/{name}").read_bytes() for name in ("issues.csv", "predictions/pred_probs.npy")
    }

    clone.set_param("split", "labels", "decided")
    clone.set_param("split", "folds", 2)
    clone.set_param("split", "repeats", 1)
    clone.set_param("crossval_predict", "max_epochs", 3)
    printed = clone.repro()
    assert "the decided labels: 1 changed, 1 left out, 3 decided on in all" in printed
    issues, quality = read(clone, "issues.csv"), read(clone, "quality/label_quality.csv").set_index("id")
    assert not set(first["id"]) & set(issues["id"])
    assert (issues["flagged"] == "yes").sum() == 18
    assert list(quality.loc[first["id"], "judged_label"]) == [labels[0], new, ""]
    assert list(quality.loc[first["id"], "given_label"]) == labels
    # a row that was removed is predicted like any other
    pred_probs = np.load(clone.path("data/digits/predictions/pred_probs.npy"))
    np.testing.assert_allclose(pred_probs.sum(axis=1), 1, atol=1e-5)
    metrics = json.loads(clone.path("reports/digits/metrics.json").read_text())
    assert (metrics["rows"], metrics["decided_by_people"], metrics["flagged"]) == (1797, 3, 18)
    assert (metrics["reviewed"], metrics["reviewed_wrong"]) == (3, 2)

    clone.set_param("split", "labels", "given")
    clone.set_param("split", "folds", 5)
    clone.set_param("split", "repeats", 2)
    clone.set_param("crossval_predict", "max_epochs", 6)
    printed = clone.repro("find_issues@digits", "flip@digits")
    assert "training" not in printed
    assert {name: clone.path(f"data/digits/{name}").read_bytes() for name in before} == before


def test_a_merge_of_two_peoples_decisions_keeps_both(clone: Clone) -> None:
    rows = list(read(clone, "issues.csv").head(4)[["id", "given_label"]].itertuples(index=False, name=None))
    clone.run("git", "branch", "bob")
    for branch, reviewer, decided in (("main", "ann", rows[:3]), ("bob", "bob", rows[1:])):
        clone.run("git", "checkout", "--quiet", branch)
        with clone.path("data/digits/decisions.csv").open("a") as file:
            file.writelines(f"{row_id},{given},keep,,{reviewer}\n" for row_id, given in decided)
        clone.repro()
        clone.commit(f"Decisions of {reviewer}")
    clone.run("git", "checkout", "--quiet", "main")
    assert "Automatic merge failed" in clone.run("git", "merge", "--no-edit", "bob", code=1)
    # what is left in conflict the pipeline makes again
    clone.repro()
    clone.run("git", "commit", "--quiet", "--all", "--no-edit")
    assert clone.run("git", "status", "--short") == ""
    assert sorted(read(clone, "decisions.csv")["reviewer"]) == ["ann"] * 3 + ["bob"] * 3
    assert (read(clone, "cleaned/labels.csv")["by"] == "ann; bob").sum() == 2
