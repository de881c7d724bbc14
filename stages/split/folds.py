"""Says which fold holds each row out."""

import warnings
from collections.abc import Iterator

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold


def assign_folds(
    labels: np.ndarray, units: np.ndarray, n_folds: int, seed: int, repeats: int = 1, *, grouped: bool = False
) -> np.ndarray:
    """Deal the rows to folds so that each has its share of every class, and no unit is parted.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        What to give each fold its share of.
    units : ndarray of shape (n,), int64
        Rows that share one go into one fold.
    n_folds : int
        How many folds.
    seed : int
        Fixes the deal.
    repeats : int
        How many times to deal, each time anew.
    grouped : bool
        Whether units may be large, so that their sizes and labels have to be balanced, which is slower. Without it a
        unit counts as a row with the label of its first.

    Returns
    -------
    ndarray of shape (n, R), int64
        The fold, from 0 to ``n_folds`` - 1, in which a row is held out, in each of R repeats.
    """
    firsts, members = number_units(units)
    dealt = np.empty((len(labels), repeats), dtype=np.int64)
    for repeat in range(repeats):
        random_state = int(np.random.SeedSequence([seed, repeat]).generate_state(1)[0])
        if grouped:
            splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=random_state)
            dealt[:, repeat] = _deal(splitter.split(labels, labels, members), len(labels))
        else:
            splitter = StratifiedKFold(n_folds, shuffle=True, random_state=random_state)
            dealt[:, repeat] = _deal(splitter.split(firsts, labels[firsts]), len(firsts))[members]
    return dealt


def number_units(units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number the units in the order in which they come; return each one's first row, and each row's unit."""
    _, firsts, members = np.unique(units, return_index=True, return_inverse=True)
    in_order = np.argsort(firsts)
    return firsts[in_order], np.argsort(in_order)[members]


def _deal(parts: Iterator[tuple[np.ndarray, np.ndarray]], n_rows: int) -> np.ndarray:
    folds = np.empty(n_rows, dtype=np.int64)
    with warnings.catch_warnings():
        # of rare classes the user has been told, or the rows left out are dealt as one
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        for fold, (_, held_out) in enumerate(parts):
            folds[held_out] = fold
    return folds
