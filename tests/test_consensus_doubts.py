"""How many labels of several annotators are expected to be wrong: against Bayes' rule written out, and known truth."""

from dataclasses import replace

import numpy as np
import pytest

from stages.artifacts.annotations import OTHER, Annotations, vote
from stages.artifacts.trust import Worth
from stages.consensus import estimate
from stages.consensus.choice import find_consensus
from stages.consensus.doubts import doubt_consensus, expect, find_cells
from stages.find_issues.confident import describe_rows
from stages.find_issues.judge import Agreed, Judged, judge_rows
from stages.find_issues.settings import Settings
from stages.find_issues.worth import AGREED_SPREAD
from tests.annotators import simulate

N_ROWS = 800


def predict(truth: np.ndarray, n_classes: int, strength: float, seed: int = 0) -> np.ndarray:
    """Return the probabilities of a model, the better the stronger; of no strength it knows nothing."""
    scores = np.random.default_rng(seed + 100).normal(size=(len(truth), n_classes))
    scores[np.arange(len(truth)), truth] += strength
    probs: np.ndarray = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return probs.astype(np.float32)


def agree(said: Annotations, pred_probs: np.ndarray) -> tuple[np.ndarray, Agreed]:
    """Return the consensus, and what is known of it."""
    voted, _ = vote(said.rows, said.labels, said.n_rows)
    found = find_consensus(said, pred_probs, voted).estimate
    quality = found.distribution[np.arange(said.n_rows), found.labels].astype(float)
    return found.labels, Agreed(quality, doubt_consensus(said, pred_probs, found.labels).astype(float))


def judge(labels: np.ndarray, pred_probs: np.ndarray, agreed: Agreed | None) -> Judged:
    nobody, order = np.zeros(len(labels), dtype=bool), np.arange(len(labels))
    return judge_rows(labels, pred_probs, describe_rows(labels, pred_probs), nobody, order, Settings(), agreed=agreed)


@pytest.mark.parametrize("strength", [2.5, 1.5, 0.0])
@pytest.mark.parametrize("right", [[0.9, 0.8, 0.7, 0.6], [0.97] * 3, [0.6] * 6], ids=["mixed", "careful", "poor"])
@pytest.mark.parametrize("n_classes", [2, 10])
def test_as_many_are_expected_as_are_wrong(n_classes: int, right: list[float], strength: float) -> None:
    expected, wrong = 0.0, 0
    for seed in range(3):
        said, truth = simulate(np.random.default_rng(seed), N_ROWS, n_classes, right, gaps=0.4)
        pred_probs = predict(truth, n_classes, strength, seed)
        labels, agreed = agree(said, pred_probs)
        expected += np.nansum(agreed.doubts)
        wrong += int((labels != truth)[~np.isnan(agreed.doubts)].sum())
    assert (expected + 3) / (wrong + 3) == pytest.approx(1, abs=0.3)


def test_bayes_rule_over_all_classes() -> None:
    rng = np.random.default_rng(0)
    said, _ = simulate(rng, 100, 4, [0.9, 0.6, 0.3], gaps=0.3)
    labels, right = rng.integers(0, 4, 100), np.array([0.9, 0.6, 0.3])
    prior = rng.dirichlet(np.ones(4), 100)
    cells = find_cells(said, labels, 4)
    gains = np.bincount(cells.said, np.log(right * 3 / (1 - right))[said.annotators], len(cells.rows))
    probs, evidence = expect(cells.rows, prior[cells.rows, cells.classes], gains)
    # what each annotator says, by each class that the row may be of
    likelihood = np.where(
        said.labels[:, None] == np.arange(4), right[said.annotators, None], (1 - right[said.annotators, None]) / 3
    )
    full = np.log(prior)
    np.add.at(full, said.rows, np.log(likelihood))
    total = np.log(np.exp(full).sum(axis=1))
    assert probs == pytest.approx(np.exp(full - total[:, None])[cells.rows, cells.classes])
    # the factors that no class changes are left out
    alike = np.bincount(said.rows, np.log((1 - right) / 3)[said.annotators], 100)
    assert evidence == pytest.approx(total - alike)


def test_nothing_overflows_where_thousands_agree() -> None:
    probs, evidence = expect(np.array([0, 0, 1]), np.array([0.5, 0.5, 0.2]), np.array([5000.0, -5000.0, -5000.0]))
    assert probs.tolist() == [1, 0, 0]
    assert np.isfinite(evidence).all()


def test_rows_without_a_label_and_other_classes_and_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    said, truth = simulate(np.random.default_rng(0), 300, 3, [0.9, 0.8, 0.8])
    pred_probs = predict(truth, 3, 2.0)
    kept = said.rows % 50 != 0
    heard = np.where(said.rows % 7 == 1, OTHER, said.labels)[kept]
    said = replace(said, rows=said.rows[kept], annotators=said.annotators[kept], labels=heard)
    labels = np.where(np.arange(300) % 50 == 0, OTHER, truth)
    doubts = doubt_consensus(said, pred_probs, labels)
    assert np.isnan(doubts).tolist() == (labels == OTHER).tolist()
    assert doubts.dtype == np.float32
    monkeypatch.setattr(estimate, "BLOCK_CELLS", 28)
    assert doubt_consensus(said, pred_probs, labels).tolist() == pytest.approx(doubts.tolist(), nan_ok=True)


def test_the_count_is_that_of_annotators_and_model_and_not_of_the_model_alone() -> None:
    said, truth = simulate(np.random.default_rng(1), N_ROWS, 2, [0.6, 0.5, 0.4], gaps=0.5)
    pred_probs = predict(truth, 2, 1.5)
    labels, agreed = agree(said, pred_probs)
    wrong = int((labels != truth)[labels >= 0].sum())
    by_both, by_model = (judge(labels, pred_probs, each) for each in (agreed, None))
    assert by_both.prior.sum() == pytest.approx(np.nansum(agreed.doubts), rel=1e-2)
    assert by_both.prior.sum() == pytest.approx(wrong, rel=0.3)
    assert by_model.prior.sum() < 0.6 * wrong
    assert (np.diff(by_both.prior[by_both.ranked]) <= 0).all()
    assert by_both.trust.verdict != Worth.WORTHLESS
    assert by_both.trust.spread == AGREED_SPREAD


@pytest.mark.parametrize("seed", range(3))
def test_the_band_holds_the_truth_where_rows_are_hard_for_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, N_ROWS)
    # every second row is hard: annotators who err there take the same class, and the model does, too
    is_hard, tempting = np.arange(N_ROWS) % 2 == 0, (truth + 1) % 4
    right = np.where(is_hard, 0.65, 0.97)[:, None]
    labels = np.where(rng.random((N_ROWS, 3)) < right, truth[:, None], tempting[:, None])
    rows, annotators = (axis.ravel() for axis in np.indices(labels.shape))
    said = Annotations(rows, annotators, labels.ravel(), ["a", "b", "c"], N_ROWS)
    pred_probs = predict(np.where(is_hard & (rng.random(N_ROWS) < 0.4), tempting, truth), 4, 3.0, seed)
    consensus, agreed = agree(said, pred_probs)
    wrong = (consensus != truth).sum()
    judged = judge(consensus, pred_probs, agreed)
    _, expected, low, high = judged.tabulate_yield().iloc[-1]
    assert expected < wrong
    assert low <= wrong <= high
    assert any("Judging by what annotators said" in each for each in judged.trust.reasons)
    assert any("Judging by their neighbours" in each for each in judge(consensus, pred_probs, None).trust.reasons)
