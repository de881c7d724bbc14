"""Says which rows stay in one fold, which are dealt one by one, and in which order models see them.

Few copies of one content stay in one fold: they were often labelled together and share their mistake, and a model that
has seen one knows the others by heart. Of many copies the others are evidence, and to hold all of them out leaves the
model to guess. So a content in at least twice as many rows as there are folds is dealt over all folds.
"""

import numpy as np
import pandas as pd

# A content in at least so many rows for each fold is dealt over the folds: two of them in each are held out, and the
# others outvote a wrong label among them.
ROWS_A_FOLD = 2
NOT_DEALT = -1


def find_order(ids: pd.Series) -> np.ndarray:
    """Return the numbers of the rows in the order of their ids, (n,) int64.

    Folds are dealt, and models trained, in this order, so that shuffling the rows of a data set changes nothing. Ids
    that are all whole numbers are ordered as numbers: those of arrays, which count the rows, leave them as they are.
    """
    if ids.str.fullmatch(r"0|[1-9][0-9]{0,17}").all():
        return np.argsort(ids.astype(np.int64).to_numpy(), kind="stable")
    return np.argsort(ids.to_numpy(dtype=object), kind="stable")


def find_units(contents: np.ndarray, groups: np.ndarray | None, n_folds: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what is never parted, and which contents are dealt over the folds.

    Parameters
    ----------
    contents : ndarray of shape (n,), int64
        For each row the first one with the same content.
    groups : ndarray of shape (n,), int64, optional
        The group of each row, from 0.
    n_folds : int
        How many folds there are.

    Returns
    -------
    units : ndarray of shape (n,), int64
        Rows that share one are never parted: those of one group or one content, and whatever these link. A content
        that is dealt links nothing: each of its rows, or of its groups, is a unit.
    dealt : ndarray of shape (n,), int64
        The content of the rows whose content is dealt, and -1 for all others. It is in at least twice as many rows as
        there are folds. Where rows have groups, so many groups hold it, and none of them holds another content.
    """
    n_rows = len(contents)
    linked, parts = (contents, np.arange(n_rows)) if groups is None else (_link(contents, groups), n_rows + groups)
    several = np.zeros(n_rows, dtype=bool)
    several[linked[contents != contents[_first_rows(linked)]]] = True
    n_parts = np.bincount(linked[np.unique(parts, return_index=True)[1]], minlength=n_rows)
    is_dealt = (~several & (n_parts >= ROWS_A_FOLD * n_folds))[linked]
    return np.where(is_dealt, parts, linked), np.where(is_dealt, contents, NOT_DEALT)


def _first_rows(numbers: np.ndarray) -> np.ndarray:
    """Return for each row the first one with the same number."""
    _, firsts, places = np.unique(numbers, return_index=True, return_inverse=True)
    first_rows: np.ndarray = firsts[places]
    return first_rows


def _link(contents: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return a number below n for each row, the same for rows that contents and groups link."""
    # not at the top: its import takes half a second, and few data sets have groups
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n_rows = len(contents)
    # a graph of rows and, after them, groups; each row is linked to the first of its content and to its group
    ends = np.concatenate([contents, n_rows + groups])
    starts = np.tile(np.arange(n_rows), 2)
    n_nodes = n_rows + int(groups.max()) + 1
    links = coo_array((np.ones(2 * n_rows, dtype=bool), (starts, ends)), shape=(n_nodes, n_nodes))
    numbers: np.ndarray = connected_components(links, directed=False)[1][:n_rows]
    return numbers.astype(np.int64)
