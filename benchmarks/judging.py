"""Ranks and flags rows as `find_issues` does, if nothing is known of their neighbours and nobody has decided."""

import numpy as np

from stages.find_issues.confident import describe_rows
from stages.find_issues.judge import Judged, judge_rows
from stages.find_issues.settings import Settings


def judge(labels: np.ndarray, pred_probs: np.ndarray, settings: Settings) -> Judged:
    """Judge n rows by their labels, (n,) int64, and the probabilities, (n, K) float32."""
    nobody, order = np.zeros(len(labels), dtype=bool), np.arange(len(labels))
    return judge_rows(labels, pred_probs, describe_rows(labels, pred_probs), nobody, order, settings)
