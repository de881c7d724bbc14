"""How many of a model's disagreements with the labels are the labels' fault, by what speaks for either."""

import numpy as np
import pytest

from benchmarks import judging
from stages.artifacts.trust import Worth
from stages.find_issues.confident import describe_rows
from stages.find_issues.doubts import Votes, count_votes, doubt_labels
from stages.find_issues.evidence import gather_evidence
from stages.find_issues.judge import Judged
from stages.find_issues.settings import Settings
from stages.find_issues.votes import Neighbours
from tests.data_sets import make_neighbours

N_ROWS, N_CLASSES = 2000, 5


def draw_strong(share: float, seed: int, mistakes: float = 0.01) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return true classes, labels of which a share is wrong, and a model that is mistaken on few rows, less surely."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, N_CLASSES, N_ROWS)
    labels = np.where(rng.random(N_ROWS) < share, (true + rng.integers(1, N_CLASSES, N_ROWS)) % N_CLASSES, true)
    mistaken = rng.random(N_ROWS) < mistakes
    logits = rng.normal(0, 1, (N_ROWS, N_CLASSES)) + np.where(mistaken, 1, 6)[:, None] * np.eye(N_CLASSES)[true]
    exp = np.exp(logits)
    return true, labels, (exp / exp.sum(axis=1, keepdims=True)).astype(np.float32)


def judge(labels: np.ndarray, pred_probs: np.ndarray, neighbours: Neighbours | None) -> Judged:
    return judging.judge(labels, pred_probs, Settings(), neighbours)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("share", "compared"),
    [(0.03, True), (0.05, True), (0.1, True), (0.2, True), (0.3, True), (0.03, False), (0.05, False), (0.1, False)],
)
def test_a_strong_model_expects_about_as_many_errors_as_there_are(share: float, seed: int, compared: bool) -> None:
    true, labels, pred_probs = draw_strong(share, seed)
    judged = judge(labels, pred_probs, make_neighbours(true) if compared else None)
    assert judged.trust.verdict == Worth.GOOD
    n_errors = (labels != true).sum()
    assert 0.67 < judged.prior.sum() / n_errors < 1.5
    assert 0.67 < judged.error_prob[~judged.rows.agrees].sum() / n_errors < 1.5
    last = judged.tabulate_yield().iloc[-1]
    assert last["low"] <= n_errors <= last["high"]


@pytest.mark.parametrize("share", [0.03, 0.1, 0.3])
def test_nearly_all_errors_are_flagged_however_many_there_are(share: float) -> None:
    true, labels, pred_probs = draw_strong(share, 0)
    flagged, wrong = judge(labels, pred_probs, make_neighbours(true)).flagged, labels != true
    assert flagged[wrong].mean() > 0.95
    assert wrong[flagged].mean() > 0.9


@pytest.mark.parametrize("mistakes", [0.1, 0.3])
def test_of_a_weak_model_few_disagreements_are_expected_to_be_errors(mistakes: float) -> None:
    true, labels, pred_probs = draw_strong(0.03, 0, mistakes)
    judged = judge(labels, pred_probs, make_neighbours(true))
    doubted = ~judged.rows.agrees
    wrong = (labels != true)[doubted].mean()
    assert judged.prior[doubted].mean() < min(0.4, 4 * wrong)


def draw_one_way(way: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return true classes, labels, and a model that sees class 1 in 40 % of what is labelled 0.

    Either people labelled 40 % of class 1 as 0, and the model has learnt some of that, or it confuses the two classes.
    """
    rng = np.random.default_rng(0)
    true = rng.integers(0, 10, N_ROWS)
    mixed = (true == 1) & (rng.random(N_ROWS) < 0.4) if way == "labels" else (true < 2) & (rng.random(N_ROWS) < 0.4)
    labels = np.where(mixed, 0, true) if way == "labels" else true
    seen = np.where(mixed & (way == "model"), 1 - true, true)
    logits = rng.normal(0, 0.3, (N_ROWS, 10)) + 8 * np.eye(10)[seen]
    # as sure of the other class as so many of its labels allow
    between = np.flatnonzero(true == 1 if way == "labels" else mixed)
    logits[between, 1 - seen[between]] += 7.6
    exp = np.exp(logits)
    return true, labels, (exp / exp.sum(axis=1, keepdims=True)).astype(np.float32)


def test_a_class_that_is_often_labelled_as_one_other_is_found_though_model_and_neighbours_have_learnt_it() -> None:
    true, labels, pred_probs = draw_one_way("labels")
    flagged, wrong = judge(labels, pred_probs, make_neighbours(true)).flagged, labels != true
    assert flagged[wrong].mean() > 0.85
    assert wrong[flagged].mean() > 0.85


def test_two_classes_that_the_model_confuses_are_not_taken_for_wrong_labels() -> None:
    true, labels, pred_probs = draw_one_way("model")
    judged = judge(labels, pred_probs, make_neighbours(true))
    assert (~judged.rows.agrees).sum() > 100
    assert judged.flagged.sum() < 5


def test_a_row_without_neighbours_is_judged_as_the_others_are() -> None:
    true, labels, pred_probs = draw_strong(0.05, 0)
    rows, near = describe_rows(labels, pred_probs), make_neighbours(true)
    votes = count_votes(near, labels, rows, N_CLASSES)
    none = np.arange(N_ROWS) % 4 == 0
    some = Votes(*(np.where(none, np.nan, column) for column in vars(votes).values()))
    evidence = gather_evidence(labels, pred_probs, rows)
    doubted = ~rows.agrees
    all_told, told = (doubt_labels(evidence, each)[doubted].mean() for each in (votes, some))
    assert told == pytest.approx(all_told, rel=0.1)
    alone = doubt_labels(evidence, Votes(*(np.where(doubted, np.nan, column) for column in vars(votes).values())))
    assert alone[doubted].mean() < all_told


def test_few_errors_are_expected_where_there_are_few() -> None:
    true, labels, pred_probs = draw_strong(0.02, 0)
    judged = judge(labels, pred_probs, make_neighbours(true))
    assert judged.error_prob.sum() < 1.5 * (labels != true).sum()


@pytest.mark.parametrize("seed", range(3))
def test_far_fewer_are_expected_where_neighbours_are_labelled_alike(seed: int) -> None:
    true, labels, pred_probs = draw_strong(0.05, seed)
    doubting, agreeing = (judge(labels, pred_probs, make_neighbours(like)) for like in (true, labels))
    disagrees = ~doubting.rows.agrees
    for of in ("prior", "error_prob"):
        alike, unlike = getattr(agreeing, of), getattr(doubting, of)
        assert alike[disagrees].sum() < unlike[disagrees].sum() / 2
        assert alike.sum() < 0.8 * unlike.sum()


def test_a_row_is_doubted_less_if_its_neighbours_are_labelled_as_it_is() -> None:
    true, labels, pred_probs = draw_strong(0.05, 0)
    rows, by_truth = describe_rows(labels, pred_probs), make_neighbours(true)
    evidence = gather_evidence(labels, pred_probs, rows)
    row = np.flatnonzero(evidence.off_diagonal)[0]
    nearest = by_truth.nearest.copy()
    nearest[row] = np.flatnonzero(labels == labels[row])[:10]
    before, after = (
        doubt_labels(evidence, count_votes(near, labels, rows, N_CLASSES))
        for near in (by_truth, Neighbours(nearest, by_truth.contents))
    )
    assert after[row] < before[row] / 2


def test_what_the_model_agrees_with_is_hardly_doubted() -> None:
    _, labels, pred_probs = draw_strong(0.05, 0)
    rows = describe_rows(labels, pred_probs)
    evidence = gather_evidence(labels, pred_probs, rows)
    doubts = doubt_labels(evidence, count_votes(make_neighbours(labels), labels, rows, N_CLASSES))
    assert doubts[rows.agrees].max() < doubts[~rows.agrees].mean()
    assert (doubts >= 0).all()


def test_a_model_that_agrees_with_every_label_doubts_none() -> None:
    labels = np.arange(N_ROWS) % N_CLASSES
    judged = judge(labels, (0.1 + 0.5 * np.eye(N_CLASSES)[labels]).astype(np.float32), make_neighbours(labels))
    assert judged.prior.max() == 0
    assert judged.error_prob.max() < 1e-3
