"""What the gate lets pass and what it refuses."""

import re

import pandas as pd
import pytest

from labels.compare import compare
from labels.gate import Settings, check_classes, check_decided, check_numbers
from labels.versions import LabelVersion, fill_decided_by
from stages.artifacts.decisions import Decision
from tests.conftest import Clone

CELLS = ["id", "given_label", "label", "status", "by"]
DECISION = Decision("1", "a", "relabel", "b", "ann")


def version(row: str, *decisions: Decision) -> LabelVersion:
    table = pd.DataFrame([row.split(",")], columns=CELLS, dtype=str)
    return LabelVersion("a version", fill_decided_by(table), {decision.id: [decision] for decision in decisions})


@pytest.mark.parametrize(
    ("before", "after", "decisions", "passed"),
    [
        ("1,a,a,kept,", "1,a,b,relabelled,ann", (DECISION,), True),
        ("1,a,a,kept,", "1,a,b,relabelled,ann", (), False),
        ("1,a,a,kept,", "1,a,,removed,undecided: remove", (), False),
        ("1,a,,removed,undecided: remove", "1,a,a,kept,", (), False),
        ("1,a,b,relabelled,ann", "1,a,a,kept,", (), True),
        ("1,a,b,relabelled,ann", "1,a,,removed,undecided: remove", (), True),
        ("1,a,b,relabelled,ann", "1,a,a,kept,", (DECISION,), False),
        ("1,a,a,kept,", "1,b,b,kept,", (), False),
        ("1,a,a,kept,", "2,a,a,kept,", (), True),
    ],
)
def test_a_label_changes_by_a_decision_or_by_taking_one_back(
    before: str, after: str, decisions: tuple[Decision, ...], passed: bool
) -> None:
    finding = check_decided(compare(version(before, DECISION), version(after, *decisions)))
    assert finding.passed is passed
    assert passed or "\n1   " in finding.text


@pytest.mark.parametrize(
    ("flagged", "noise", "passed"),
    [(60, 0.03, [True, True]), (61, 0.03, [False, True]), (50, 0.0301, [True, False]), (0, 0.0, [True, True])],
)
def test_flags_and_noise_may_rise_to_their_limits(flagged: int, noise: float, passed: list[bool]) -> None:
    old, new = ({"flagged": n, "estimated_noise_rate": rate} for n, rate in ((50, 0.02), (flagged, noise)))
    assert [finding.passed for finding in check_numbers(old, new, Settings())] == passed


def test_a_model_that_estimates_no_noise_leaves_nothing_to_compare() -> None:
    old, new = {"flagged": 5, "estimated_noise_rate": 0.02}, {"flagged": 0}
    assert all(finding.passed for finding in check_numbers(old, new, Settings()))


@pytest.mark.parametrize(("rows_left", "passed"), [(20, True), (19, True), (18, False), (0, False)])
def test_a_class_may_lose_its_share_of_rows(rows_left: int, passed: bool) -> None:
    old = pd.DataFrame({"label": ["a"] * 20 + ["b"] * 20})
    new = pd.DataFrame({"label": ["a"] * rows_left + [""] * (20 - rows_left) + ["b"] * 20})
    finding = check_classes(old, new, Settings())
    assert finding.passed is passed
    assert passed or f"class 'a': {rows_left} rows, 20 before" in finding.text


def test_decisions_pass_and_a_knob_that_changes_labels_does_not(released_copy: Clone) -> None:
    clone = released_copy
    printed = clone.labels("gate", "digits", "--base", "v1.0.0")
    assert "OK: 2 rows changed: 1 relabelled, 1 removed; " in printed
    assert printed.count("OK: ") == 4
    clone.set_param("find_issues", "budget", "8%")
    clone.set_param("clean", "undecided", "remove")
    clone.set_param("clean", "act_above", 0.0)
    clone.set_param("gate", "max_class_loss", 0.01)
    clone.repro()
    printed = clone.labels("gate", "digits", code=1)
    assert re.search(
        r"^FAILED: 1\d\d labels changed without a person's decision; .*\nid +from +to +by ", printed, re.MULTILINE
    )
    assert "(removed)  undecided: remove" in printed
    assert re.search(r"^… and \d\d more; `labels diff` names all$", printed, re.MULTILINE)
    assert "FAILED: 144 rows flagged, 18 before, at most 21 (gate.max_flagged_rise)" in printed
    assert "lost more rows than allowed, at most 1.0% (gate.max_class_loss)" in printed
    assert "'nope' is neither a released version" in clone.labels("gate", "digits", "--base", "nope", code=2)
    clone.set_param("gate", "max_noise_rise", -1)
    assert "digits.gate.max_noise_rise: -1 is not allowed" in clone.labels("gate", "digits", code=2)


def test_decisions_that_are_not_applied_are_named(released_copy: Clone) -> None:
    path = released_copy.path("data/digits/decisions.csv")
    with path.open("a") as file:
        file.write("8,8,keep,,ann\n129,8,undo,,ann\n")
    hint = "2 of the decisions in decisions.csv are not applied yet: run `dvc repro`"
    assert hint in released_copy.labels("gate", "digits", "--base", "main", code=2)
    assert hint in released_copy.labels("diff", "digits")
    with path.open("a") as file:
        file.write("8,8,remove,,bob\n")
    for command in ("gate", "diff"):
        printed = released_copy.labels(command, "digits", code=2)
        assert "holds a conflict on id '8'" in printed
        assert "Traceback" not in printed
