"""What scores and flag rules decide by."""

from dataclasses import dataclass

import numpy as np

from stages.find_issues.blocks import PredProbs
from stages.find_issues.confident import NONE, Rows, calibrate_joint, count_confident, find_confident_classes


@dataclass(frozen=True)
class Evidence:
    """What the labels and the probabilities say of m rows in K classes.

    Attributes
    ----------
    labels : ndarray of shape (m,), int64
        What each was trained as, from 0 to K - 1.
    pred_probs : PredProbs or ndarray of shape (m, K), float32
        Out-of-sample probabilities. Read a `PredProbs` in blocks of rows.
    rows : Rows
        Each row by itself.
    confident : ndarray of shape (m,), int64
        The class that each confidently belongs to, or `NONE`.
    counts : ndarray of shape (K, K), int64
        Rows by given and confident class.
    joint : ndarray of shape (K, K), int64
        The same, calibrated to the number of rows of each class.
    """

    labels: np.ndarray
    pred_probs: PredProbs | np.ndarray
    rows: Rows
    confident: np.ndarray
    counts: np.ndarray
    joint: np.ndarray

    @property
    def off_diagonal(self) -> np.ndarray:
        """Which rows confidently belong to another class than their label, (m,) bool."""
        found: np.ndarray = (self.confident != NONE) & (self.confident != self.labels) & ~self.rows.agrees
        return found


@dataclass(frozen=True)
class Ranking:
    """How m rows rank.

    Attributes
    ----------
    scores : ndarray of shape (m,), float
        Label quality, from 0 for labels that are surely wrong to 1.
    order : ndarray of int64
        The numbers of the rows that no person has confirmed, worst first. Equal scores keep their order.
    error_prob : ndarray of shape (m,), float64
        The probability that each label is wrong.
    """

    scores: np.ndarray
    order: np.ndarray
    error_prob: np.ndarray


def gather_evidence(labels: np.ndarray, pred_probs: PredProbs | np.ndarray, rows: Rows) -> Evidence:
    """Count the rows by given and confident class, and return that with what it was counted from."""
    confident = find_confident_classes(labels, pred_probs, rows.given_prob)
    counts = count_confident(labels, confident, pred_probs.shape[1])
    return Evidence(labels, pred_probs, rows, confident, counts, calibrate_joint(counts, labels))
