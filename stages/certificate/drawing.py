"""Draws rows at random, the doubtful ones rather, in an order that nobody chooses."""

import hashlib
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

# Which part of the draws falls evenly on all rows. The rest goes to doubtful ones, which say more if the model is
# right. If it is not, or no label is wrong, it takes longer by what that leaves: a twelfth at most.
EVEN = 0.92
# the weights, in steps of the root of 2
WEIGHTS = np.array([4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128])
# what a row that the model does not judge is taken for
UNKNOWN = 0.05


def weigh_rows(error_prob: np.ndarray) -> np.ndarray:
    """Return the weight that each row is drawn with, (n,) int64, one of `WEIGHTS`.

    It follows the standard deviation of the row's error, sqrt(p (1 - p)), above a floor, which is such that the part
    `EVEN` of the draws falls evenly on all rows.

    Parameters
    ----------
    error_prob : ndarray of shape (n,), float64
        How likely each label is wrong, by any guess; NaN where there is none.
    """
    known = np.nan_to_num(error_prob, nan=0.0)
    doubt = np.sqrt(known * (1 - known))
    floor = _find_floor(np.sort(doubt))
    steps = np.ones(len(doubt)) if floor == 0 else np.maximum(doubt / floor, 1)
    weights: np.ndarray = WEIGHTS[np.searchsorted(WEIGHTS, WEIGHTS[0] * steps * (1 + 1e-9), side="right") - 1]
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
    """Return the floor that alone makes the share `EVEN` of all; ``doubt`` is sorted, the smallest first."""
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
