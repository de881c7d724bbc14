"""Chooses the rows that tell how many errors there are, and not only where the worst ones lie."""

import numpy as np

WANTED = 20
# from every stretch of so many chosen rows the first ones are shown before the second ones
STRETCH = 4


def choose_spread(n_rows: int, wanted: int = WANTED) -> np.ndarray:
    """Return the places in a ranking to look at, from 0 on.

    Half of them are evenly spread over the logarithm of the rank: errors thin out by orders of magnitude, and where
    they do is what a model gets wrong. The other half are evenly spread over all other rows: most rows are far down, so
    that a small share of errors there is a large number, and no look at the top tells it. They depend on nothing but
    the number of rows, so that nobody chooses them, and looking at them anew finds the same. They come so that whoever
    stops early has looked everywhere.

    Parameters
    ----------
    n_rows : int
        How many rows are ranked.
    wanted : int
        How many to choose; all rows if there are fewer.

    Returns
    -------
    ndarray of int64
    """
    if n_rows <= wanted:
        return np.arange(n_rows)
    by_log = spread_by_log(n_rows, wanted // 2)
    n_rest = wanted - len(by_log)
    among_rest = ((np.arange(n_rest) + 0.5) / n_rest * (n_rows - len(by_log))).astype(np.int64)
    # how many of the others come before each of them
    rest_before = by_log - np.arange(len(by_log))
    evenly = among_rest + np.searchsorted(rest_before, among_rest, side="right")
    chosen = np.sort(np.concatenate([by_log, evenly]))
    return np.concatenate([chosen[start::STRETCH] for start in range(STRETCH)])


def spread_by_log(n_rows: int, wanted: int) -> np.ndarray:
    """Return places that are even over the logarithm of the rank, rising; fewer, if several fall together on top."""
    middles = (np.arange(wanted) + 0.5) / wanted
    return np.unique(np.exp(middles * np.log(n_rows)).astype(np.int64) - 1)
