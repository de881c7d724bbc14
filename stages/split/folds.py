"""Says which fold holds each row out."""

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from stages.split.contents import deal_contents, number_units
from stages.split.units import NOT_DEALT

# How often a repeat is dealt before a class that lies in one fold alone is given up.
ATTEMPTS = 20


def assign_folds(
    labels: np.ndarray,
    units: np.ndarray,
    n_folds: int,
    seed: int,
    repeats: int = 1,
    *,
    contents: np.ndarray | None = None,
    grouped: bool = False,
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
    contents : ndarray of shape (n,), int64, optional
        The content of a row if each fold gets its share of that, and -1 for any other row, or by default.
    grouped : bool
        Whether units may be large, so that their sizes and labels have to be balanced, which is slower. Without it a
        unit counts as a row with the label of its first, unless that keeps a class in one fold.

    Returns
    -------
    ndarray of shape (n, R), int64
        The fold, from 0 to ``n_folds`` - 1, in which a row is held out, in each of R repeats.
    """
    if contents is None:
        contents = np.full(len(labels), NOT_DEALT)
    folds = np.empty((len(labels), repeats), dtype=np.int64)
    for repeat in range(repeats):
        for attempt in range(ATTEMPTS):
            random_state = _draw_random_state([seed, repeat, attempt] if attempt else [seed, repeat])
            by_first = not grouped and not attempt
            folds[:, repeat] = _deal_all(labels, units, contents, n_folds, random_state, by_first=by_first)
            if not find_unspread(labels, folds[:, repeat], n_folds):
                break
    return folds


def find_unspread(labels: np.ndarray, folds: np.ndarray, n_folds: int) -> list[int]:
    """Return the labels from 0 whose rows lie in one fold alone, or all of them if a fold has no row."""
    trained = labels >= 0
    pairs = np.unique(np.column_stack([labels[trained], folds[trained]]), axis=0)
    numbers, counts = np.unique(pairs[:, 0], return_counts=True)
    n_dealt = len(np.unique(folds))
    return [int(number) for number in numbers[(counts < 2) | (n_dealt < n_folds)]]


def _draw_random_state(entropy: Sequence[int]) -> int:
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])


def _deal_all(
    labels: np.ndarray, units: np.ndarray, contents: np.ndarray, n_folds: int, random_state: int, *, by_first: bool
) -> np.ndarray:
    """Deal the rows whose content is not dealt as scikit-learn does, and then the others evenly."""
    folds = np.full(len(labels), -1)
    alone = np.flatnonzero(contents == NOT_DEALT)
    # scikit-learn deals nothing if there are fewer units than folds, or each class has fewer rows
    largest = np.unique(labels[alone], return_counts=True)[1].max(initial=0)
    if min(largest, len(np.unique(units[alone]))) >= n_folds:
        folds[alone] = _deal_alone(labels[alone], units[alone], n_folds, random_state, by_first=by_first)
    rows = np.flatnonzero(folds < 0)
    if len(rows):
        classes = np.unique(labels, return_inverse=True)[1]
        held = np.zeros((classes.max() + 1, n_folds), dtype=np.int64)
        np.add.at(held, (classes[folds >= 0], folds[folds >= 0]), 1)
        firsts, members = number_units(units[rows])
        firsts = rows[firsts]
        folds[rows] = deal_contents(contents[firsts], classes[firsts], held, random_state)[members]
    return folds


def _deal_alone(
    labels: np.ndarray, units: np.ndarray, n_folds: int, random_state: int, *, by_first: bool
) -> np.ndarray:
    firsts, members = number_units(units)
    if by_first and np.unique(labels[firsts], return_counts=True)[1].max() >= n_folds:
        one_by_one = StratifiedKFold(n_folds, shuffle=True, random_state=random_state)
        return np.take(_deal(one_by_one.split(firsts, labels[firsts]), len(firsts)), members)
    whole = StratifiedGroupKFold(n_folds, shuffle=True, random_state=random_state)
    return _deal(whole.split(labels, labels, members), len(labels))


def _deal(parts: Iterator[tuple[np.ndarray, np.ndarray]], n_rows: int) -> np.ndarray:
    folds = np.empty(n_rows, dtype=np.int64)
    with warnings.catch_warnings():
        # the user knows of rare classes from a message, and rows that are left out are dealt as one class
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        for fold, (_, held_out) in enumerate(parts):
            folds[held_out] = fold
    return folds
