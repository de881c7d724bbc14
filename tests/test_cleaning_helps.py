"""The benchmark of cleaning trains on what it says, and tests on rows that nothing else has seen."""

import numpy as np
import pytest

from benchmarks.cleaning_helps import REMOVED, clean, split_rows
from stages.flip.noise import flip_uniformly


@pytest.mark.parametrize("share", [0.05, 0.1])
def test_flagged_rows_are_removed_or_relabelled_and_no_other_is_touched(share: float) -> None:
    true = np.arange(500) % 10
    given, flipped = flip_uniformly(true, 10, share, seed=0)
    assert flipped.sum() == (given != true).sum() == share * 500
    sure = np.arange(500) % 3 > 0
    pred_probs = np.full((500, 10), 0.005, np.float32)
    pred_probs[np.arange(500), true] = 0.955
    pred_probs[~sure] = pred_probs[~sure] / 2 + 0.05
    flagged, cleaned = clean("digits", given, pred_probs)
    assert 0 < flagged.sum() <= flipped.sum()
    assert flipped[flagged].all()
    np.testing.assert_array_equal(cleaned["remove"], np.where(flagged, REMOVED, given))
    np.testing.assert_array_equal(cleaned["relabel"], np.where(flagged, np.where(sure, true, REMOVED), given))


def test_a_third_of_every_class_is_kept_for_the_test_anew_for_each_seed() -> None:
    labels = np.arange(300) % 10
    splits = [split_rows("digits", labels, seed) for seed in (0, 1)]
    for training, test in splits:
        assert sorted(np.append(training, test)) == list(range(300))
        assert list(np.bincount(labels[test])) == [10] * 10
    assert set(splits[0][1]) != set(splits[1][1])


def test_mnist_is_tested_on_its_own_last_rows() -> None:
    training, test = split_rows("mnist", np.zeros(70_000, np.int64), 3)
    assert list(training) == list(range(60_000))
    assert list(test) == list(range(60_000, 70_000))
