"""Bounds the difference between two paired shares where few rows differ, or none."""

import numpy as np
from scipy.optimize import brentq

from stages.compare.spread import NORMAL, Spread

NEXT = 1e-9


def bound_few(won: float, lost: float, spread: Spread) -> tuple[float, float]:
    """Return Tango's interval for shares of rows that only the second gets right, and only the first."""
    single, rows = won + lost - (won - lost) ** 2, spread.rows
    if single > 0 and spread.variance > 0:
        rows = min(rows, single / spread.variance * (NORMAL / spread.quantile) ** 2)
    return bound_paired(won * rows, lost * rows, rows)


def bound_paired(won: float, lost: float, rows: float) -> tuple[float, float]:
    """Return Tango's 95 % interval for the difference between two paired proportions.

    Parameters
    ----------
    won, lost : float
        In how many rows only the second is right, and only the first. They need not be whole.
    rows : float
        How many rows there are.
    """

    def surprise(difference: float, sign: int) -> float:
        twice = (2 * rows - won + lost) * difference - won - lost
        root = np.sqrt(max(0.0, twice**2 + 8 * rows * lost * difference * (1 - difference)))
        only_lost = (root - twice) / (4 * rows)
        spread = np.sqrt(max(0.0, rows * (2 * only_lost + difference * (1 - difference))))
        return float(won - lost - rows * difference - sign * NORMAL * spread)

    middle = (won - lost) / rows
    # in the middle itself there is no surprise, and where no row differs that is a root of its own
    low = -1.0 if surprise(-1.0, 1) <= 0 else float(brentq(surprise, -1.0, middle - NEXT, args=(1,)))
    high = 1.0 if surprise(1.0, -1) >= 0 else float(brentq(surprise, middle + NEXT, 1.0, args=(-1,)))
    return low, high
