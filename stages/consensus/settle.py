"""Keeps the vote where a consensus would leave a class without rows, or take one that nothing was learned of."""

import numpy as np

from stages.consensus.estimate import Estimate


def settle(estimate: Estimate, voted: np.ndarray, trained: np.ndarray, n_classes: int) -> tuple[np.ndarray, int]:
    """Return the labels that the rows get.

    Parameters
    ----------
    estimate : Estimate
        Of n rows.
    voted : ndarray of shape (n,), int64
        The labels by vote; -1 for a row without one.
    trained : ndarray of shape (n,), int64
        Those that the model was trained on; -1 where it was not.
    n_classes : int
        K.

    Returns
    -------
    labels : ndarray of shape (n,), int64
        The consensus, or the vote.
    held : int
        In how many rows the vote is kept although the consensus is another.
    """
    learned = np.isin(np.arange(n_classes), trained)
    labels = np.where(learned[voted] & learned[estimate.labels] & (voted >= 0), estimate.labels, voted)
    emptied = np.setdiff1d(voted, labels)
    labels = np.where(np.isin(voted, emptied), voted, labels)
    return labels, int((labels != estimate.labels).sum())
