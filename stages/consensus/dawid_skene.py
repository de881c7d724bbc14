"""Dawid and Skene's model: each annotator takes each class for any other with a probability of his or her own.

No model of the features has a say, so that a bad one does no harm.

References
----------
Dawid and Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm", Applied Statistics 28,
1979; Neal and Hinton, "A View of the EM Algorithm that Justifies Incremental, Sparse, and Other Variants", 1998, why a
step may leave rows out
"""

import numpy as np
from scipy.sparse import csr_array

from stages.artifacts.annotations import OTHER, Annotations
from stages.consensus.estimate import Estimate, average, share_votes, split_rows

MOST_STEPS = 50
# the largest change of a probability at which it ends
TOLERANCE = 1e-3
# a row that changes by less rests until the next step that takes all rows
AT_REST = 1e-8
# of so many steps, one takes all rows
FULL_STEP = 8
# So many labels of an average annotator, of each class, are added to those that an annotator gave: few labels alone
# would say that somebody never errs.
PRIOR = 1.0
LEAST = 1e-12


def run_dawid_skene(annotations: Annotations, n_classes: int) -> Estimate:
    """Find each row's likeliest class, by expectation and maximisation from the shares of the votes on.

    Parameters
    ----------
    annotations : Annotations
        m of n rows.
    n_classes : int
        K.
    """
    is_labelled = annotations.count_by_row() > 0
    probs = share_votes(annotations, n_classes)
    model = Model(annotations, probs)
    labelled = np.flatnonzero(is_labelled)
    moving = labelled
    for step in range(MOST_STEPS):
        model.maximise()
        rows = labelled if step % FULL_STEP == 0 else moving
        moved = model.expect(rows)
        if moved.max(initial=0) < TOLERANCE:
            resting = np.setdiff1d(labelled, rows, assume_unique=True)
            woken = model.expect(resting)
            if woken.max(initial=0) < TOLERANCE:
                break
            rows, moved = np.concatenate([rows, resting]), np.concatenate([moved, woken])
        moving = rows[moved > AT_REST]
    labels = np.where(is_labelled, probs.argmax(axis=1), OTHER)
    found = Estimate(labels, probs, np.empty(0))
    return Estimate(labels, probs, average(annotations, found.rate(annotations)))


class Model:
    """How each annotator calls each class, and how many rows are of each class.

    Parameters
    ----------
    annotations : Annotations
        m of n rows.
    probs : ndarray of shape (n, K), float32
        The probability of each class in each row, at the start. `expect` changes it.
    """

    def __init__(self, annotations: Annotations, probs: np.ndarray) -> None:
        self.probs, n_classes = probs, probs.shape[1]
        # an annotator and what he or she said are a column, so that both steps are one product with the annotations
        width = n_classes + 1
        columns = annotations.annotators.astype(np.int32) * width + annotations.labels + 1
        ends = np.concatenate([[0], np.cumsum(annotations.count_by_row())])
        shape = (annotations.n_rows, len(annotations.names) * width)
        self.said = csr_array((np.ones(len(columns)), columns, ends), shape=shape)
        self.counts = np.zeros((shape[1], n_classes))
        self.by_class = np.zeros(n_classes)
        for rows in split_rows(probs.shape):
            self._count(self.said[rows], probs[rows].astype(np.float64))
        self.logs, self.prior = np.empty_like(self.counts), self.by_class

    def maximise(self) -> None:
        """Find how probable what each annotator says is in each class, and how probable each class is."""
        n_classes = len(self.by_class)
        counts = self.counts.reshape(-1, n_classes + 1, n_classes)
        pooled = counts.sum(axis=0)
        hits = np.trace(pooled[1:]) / max(pooled.sum(), LEAST)
        average_annotator = np.full((n_classes + 1, n_classes), (1 - hits) / n_classes)
        average_annotator[1:][np.diag_indices(n_classes)] = hits
        confusion = self.logs.reshape(counts.shape)
        np.add(counts, PRIOR * average_annotator, out=confusion)
        confusion /= confusion.sum(axis=1, keepdims=True)
        np.log(np.maximum(confusion, LEAST, out=confusion), out=confusion)
        self.prior = np.log(np.maximum(self.by_class / max(self.by_class.sum(), LEAST), LEAST))

    def expect(self, rows: np.ndarray) -> np.ndarray:
        """Find the probability of each class in some rows, and return the largest change of each row, float64."""
        moved = np.zeros(len(rows))
        for part in split_rows((len(rows), len(self.by_class))):
            said = self.said[rows[part]]
            probs = said @ self.logs
            probs += self.prior
            probs -= probs.max(axis=1, keepdims=True)
            np.exp(probs, out=probs)
            probs /= probs.sum(axis=1, keepdims=True)
            found = probs.astype(np.float32)
            change = np.subtract(found, self.probs[rows[part]], dtype=np.float64, out=probs)
            self.probs[rows[part]] = found
            self._count(said, change)
            moved[part] = np.abs(change, out=change).max(axis=1)
        return moved

    def _count(self, said: csr_array, probs: np.ndarray) -> None:
        self.counts += said.T @ probs
        self.by_class += probs.sum(axis=0)
