"""Says which fold holds each row out."""

import numpy as np
from sklearn.model_selection import StratifiedKFold

from stages.command import InputError


def assign_folds(labels: np.ndarray, classes: list[str], n_folds: int, seed: int) -> np.ndarray:
    """Deal the rows to folds so that each has its share of every class.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        From 0 to K - 1.
    classes : list of K str
        Their names.
    n_folds : int
        How many folds.
    seed : int
        Fixes the deal.

    Returns
    -------
    ndarray of shape (n,), int64
        The fold, from 0 to ``n_folds`` - 1, in which a row is held out.

    Raises
    ------
    InputError
        Naming each class with fewer rows than folds: some fold would have none of it to predict, or to learn from.
    """
    counts = np.bincount(labels, minlength=len(classes))
    rare = [f"{classes[label]!r} ({counts[label]})" for label in np.flatnonzero(counts < n_folds)]
    if rare:
        raise InputError(
            f"class(es) with fewer rows than the {n_folds} folds: {', '.join(rare)}; "
            "set crossval_predict.folds to the smallest count (at least 2), or leave these classes out at the source"
        )
    folds = np.empty(len(labels), dtype=np.int64)
    splitter = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    for fold, (_, held_out) in enumerate(splitter.split(labels, labels)):
        folds[held_out] = fold
    return folds
