"""cleanlab's confident learning, block by block.

Every figure is the one that cleanlab 2.9 gives for the whole array, which needs several copies of it. What it
computes row by row or class by class is computed by its own functions; the rest, which it offers for whole arrays
alone, is written out here. (``low_memory=True`` in cleanlab does not help: it is another filter, which flags other
rows.)

References
----------
Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of Artificial
Intelligence Research 70, 2021, https://arxiv.org/abs/1911.00068
"""

from dataclasses import dataclass

import numpy as np
from cleanlab.count import _reduce_issues, calibrate_confident_joint
from cleanlab.internal.constants import CONFIDENT_THRESHOLDS_LOWER_BOUND
from cleanlab.rank import get_label_quality_scores

from stages.find_issues.blocks import PredProbs, split_rows

# of cleanlab's `find_label_issues`: how a margin of confidence is kept
CONFIDENT_MARGIN = 1e-6
# above any probability, for a class that no row is labelled as
NEVER = 2
NONE = -1


@dataclass(frozen=True)
class Rows:
    """Each of n rows by itself.

    Attributes
    ----------
    given_prob, suggested_prob : ndarray of shape (n,), float32
        The probabilities of the label and of the likeliest class.
    suggested, runner_up : ndarray of shape (n,), int64
        The likeliest class, and the likeliest other.
    agrees : ndarray of shape (n,), bool
        Whether the given label is the likeliest, a tie included.
    """

    given_prob: np.ndarray
    suggested: np.ndarray
    suggested_prob: np.ndarray
    runner_up: np.ndarray
    agrees: np.ndarray

    def take(self, rows: np.ndarray) -> "Rows":
        """Return the same of some of the rows."""
        return Rows(*(column[rows] for column in vars(self).values()))


def describe_rows(labels: np.ndarray, pred_probs: PredProbs | np.ndarray) -> Rows:
    """Find each row's probability of its label, and the class that the model suggests.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        Given labels from 0 to K - 1.
    pred_probs : PredProbs or ndarray of shape (n, K), float32
        Out-of-sample probabilities.
    """
    parts = [_describe_block(labels[rows], pred_probs[rows]) for rows in split_rows(pred_probs.shape)]
    return Rows(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def score_by_cleanlab(labels: np.ndarray, pred_probs: PredProbs | np.ndarray, method: str) -> np.ndarray:
    """Return each row's score, (n,) float, by a ``method`` of `cleanlab.rank.get_label_quality_scores`."""
    parts = [
        get_label_quality_scores(labels[rows], pred_probs[rows], method=method) for rows in split_rows(pred_probs.shape)
    ]
    return np.concatenate(parts)


def find_confident_classes(
    labels: np.ndarray, pred_probs: PredProbs | np.ndarray, given_prob: np.ndarray
) -> np.ndarray:
    """Return the class that each row confidently belongs to, (n,) int64, and `NONE` if there is none.

    It is the likeliest of those whose probability reaches the class's threshold, the mean probability of the class
    among the rows that are labelled as it: the count behind `cleanlab.count.compute_confident_joint`.
    """
    by_class = [given_prob[rows] for rows in rows_by_class(labels, pred_probs.shape[1])]
    thresholds = np.clip(
        [np.mean(probs) if len(probs) else NEVER for probs in by_class], CONFIDENT_THRESHOLDS_LOWER_BOUND, None
    )
    return np.concatenate([_find_confident(pred_probs[rows], thresholds) for rows in split_rows(pred_probs.shape)])


def count_confident(labels: np.ndarray, confident: np.ndarray, n_classes: int) -> np.ndarray:
    """Count the rows by given and confident class, (K, K) int64: the confident joint as it is counted."""
    counted = confident != NONE
    cells = confident[counted] * n_classes + labels[counted]
    # transposed in memory, as cleanlab has it: how ties are rounded depends on that
    return np.bincount(cells, minlength=n_classes * n_classes).reshape(n_classes, n_classes).T


def calibrate_joint(counts: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Calibrate the confident joint to the number of rows of each class, (K, K) int64, as cleanlab does."""
    joint = counts.copy(order="K")
    np.fill_diagonal(joint, joint.diagonal().clip(min=1))
    calibrated: np.ndarray = calibrate_confident_joint(joint, labels)
    return calibrated


def rows_by_class(labels: np.ndarray, n_classes: int) -> list[np.ndarray]:
    """Return the numbers of the rows of each class, in ascending order."""
    ends = np.cumsum(np.bincount(labels, minlength=n_classes))
    return np.split(np.argsort(labels, kind="stable"), ends[:-1])


def _describe_block(labels: np.ndarray, pred_probs: np.ndarray) -> tuple[np.ndarray, ...]:
    numbers, suggested = np.arange(len(labels)), pred_probs.argmax(axis=1)
    given_prob, suggested_prob = pred_probs[numbers, labels], pred_probs[numbers, suggested]
    others = pred_probs.copy()
    others[numbers, suggested] = -1
    return given_prob, suggested, suggested_prob, others.argmax(axis=1), _reduce_issues(pred_probs, labels)


def _find_confident(pred_probs: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    reached = pred_probs >= thresholds - CONFIDENT_MARGIN
    n_reached = reached.sum(axis=1)
    confident = np.where(n_reached > 1, pred_probs.argmax(axis=1), reached.argmax(axis=1))
    return np.where(n_reached > 0, confident, NONE)
