"""Finds columns that tell the given label by themselves, as those do that were made from the labels."""

from collections.abc import Iterator

import numpy as np

# How many labels a column may tell wrongly, as a share of those that the commonest class tells wrongly. Honest columns
# of real tables stay far above it: docs/own-data.md has the figures.
NEARLY = 0.02
# With fewer rows outside of the commonest class, a column may tell them by chance.
FEWEST_OTHERS = 20
# A value in fewer rows is no evidence of what it says of the label.
FEWEST_ROWS = 5


def find_telling(features: np.ndarray, labels: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield the numbers of the columns that alone tell nearly every label, and in how many rows each does.

    Parameters
    ----------
    features : ndarray of shape (n, d), float64
        Numbers, or the numbers of categories; NaN where a cell is missing, which counts as a value.
    labels : ndarray of shape (n,), int64
        From 0 to K - 1.
    """
    others = len(labels) - int(np.bincount(labels).max())
    if others < FEWEST_OTHERS:
        return
    for number, column in enumerate(features.T):
        wrong = count_wrong(column, labels)
        if wrong <= NEARLY * others:
            yield number, len(labels) - wrong


def count_wrong(column: np.ndarray, labels: np.ndarray) -> int:
    """Return how many labels a column does not tell, by its values or by their order, whichever tells more.

    By its values, a row has the label that is the commonest among all rows with its value. By their order, the rows of
    a class lie between two values; a row between others counts as one that is not told.
    """
    order = np.lexsort((labels, column))
    values, labels = column[order], labels[order]
    new_value = (values[1:] != values[:-1]) & ~(np.isnan(values[1:]) & np.isnan(values[:-1]))
    pairs = np.flatnonzero(np.append(True, new_value | (labels[1:] != labels[:-1])))
    counts = np.diff(np.append(pairs, len(labels)))
    # of the pairs of a value and a label, those at which another value begins
    firsts = np.flatnonzero(np.append(True, new_value[pairs[1:] - 1]))
    rows, most = np.add.reduceat(counts, firsts), np.maximum.reduceat(counts, firsts)
    by_value = len(labels) - int(most[rows >= FEWEST_ROWS].sum())
    value_of_pair = np.repeat(np.arange(len(firsts)), np.diff(np.append(firsts, len(pairs))))
    is_most = np.flatnonzero(counts == most[value_of_pair])
    commonest = labels[pairs[is_most]][np.unique(value_of_pair[is_most], return_index=True)[1]]
    changes = int((commonest[1:] != commonest[:-1]).sum())
    spare = max(0, changes - len(np.unique(commonest)) + 1)
    return min(by_value, int((rows - most).sum()) + (spare + 1) // 2)
