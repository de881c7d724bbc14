"""Says which fold holds each row out."""

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

# How often a repeat is dealt before a class that lies in one fold alone is given up.
ATTEMPTS = 20


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
        unit counts as a row with the label of its first, unless that keeps a class in one fold.

    Returns
    -------
    ndarray of shape (n, R), int64
        The fold, from 0 to ``n_folds`` - 1, in which a row is held out, in each of R repeats.
    """
    firsts, members = number_units(units)
    by_first = not grouped and np.unique(labels[firsts], return_counts=True)[1].max() >= n_folds
    dealt = np.empty((len(labels), repeats), dtype=np.int64)
    for repeat in range(repeats):
        for attempt in range(ATTEMPTS):
            random_state = _draw_random_state([seed, repeat, attempt] if attempt else [seed, repeat])
            if by_first and not attempt:
                splitter = StratifiedKFold(n_folds, shuffle=True, random_state=random_state)
                dealt[:, repeat] = _deal(splitter.split(firsts, labels[firsts]), len(firsts))[members]
            else:
                splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=random_state)
                dealt[:, repeat] = _deal(splitter.split(labels, labels, members), len(labels))
            if not find_unspread(labels, dealt[:, repeat], n_folds):
                break
    return dealt


def find_unspread(labels: np.ndarray, folds: np.ndarray, n_folds: int) -> list[int]:
    """Return the labels from 0 whose rows lie in one fold alone, or all of them if a fold has no row."""
    trained = labels >= 0
    pairs = np.unique(np.column_stack([labels[trained], folds[trained]]), axis=0)
    numbers, counts = np.unique(pairs[:, 0], return_counts=True)
    n_dealt = len(np.unique(folds))
    return [int(number) for number in numbers[(counts < 2) | (n_dealt < n_folds)]]


def number_units(units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number the units in the order in which they come; return each one's first row, and each row's unit."""
    _, firsts, members = np.unique(units, return_index=True, return_inverse=True)
    in_order = np.argsort(firsts)
    return firsts[in_order], np.argsort(in_order)[members]


def _draw_random_state(entropy: Sequence[int]) -> int:
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])


def _deal(parts: Iterator[tuple[np.ndarray, np.ndarray]], n_rows: int) -> np.ndarray:
    folds = np.empty(n_rows, dtype=np.int64)
    with warnings.catch_warnings():
        # the user knows of rare classes from a message, and rows that are left out are dealt as one class
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        for fold, (_, held_out) in enumerate(parts):
            folds[held_out] = fold
    return folds
