"""Draws rows at random, the doubtful ones rather, in an order that nobody chooses."""

import hashlib
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

# Which part of the draws falls evenly on all rows: with less, rows that the model is sure of come too seldom, and if
# none of the labels is wrong it takes longer to show it.
EVEN = 0.9
# weights are powers of 2, up to this one
HIGHEST = 8
# what a row that the model does not judge is taken for
UNKNOWN = 0.05


def weigh_rows(error_prob: np.ndarray) -> np.ndarray:
    """Return the weight that each row is drawn with, (n,) int64: 1, 2, 4, up to 2 to the power of `HIGHEST`.

    It follows the standard deviation of the row's error, sqrt(p (1 - p)), above a floor. The floor is such that drawing
    by the floor alone would take the share `EVEN` of the draws.

    Parameters
    ----------
    error_prob : ndarray of shape (n,), float64
        How likely each label is wrong, by any guess; NaN where there is none.
    """
    doubt = np.sqrt(error_prob * (1 - error_prob))
    doubt = np.nan_to_num(doubt, nan=0.0)
    floor = _find_floor(np.sort(doubt))
    if floor == 0:
        return np.ones(len(doubt), dtype=np.int64)
    powers = np.floor(np.log2(np.maximum(doubt / floor, 1)))
    weights: np.ndarray = 2 ** np.minimum(powers, HIGHEST).astype(np.int64)
    return weights


def make_seed(rows: pd.DataFrame) -> str:
    """Return what decides the order: the SHA-256 of the rows' ids, labels and weights, whatever their order."""
    lines = sorted(zip(rows["id"], rows["label"], rows["weight"], strict=True))
    return digest("\n".join(f"{row_id}\0{label}\0{weight}" for row_id, label, weight in lines))


def order_rows(ids: Sequence[str], weights: np.ndarray, seed: str) -> np.ndarray:
    """Return the rows in the order in which they are drawn, (n,) int64.

    Each row waits for a time of the exponential distribution with its weight as the rate. Their order is that of draws
    without replacement, each by weight.

    References
    ----------
    Efraimidis and Spirakis, "Weighted random sampling with a reservoir", Information Processing Letters 97, 2006
    """
    times = np.array([-math.log(_to_uniform(f"{seed}\0{row_id}")) for row_id in ids]) / weights
    return np.lexsort((np.array(ids, dtype=object).astype(str), times))


def digest(text: str) -> str:
    """Return a text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def _to_uniform(text: str) -> float:
    """Return a number above 0 and below 1 that the text decides."""
    return ((int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 12) + 0.5) / 2**52


def _find_floor(doubt: np.ndarray) -> float:
    """Return the floor at which evenly drawn rows are the share `EVEN`; ``doubt`` is sorted, the smallest first."""
    n_rows = len(doubt)
    above = np.concatenate([np.cumsum(doubt[::-1])[::-1][1:], [0.0]])
    # with the floor at each row's doubt, this is the share
    shares = doubt * n_rows / np.maximum(doubt * np.arange(1, n_rows + 1) + above, 1e-300)
    place = int(np.searchsorted(shares, EVEN))
    if place >= n_rows:
        return 0.0
    # between this row and the one before it the sum above the floor is the same
    higher = float(doubt[place:].sum())
    return EVEN * higher / (n_rows - EVEN * place)
