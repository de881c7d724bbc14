"""Ranks and flags rows as `find_issues` does."""

import numpy as np

from stages.find_issues.confident import describe_rows
from stages.find_issues.doubts import count_votes
from stages.find_issues.judge import Judged, judge_rows
from stages.find_issues.settings import Settings
from stages.find_issues.votes import Neighbours


def judge(
    labels: np.ndarray,
    pred_probs: np.ndarray,
    settings: Settings,
    neighbours: Neighbours | None = None,
    found: np.ndarray | None = None,
) -> Judged:
    """Judge n rows by their labels, (n,) int64, and the probabilities, (n, K) float32.

    ``neighbours`` are those of each row, if they are known; ``found`` is what people found of each, (n,) float64: 1
    wrong, 0 right, NaN where nobody has decided.
    """
    rows, nobody, order = describe_rows(labels, pred_probs), np.zeros(len(labels), dtype=bool), np.arange(len(labels))
    votes = count_votes(neighbours, labels, rows, pred_probs.shape[1]) if neighbours else None
    return judge_rows(labels, pred_probs, rows, nobody, order, settings, votes, found)
