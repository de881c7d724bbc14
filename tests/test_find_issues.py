"""Flags and ranks are cleanlab's, in an order that ties do not shake."""

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from hypothesis import given
from hypothesis import strategies as st

from stages.command import InputError
from stages.find_issues import FilterBy, RankBy, Settings, budget_rows, describe_rows, flag_rows
from tests.conftest import Clone


@pytest.fixture(scope="module")
def noisy() -> tuple[np.ndarray, np.ndarray]:
    """Labels of 600 rows in 4 classes, 30 of them flipped, and probabilities that mostly know the true ones."""
    rng = np.random.default_rng(3)
    true = rng.integers(0, 4, 600)
    pred_probs = rng.dirichlet(np.full(4, 0.3), 600) * 0.4 + 0.6 * np.eye(4)[true]
    flipped = rng.choice(600, 30, replace=False)
    labels = true.copy()
    labels[flipped] = (labels[flipped] + 1) % 4
    return labels, pred_probs.astype(np.float32)


@pytest.mark.parametrize("filter_by", get_args(FilterBy))
@pytest.mark.parametrize("rank_by", get_args(RankBy))
def test_flags_and_their_order_are_cleanlabs(
    noisy: tuple[np.ndarray, np.ndarray], filter_by: FilterBy, rank_by: RankBy
) -> None:
    labels, pred_probs = noisy
    scores = get_label_quality_scores(labels, pred_probs, method=rank_by)
    flagged = flag_rows(labels, pred_probs, scores, Settings(filter_by=filter_by, rank_by=rank_by))
    expected = find_label_issues(labels, pred_probs, filter_by=filter_by, return_indices_ranked_by=rank_by, n_jobs=1)
    assert list(flagged) == list(expected)
    assert len(flagged) > 0


def test_equal_scores_stay_in_the_order_of_rows(noisy: tuple[np.ndarray, np.ndarray]) -> None:
    labels, pred_probs = noisy
    flagged = flag_rows(labels, pred_probs, np.zeros(600), Settings(budget=50))
    assert list(flagged) == list(range(50))


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_a_budget_in_rows_is_kept_or_refused(budget: int, n_rows: int) -> None:
    if budget <= n_rows:
        assert budget_rows(budget, n_rows) == budget
    else:
        with pytest.raises(InputError, match=r"find_issues.budget: [\d,]+ is more than the [\d,]+ rows; lower it"):
            budget_rows(budget, n_rows)


@pytest.mark.parametrize(
    ("budget", "n_rows", "rows"),
    [("7%", 100, 7), ("7 %", 100, 7), ("2%", 70000, 1400), ("0.1%", 70, 1), ("100%", 9, 9), ("33.4%", 3, 2)],
)
def test_a_budget_in_percent_is_rounded_up_to_rows(budget: str, n_rows: int, rows: int) -> None:
    assert budget_rows(budget, n_rows) == rows


def test_every_row_is_described() -> None:
    pred_probs = np.array([[0.7, 0.3], [0.2, 0.8]])
    quality = describe_rows(pd.Series(["x", "y"]), np.array([1, 1]), pred_probs, np.array([0.3, 0.8]), ["no", "yes"])
    assert quality.to_numpy().tolist() == [
        ["x", "yes", "no", 0.3, 0.3, 0.7],
        ["y", "yes", "yes", 0.8, 0.8, 0.8],
    ]
    assert list(quality) == ["id", "given_label", "suggested_label", "label_quality", "given_prob", "suggested_prob"]


def test_the_stage_leaves_figures_that_agree(shared_clone: Clone) -> None:
    folder = shared_clone.path("data/digits")
    quality = pd.read_csv(folder / "quality/label_quality.csv")
    issues = pd.read_csv(folder / "issues.csv")
    classes = pd.read_csv(folder / "quality/classes.csv")
    assert len(quality) == 1797
    assert len(issues) == 18
    assert issues["label_quality"].is_monotonic_increasing
    assert issues["label_quality"].max() <= quality.loc[~quality["id"].isin(issues["id"]), "label_quality"].min()
    assert classes["rows"].sum() == 1797
    assert classes["flagged"].sum() == 18
    joint, noise, inverse = (
        pd.read_csv(folder / f"quality/{name}.csv").iloc[:, 1:].to_numpy()
        for name in ("joint", "noise_matrix", "inverse_noise_matrix")
    )
    assert joint.sum() == pytest.approx(1, abs=1e-4)
    np.testing.assert_allclose(noise.sum(axis=0), 1, atol=1e-4)
    np.testing.assert_allclose(inverse.sum(axis=0), 1, atol=1e-4)
    np.testing.assert_allclose(noise, joint / joint.sum(axis=0), atol=1e-4)


def test_flipped_labels_of_real_digits_are_flagged(clone: Clone, edit_labels: Callable[[Path], set[int]]) -> None:
    clone.set_param("fetch", "sha256", None)
    flipped = edit_labels(clone.path("data/digits/prepared/labels.npy"))
    clone.set_param("find_issues", "budget", None)
    for name in ("crossval_predict", "find_issues"):
        clone.stage(name)
    flagged = set(pd.read_csv(clone.path("data/digits/issues.csv"))["id"])
    assert len(flagged & flipped) >= 0.9 * len(flipped)
    assert len(flagged & flipped) >= 0.8 * len(flagged)


@pytest.fixture
def edit_labels() -> Callable[[Path], set[int]]:
    """Flip 54 labels, 3 %, of the prepared digits and return the ids."""

    def flip(path: Path) -> set[int]:
        rng = np.random.default_rng(0)
        labels = np.load(path)
        rows = rng.choice(len(labels), 54, replace=False)
        labels[rows] = (labels[rows] + rng.integers(1, 10, 54)) % 10
        path.unlink()
        np.save(path, labels)
        return set(rows.tolist())

    return flip
