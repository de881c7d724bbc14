"""Dawid and Skene's model: each annotator takes each class for any other with a probability of his or her own.

No model of the features has a say, so that a bad one does no harm.

References
----------
Dawid and Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm", Applied Statistics 28,
1979
"""

import numpy as np
from scipy.sparse import csr_array

from stages.artifacts.annotations import OTHER, Annotations
from stages.consensus.estimate import Estimate, average, count_votes

MOST_STEPS = 50
# the largest change of a probability at which it ends
TOLERANCE = 1e-3
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
    votes = count_votes(annotations, n_classes)
    probs = votes.distribution.astype(np.float64)
    labelled = np.flatnonzero(annotations.count_by_row() > 0)
    # an annotator and what he or she said are a column, so that both steps are one product with all annotations
    width = n_classes + 1
    columns = annotations.annotators.astype(np.int64) * width + annotations.labels + 1
    shape = (annotations.n_rows, len(annotations.names) * width)
    said = csr_array((np.ones(len(columns)), (annotations.rows, columns)), shape=shape)
    for _ in range(MOST_STEPS):
        before = probs
        probs = _expect(said, _maximise(said, before, n_classes), before[labelled].mean(axis=0))
        if np.abs(probs[labelled] - before[labelled]).max(initial=0) < TOLERANCE:
            break
    labels = np.where(annotations.count_by_row() > 0, probs.argmax(axis=1), OTHER)
    found = Estimate(labels, probs.astype(np.float32), np.empty(0))
    return Estimate(labels, found.distribution, average(annotations, found.rate(annotations)))


def _maximise(said: csr_array, probs: np.ndarray, n_classes: int) -> np.ndarray:
    """Return how probable what each annotator said is in each class, (M * (K + 1), K)."""
    counts = (said.T @ probs).reshape(-1, n_classes + 1, n_classes)
    pooled = counts.sum(axis=0)
    hits = np.trace(pooled[1:]) / max(pooled.sum(), LEAST)
    average_annotator = np.full((n_classes + 1, n_classes), (1 - hits) / n_classes)
    average_annotator[1:][np.diag_indices(n_classes)] = hits
    counts += PRIOR * average_annotator
    confusion: np.ndarray = counts / counts.sum(axis=1, keepdims=True)
    return confusion.reshape(-1, n_classes)


def _expect(said: csr_array, confusion: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Return the probability of each class in each row, (n, K)."""
    logs = said @ np.log(np.maximum(confusion, LEAST)) + np.log(np.maximum(prior, LEAST))
    probs: np.ndarray = np.exp(logs - logs.max(axis=1, keepdims=True))
    probs /= probs.sum(axis=1, keepdims=True)
    return probs
