"""Deals the rows of contents that many rows have, so that each fold gets its share of each content."""

import numpy as np


def deal_contents(contents: np.ndarray, labels: np.ndarray, held: np.ndarray, random_state: int) -> np.ndarray:
    """Deal m units so that no two folds differ by more than one unit of a content, nor of a content's label.

    Of the folds that this leaves to choose from, those that hold fewest rows of the label get one more, and then those
    that hold fewest rows.

    Parameters
    ----------
    contents, labels : ndarray of shape (m,), int64
        Of each unit, as its first row has them; labels from 0 to K - 1.
    held : ndarray of shape (K, F), int64
        How many rows of each label the F folds hold already.
    random_state : int
        Fixes which units of a content and label go where.

    Returns
    -------
    ndarray of shape (m,), int64
        The fold of each unit.
    """
    # of this class alone numpy promises the same numbers in all versions
    random = np.random.RandomState(random_state)
    # in the order in which they come, which is that of the ids
    numbers = number_units(contents)[1]
    n_folds = held.shape[1]
    of_content, of_label = np.zeros((numbers.max() + 1, n_folds), dtype=np.int64), held.copy()
    folds = np.empty(len(contents), dtype=np.int64)
    order = np.lexsort((labels, numbers))
    changes = np.flatnonzero((np.diff(numbers[order]) != 0) | (np.diff(labels[order]) != 0)) + 1
    for units in np.split(order, changes):
        number, label = numbers[units[0]], labels[units[0]]
        fewest = np.lexsort((random.random_sample(n_folds), of_label.sum(axis=0), of_label[label], of_content[number]))
        shares = np.full(n_folds, len(units) // n_folds)
        shares[fewest[: len(units) % n_folds]] += 1
        folds[random.permutation(units)] = np.repeat(np.arange(n_folds), shares)
        of_content[number] += shares
        of_label[label] += shares
    return folds


def number_units(units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number the units in the order in which they come; return each one's first row, and each row's unit."""
    _, firsts, members = np.unique(units, return_index=True, return_inverse=True)
    in_order = np.argsort(firsts)
    return firsts[in_order], np.argsort(in_order)[members]
