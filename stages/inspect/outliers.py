"""Rows that lie apart from all others, by their distances to the nearest ones."""

import numpy as np
import pandas as pd
from cleanlab.datalab.internal.issue_manager.outlier import OutlierIssueManager
from cleanlab.internal.neighbor.knn_graph import DEFAULT_K
from cleanlab.internal.outlier import correct_precision_errors
from cleanlab.outlier import transform_distances_to_scores
from scipy.stats import iqr

# Datalab's: how many neighbours are looked at, and how far from the others a row is an outlier
NEIGHBOURS = DEFAULT_K
THRESHOLD = OutlierIssueManager.DEFAULT_THRESHOLDS["features"]
# a row is not apart for what rounding adds to its distance
ROUNDING = 1e-6


def average_distances(neighbours: np.ndarray, distances: np.ndarray, copies: np.ndarray) -> np.ndarray:
    """Return the mean distance of a row of each content to its nearest rows, of which its own copies are the nearest.

    Parameters
    ----------
    neighbours : ndarray of shape (m, k), int64
        The nearest other contents of each, the nearest first.
    distances : ndarray of shape (m, k)
        Their distances.
    copies : ndarray of shape (m,), int64
        How many rows have each content.
    """
    counted = np.concatenate([copies[:, None] - 1, copies[neighbours]], axis=1)
    reached = np.minimum(np.cumsum(counted, axis=1), NEIGHBOURS)
    averages: np.ndarray = (np.diff(reached, axis=1) * distances).sum(axis=1) / reached[:, -1]
    return averages


def flag_outliers(averages: np.ndarray, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """Score rows and flag those that are farther from their neighbours than Datalab's rule allows.

    Rows among copies of their own, whose distance is 0, count for nothing in what is usual; without them the rule
    and the scores are Datalab's.

    Parameters
    ----------
    averages : ndarray of shape (n,)
        Each row's mean distance to its nearest rows.
    metric : str
        ``euclidean`` or ``cosine``.

    Returns
    -------
    scores : ndarray of shape (n,)
        From 0, far from everything, to 1.
    flagged : ndarray of shape (n,), bool
    """
    usual = averages[averages > 0]
    if not len(usual):
        return np.ones(len(averages)), np.zeros(len(averages), dtype=bool)
    scores = transform_distances_to_scores(averages, t=1, scaling_factor=float(np.median(usual)))
    scores = correct_precision_errors(scores, averages, metric)
    limit = np.percentile(usual, 75) + (1 / THRESHOLD - 1) * iqr(usual)
    return scores, averages > limit * (1 + ROUNDING)


def tabulate_outliers(ids: pd.Series, given: np.ndarray, scores: np.ndarray, flagged: np.ndarray) -> pd.DataFrame:
    """Make the table of flagged rows, worst first: id, given_label, score."""
    table = pd.DataFrame({"id": ids, "given_label": given, "score": scores})[flagged]
    return table.sort_values("score", kind="stable")
