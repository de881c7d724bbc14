"""What each way to a consensus leaves, whichever it is."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stages.artifacts.annotations import OTHER, Annotations, vote

# of float64, so that what is worked out of a block of rows stays near the processor
BLOCK_CELLS = 1 << 19


@dataclass(frozen=True)
class Estimate:
    """What the annotators are taken to mean together.

    Attributes
    ----------
    labels : ndarray of shape (n,), int64
        The likeliest class of each row.
    distribution : ndarray of shape (n, K), float32
        The probability of each class.
    annotators : ndarray of shape (M,), float64
        The share of each annotator's labels that are right.
    """

    labels: np.ndarray
    distribution: np.ndarray
    annotators: np.ndarray

    def rate(self, annotations: Annotations) -> np.ndarray:
        """Return the probability that each annotation is right, (m,) float32; 0 for one of any other class."""
        probs = self.distribution[annotations.rows, annotations.labels]
        return np.where(annotations.labels == OTHER, 0, probs).astype(np.float32)


def average(annotations: Annotations, values: np.ndarray) -> np.ndarray:
    """Return the mean of each annotator's values, (M,) float64; NaN for one without annotations here.

    Parameters
    ----------
    annotations : Annotations
        m of them.
    values : ndarray of shape (m,)
        One for each.
    """
    n_annotators = len(annotations.names)
    counts = np.bincount(annotations.annotators, minlength=n_annotators)
    sums = np.bincount(annotations.annotators, values, minlength=n_annotators)
    means: np.ndarray = np.divide(sums, counts, out=np.full(n_annotators, np.nan), where=counts > 0)
    return means


def count_votes(annotations: Annotations, n_classes: int) -> Estimate:
    """Take the shares of the votes for probabilities: a row without annotations has none.

    ``labels`` are by vote, and an annotator is as good as he or she agrees with it.
    """
    labels, _ = vote(annotations.rows, annotations.labels, annotations.n_rows)
    agreement = average(annotations, annotations.labels == labels[annotations.rows])
    return Estimate(labels, share_votes(annotations, n_classes), agreement)


def share_votes(annotations: Annotations, n_classes: int) -> np.ndarray:
    """Return which share of each row's annotations has each class, (n, K) float32; 0 for a row without annotations."""
    shares = np.zeros((annotations.n_rows, n_classes), dtype=np.float32)
    named = annotations.labels != OTHER
    cells = annotations.rows[named].astype(np.int64) * n_classes + annotations.labels[named]
    np.add.at(shares.reshape(-1), cells, np.float32(1))
    shares /= np.maximum(annotations.count_by_row(), 1)[:, None]
    return shares


def split_rows(shape: tuple[int, ...]) -> Iterator[slice]:
    """Yield slices of rows that hold up to `BLOCK_CELLS` each, all together every row once."""
    n_rows, n_classes = shape
    step = max(1, BLOCK_CELLS // n_classes)
    for start in range(0, n_rows, step):
        yield slice(start, min(start + step, n_rows))
