"""How many errors the worst rows are expected to hold."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Expected:
    """How many errors the worst rows are expected to hold.

    Attributes
    ----------
    rows : int
        How many rows.
    errors, low, high : float
        How many errors, and the band around that.
    """

    rows: int
    errors: float
    low: float
    high: float

    @property
    def none(self) -> bool:
        """Whether not even one error is expected."""
        return self.errors < 1


def expect(table: pd.DataFrame, rows: int) -> Expected:
    """Read off yield.csv what the worst ``rows`` rows are expected to hold, linearly between its lines."""
    errors, low, high = (float(interpolate(table, column, np.array(rows))) for column in ("expected", "low", "high"))
    return Expected(rows, errors, low, high)


def interpolate(table: pd.DataFrame, column: str, rows: np.ndarray) -> np.ndarray:
    """Return a column of yield.csv at any numbers of rows: 0 at none, and its last value beyond the last."""
    values: np.ndarray = np.asarray(np.interp(rows, [0, *table["rows"]], [0, *table[column]]))
    return values
