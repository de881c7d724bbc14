"""Whether a model may judge: good, weak or worthless, and what people's verdicts make of that."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from benchmarks import judging
from stages.artifacts.trust import Worth
from stages.find_issues.judge import Judged
from stages.find_issues.settings import Settings
from stages.find_issues.votes import Neighbours
from stages.find_issues.worth import find_jumps, find_unlearnt
from tests.data_sets import make_neighbours


def judge(
    labels: np.ndarray, pred_probs: np.ndarray, neighbours: Neighbours | None = None, wrong: np.ndarray | None = None
) -> Judged:
    return judging.judge(labels, pred_probs, Settings(), neighbours, wrong)


def predict(classes: np.ndarray, n_classes: int, seed: int, sure: float = 0.9) -> np.ndarray:
    """Return the probabilities of a model that sees each row in a class, about as sure of each."""
    noise = np.random.default_rng(seed).dirichlet(np.ones(n_classes), len(classes))
    pred_probs: np.ndarray = sure * np.eye(n_classes)[classes] + (1 - sure) * noise
    return pred_probs.astype(np.float32)


def draw_weak(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels of 700 rows in ten classes, and a model that is right on .64 of them, as sure of the others."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, 700)
    seen = np.where(rng.random(700) < 0.64, labels, (labels + rng.integers(1, 10, 700)) % 10)
    return labels, predict(seen, 10, seed)


def draw_good(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the true classes of 1,000 rows, their labels, 60 of them wrong, and a model that knows the classes."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 5, 1000)
    wrong = np.isin(np.arange(1000), rng.choice(1000, 60, replace=False))
    return true, np.where(wrong, (true + 1) % 5, true), predict(true, 5, seed)


def decide(judged: Judged, count: int, wrong: bool) -> np.ndarray:
    """Return the verdicts of a person who finds so many of the worst rows all wrong, or all right."""
    found = np.full(len(judged.labels), np.nan)
    found[judged.ranked[:count]] = wrong
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.2,) * 5, (0.7, 0.2, 0.1), (0.9, 0.1)])
@pytest.mark.parametrize("n_rows", [100, 1000])
def test_random_labels_make_a_model_worthless(n_rows: int, shares: Sequence[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, seen = (rng.choice(len(shares), n_rows, p=shares) for _ in range(2))
    judged = judge(labels, predict(seen, len(shares), seed, sure=0.5))
    assert judged.trust.verdict == Worth.WORTHLESS
    assert not judged.flagged.any()
    assert np.isnan(judged.error_prob).all()
    assert judged.tabulate_yield().empty
    assert "no more than chance can do" in judged.trust.reasons[0]


@pytest.mark.parametrize("majority", [0, 1])
def test_a_model_that_always_says_the_same_is_worthless(majority: int) -> None:
    labels = np.where(np.arange(400) % 10 == 0, 1 - majority, majority)
    assert judge(labels, predict(np.full(400, majority), 2, 0)).trust.verdict == Worth.WORTHLESS


@pytest.mark.parametrize(("n_rows", "n_classes"), [(31, 2), (31, 3), (60, 6), (1000, 10)])
def test_a_model_that_agrees_with_all_labels_is_good(n_rows: int, n_classes: int) -> None:
    labels = np.arange(n_rows) % n_classes
    trust = judge(labels, predict(labels, n_classes, 0)).trust
    assert trust.verdict == Worth.GOOD
    assert trust.advice == []


def test_a_model_that_finds_flipped_labels_is_good() -> None:
    true, labels, pred_probs = draw_good()
    judged = judge(labels, pred_probs, make_neighbours(true))
    assert judged.trust.verdict == Worth.GOOD
    assert set(np.flatnonzero(judged.flagged)) == set(np.flatnonzero(labels != true))


@pytest.mark.parametrize(("n_contradicted", "verdict"), [(1, Worth.GOOD), (15, Worth.GOOD), (100, Worth.WEAK)])
def test_few_contradictions_do_not_make_a_nearly_always_right_model_weak(n_contradicted: int, verdict: Worth) -> None:
    labels = np.arange(20000) % 10
    contradicted = np.arange(20000) < n_contradicted
    pred_probs = predict(labels, 10, 0)
    pred_probs[contradicted] = predict((labels[contradicted] + 1) % 10, 10, 0, sure=0.999)
    trust = judge(labels, pred_probs, make_neighbours(labels)).trust
    assert trust.verdict == verdict
    rows = "1 row" if n_contradicted == 1 else f"{n_contradicted} rows"
    told = ", too few to judge it by." if verdict == Worth.GOOD else ". Judging by their neighbours, "
    assert f"It confidently sees {rows} in another class{told}" in " ".join(trust.reasons)


def test_a_model_that_contradicts_a_third_of_the_labels_is_weak() -> None:
    labels, pred_probs = draw_weak()
    for neighbours in (None, make_neighbours(labels)):
        judged = judge(labels, pred_probs, neighbours)
        assert judged.trust.verdict == Worth.WEAK
        assert judged.trust.measures["confident_disagreements"] > 200
        assert any("Decide on the spread rows" in advice for advice in judged.trust.advice)
        assert (judged.tabulate_yield()["low"] == 0).all()


def test_a_class_of_few_rows_is_named() -> None:
    labels, pred_probs = draw_weak()
    labels, pred_probs = (array[(labels > 0) | (np.arange(700) < 100)] for array in (labels, pred_probs))
    smallest = np.bincount(labels)[0]
    assert f"Add rows: the smallest class has {smallest}." in judge(labels, pred_probs).trust.advice


def test_verdicts_on_its_contradictions_make_a_model_good() -> None:
    # 30 % of the labels are wrong, and the model knows all of them
    rng = np.random.default_rng(0)
    true = rng.integers(0, 10, 700)
    labels = np.where(rng.random(700) < 0.3, (true + rng.integers(1, 10, 700)) % 10, true)
    before = judge(labels, predict(true, 10, 0))
    assert before.trust.verdict == Worth.WEAK
    after = judge(labels, predict(true, 10, 0), wrong=decide(before, 40, wrong=True))
    assert after.trust.verdict == Worth.GOOD
    assert "what people found" in after.trust.reasons[1]
    assert after.tabulate_yield()["low"].iloc[-1] >= 40


def test_verdicts_on_its_contradictions_make_a_model_weak() -> None:
    true, labels, pred_probs = draw_good()
    neighbours = make_neighbours(true)
    before = judge(labels, pred_probs, neighbours)
    assert before.trust.verdict == Worth.GOOD
    after = judge(labels, pred_probs, neighbours, decide(before, 40, wrong=False))
    assert after.trust.verdict == Worth.WEAK
    assert np.nansum(after.error_prob) < np.nansum(before.error_prob) / 2


@pytest.mark.parametrize("wrong", [False, True])
def test_no_verdict_makes_guesses_worth_anything(wrong: bool) -> None:
    rng = np.random.default_rng(0)
    labels, seen = rng.integers(0, 2, (2, 200))
    before = judge(labels, predict(seen, 2, 0))
    assert judge(labels, predict(seen, 2, 0), wrong=decide(before, 40, wrong)).trust.verdict == Worth.WORTHLESS


@pytest.mark.parametrize(
    ("losses", "named"),
    [
        ([[2.3, 1.0, 0.5]], ""),
        ([[2.3, 2.9, 0.5]], ""),
        ([[2.3, 1.0, 7.7], [2.3, 1.0, 0.5]], "Training jumped in 1 of 2 folds, up to a loss of 7.7: "),
        ([[2.0, 3.1], [2.0, 12.0]], "Training jumped in 2 of 2 folds, up to a loss of 12: "),
    ],
)  # fmt: skip
def test_training_that_jumps_is_named(losses: list[list[float]], named: str) -> None:
    curves = pd.DataFrame(
        [
            {"repeat": "1", "fold": str(fold + 1), "epoch": str(epoch + 1), "train_loss": str(loss)}
            for fold, of_fold in enumerate(losses)
            for epoch, loss in enumerate(of_fold)
        ]
    )
    assert find_jumps(curves) == (named and f"{named}lower `crossval_predict.lr`.")


def test_models_without_curves_have_not_jumped() -> None:
    assert find_jumps(pd.DataFrame(columns=["repeat", "fold", "epoch", "train_loss"])) == ""


@pytest.mark.parametrize(
    ("right", "flagged", "said"),
    [
        (2, [*range(60, 80)], "'rare': it sees 2 of its 20 rows. 20 of the 20 flagged rows are of such classes"),
        # half of the flagged rows, of which it is said
        (0, [*range(10), *range(70, 80)], "'rare': it sees 0 of its 20 rows. 10 of the 20 flagged rows are of such"),
        # the class is learnt; the flagged rows are others; nothing is flagged
        (3, [*range(63, 80)], ""),
        (0, [*range(20), *range(70, 80)], ""),
        (0, [], ""),
    ],
)
def test_a_class_that_is_hardly_learnt_is_named(right: int, flagged: list[int], said: str) -> None:
    labels = np.where(np.arange(80) < 60, np.arange(80) % 2, 2)
    suggested = np.where(np.arange(80) < 60 + right, labels, 0)
    named = find_unlearnt(labels, suggested, np.isin(np.arange(80), flagged), ["cat", "dog", "rare", "none"])
    assert said in named
    assert bool(named) == bool(said)
