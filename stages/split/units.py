"""Says which rows belong together, and in which order models see them."""

import numpy as np
import pandas as pd


def find_order(ids: pd.Series) -> np.ndarray:
    """Return the numbers of the rows in the order of their ids, (n,) int64.

    Folds are dealt, and models trained, in this order, so that shuffling the rows of a data set changes nothing. Ids
    that are all whole numbers are ordered as numbers: those of arrays, which count the rows, leave them as they are.
    """
    if ids.str.fullmatch(r"0|[1-9][0-9]{0,17}").all():
        return np.argsort(ids.astype(np.int64).to_numpy(), kind="stable")
    return np.argsort(ids.to_numpy(dtype=object), kind="stable")


def find_units(contents: np.ndarray, groups: np.ndarray | None) -> np.ndarray:
    """Return the unit of each row, (n,) int64: rows of one content or one group, and whatever that links, share it.

    Parameters
    ----------
    contents : ndarray of shape (n,), int64
        For each row the first one with the same content.
    groups : ndarray of shape (n,), int64, optional
        The group of each row, from 0.
    """
    if groups is None:
        return np.array(contents)
    # not at the top: its import takes half a second, and few data sets have groups
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n_rows = len(contents)
    # a graph of rows and, after them, groups; each row is linked to the first of its content and to its group
    ends = np.concatenate([contents, n_rows + groups])
    starts = np.tile(np.arange(n_rows), 2)
    n_nodes = n_rows + int(groups.max()) + 1
    links = coo_array((np.ones(2 * n_rows, dtype=bool), (starts, ends)), shape=(n_nodes, n_nodes))
    units: np.ndarray = connected_components(links, directed=False)[1][:n_rows]
    return units.astype(np.int64)
