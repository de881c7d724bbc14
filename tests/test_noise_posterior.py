"""The score that knows how labels go wrong: where it helps, where it keeps out, and what must not change it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata
from sklearn.metrics import average_precision_score

import stages.find_issues.blocks as blocks
from stages.find_issues.confident import describe_rows
from stages.find_issues.evidence import Evidence, gather_evidence
from stages.find_issues.judge import Judged, judge_rows
from stages.find_issues.noise_weight import MOST_WEIGHT, expect_faults, measure_one_way, weigh_counts
from stages.find_issues.scores.noise_posterior import estimate_noise_odds, score_posterior
from stages.find_issues.settings import Settings

N_CLASSES = 5


def judge(labels: np.ndarray, pred_probs: np.ndarray) -> Judged:
    rows = describe_rows(labels, pred_probs)
    return judge_rows(labels, pred_probs, rows, np.zeros(len(labels), dtype=bool), np.arange(len(labels)), Settings())


def gather(labels: np.ndarray, pred_probs: np.ndarray) -> Evidence:
    return gather_evidence(labels, pred_probs, describe_rows(labels, pred_probs))


def draw_noisy(seed: int, n_rows: int, share: float, pairs: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels, some flipped; probabilities of a network that has learnt that some are; and which were flipped.

    The first ``pairs`` classes are each taken for the next one, or with 0 any class for any other.
    """
    rng = np.random.default_rng(seed)
    true = rng.integers(0, N_CLASSES, n_rows)
    flipped = rng.random(n_rows) < share * (N_CLASSES / pairs if pairs else 1)
    if pairs:
        flipped &= true < pairs
    other = (true + (1 if pairs else rng.integers(1, N_CLASSES, n_rows))) % N_CLASSES
    logits = rng.normal(0, 1.5, (n_rows, N_CLASSES)) + 5 * np.eye(N_CLASSES)[true]
    if pairs:
        logits += 3.5 * np.eye(N_CLASSES)[(true + 1) % N_CLASSES] * (true < pairs)[:, None]
    pred_probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return np.where(flipped, other, true), pred_probs.astype(np.float32), flipped


noise = st.tuples(st.integers(0, 1000), st.integers(50, 400), st.sampled_from([0.05, 0.1]), st.sampled_from([0, 1, 3]))


@pytest.mark.parametrize("pairs", [1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_it_finds_more_where_classes_are_taken_for_others(seed: int, pairs: int) -> None:
    labels, pred_probs, flipped = draw_noisy(seed, 2000, 0.08, pairs)
    judged = judge(labels, pred_probs)
    plain = average_precision_score(flipped, -judged.rows.given_prob)
    assert average_precision_score(flipped, -judged.scores) > plain + 0.01


def test_confusions_that_go_one_way_weigh_more_than_a_models_own_which_go_both_ways() -> None:
    one_way, both_ways = (np.diag([500] * 6) for _ in range(2))
    one_way[0, 1], both_ways[0, 1], both_ways[1, 0] = 60, 31, 29
    assert measure_one_way(one_way) > 0.9
    assert measure_one_way(both_ways) == 0
    assert weigh_counts(one_way, 0.5) > 4 * weigh_counts(both_ways, 0.5) > 0
    assert weigh_counts(one_way, 0.5) == weigh_counts(one_way.T, 0.5)
    # what is no fault of the labels has no weight
    assert weigh_counts(one_way, 0) == 0


@pytest.mark.parametrize("mean", [0.3, 2, 20])
def test_what_chance_makes_one_sided_has_hardly_any_weight(mean: float) -> None:
    rng = np.random.default_rng(0)
    found = [measure_one_way(rng.poisson(mean, (8, 8))) for _ in range(200)]
    assert np.mean(np.array(found) > 0) < 0.08
    assert max(found) < 0.15


@pytest.mark.parametrize("seed", range(3))
def test_it_is_self_confidence_to_the_last_bit_under_uniform_noise(seed: int) -> None:
    labels, pred_probs, _ = draw_noisy(seed, 2000, 0.08, 0)
    judged = judge(labels, pred_probs)
    np.testing.assert_array_equal(judged.scores, judged.rows.given_prob)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("no errors at all", np.diag([500, 400, 300])),
        ("a single one", np.diag([500, 400, 300]) + np.eye(3, k=1, dtype=int) * [[1], [0], [0]]),
        ("a few, here and there", np.diag([60] * 10) + np.eye(10, k=1, dtype=int) + np.eye(10, k=-3, dtype=int)),
        ("two classes, alike", np.array([[300, 20], [20, 300]])),
        ("as chance has it", np.full((4, 4), 10) + np.diag([300] * 4)),
        ("nothing confident", np.zeros((3, 3), dtype=int)),
        ("one class", np.array([[7]])),
    ],
)
def test_thin_evidence_has_no_weight(name: str, counts: np.ndarray) -> None:
    assert weigh_counts(counts, 1.0) == 0, name
    assert (estimate_noise_odds(counts, 0.0) == 1).all(), name


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("one pair of ten classes", np.diag([1000] * 10) + np.eye(10, k=1, dtype=int) * 40 * (np.arange(10) == 3)),
        ("one way of two classes", np.array([[300, 0], [40, 300]])),
        ("labels that are mostly wrong", np.array([[10, 0, 90], [90, 10, 0], [0, 90, 10]])),
        ("a class that nothing is confidently of", np.array([[300, 50, 0], [0, 300, 0], [20, 0, 0]])),
        ("a thousand classes", np.diag([30] * 1000) + np.eye(1000, k=1, dtype=int) * 4 * (np.arange(1000) % 7 == 0)),
    ],
)
def test_plain_evidence_has_weight_and_the_odds_are_finite(name: str, counts: np.ndarray) -> None:
    weight = weigh_counts(counts, 0.5)
    assert 0 < weight < weigh_counts(counts, 0.6) <= MOST_WEIGHT, name
    odds = estimate_noise_odds(counts, weight)
    assert np.isfinite(odds).all(), name
    assert (odds >= 0).all(), name
    np.testing.assert_allclose(odds.diagonal(), 1)


@settings(deadline=None, max_examples=12)
@given(noise, st.integers(0, 1000))
def test_permuted_rows_score_alike(drawn: tuple[int, int, float, int], seed: int) -> None:
    labels, pred_probs, _ = draw_noisy(*drawn)
    order = np.random.default_rng(seed).permutation(len(labels))
    judged, permuted = judge(labels, pred_probs), judge(labels[order], pred_probs[order])
    np.testing.assert_array_equal(permuted.scores, judged.scores[order])
    np.testing.assert_allclose(permuted.error_prob, judged.error_prob[order], atol=1e-4)


@settings(deadline=None, max_examples=12)
@given(noise, st.permutations(range(N_CLASSES)))
def test_permuted_classes_score_alike(drawn: tuple[int, int, float, int], order: list[int]) -> None:
    labels, pred_probs, _ = draw_noisy(*drawn)
    judged = judge(labels, pred_probs)
    permuted = judge(np.argsort(order)[labels], pred_probs[:, order])
    np.testing.assert_allclose(permuted.scores, judged.scores, rtol=1e-4)
    np.testing.assert_allclose(permuted.error_prob, judged.error_prob, atol=1e-3)


@settings(deadline=None, max_examples=12)
@given(noise, st.integers(0, N_CLASSES))
def test_an_empty_class_changes_nothing(drawn: tuple[int, int, float, int], place: int) -> None:
    labels, pred_probs, _ = draw_noisy(*drawn)
    judged = judge(labels, pred_probs)
    more = judge(labels + (labels >= place), np.insert(pred_probs, place, 0, axis=1))
    np.testing.assert_allclose(more.scores, judged.scores, rtol=1e-5)
    np.testing.assert_allclose(more.error_prob, judged.error_prob, atol=1e-4)


@settings(deadline=None, max_examples=12)
@given(noise)
def test_a_data_set_given_twice_has_more_evidence_and_the_same_errors(drawn: tuple[int, int, float, int]) -> None:
    labels, pred_probs, _ = draw_noisy(*drawn)
    judged, twice = judge(labels, pred_probs), judge(np.tile(labels, 2), np.tile(pred_probs, (2, 1)))
    first, second = np.split(twice.scores, 2)
    np.testing.assert_array_equal(first, second)
    evidence = gather(labels, pred_probs)
    odds = estimate_noise_odds(evidence.counts, weigh_counts(evidence.counts, expect_faults(evidence)))
    scored = score_posterior(np.tile(labels, 2), np.tile(pred_probs, (2, 1)), np.tile(judged.rows.given_prob, 2), odds)
    np.testing.assert_array_equal(scored, np.tile(judged.scores, 2))
    # twice the counts may weigh more; where they weigh nothing before and after, nothing changes
    if all((each.scores == each.rows.given_prob).all() for each in (judged, twice)):
        np.testing.assert_array_equal(rankdata(first), rankdata(judged.scores))
        assert twice.error_prob.sum() == pytest.approx(2 * judged.error_prob.sum(), abs=1.5)


def test_in_blocks_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    labels, pred_probs, _ = draw_noisy(0, 500, 0.1, 1)
    whole = judge(labels, pred_probs)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 100 * N_CLASSES)
    np.testing.assert_array_equal(judge(labels, pred_probs).scores, whole.scores)
