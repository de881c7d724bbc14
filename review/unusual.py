"""Finds the cells in which a row of a table is least like the other rows of its class."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from stages.artifacts.examples import Cells

SHOWN = 4
# a sample of so many cells says what is usual; for a class with fewer rows in it than these, all classes together
CELLS_SAMPLED, FEWEST_ROWS = 200_000, 10
# the least standard deviation, relative to the mean: the numbers of a column may be almost equal
LEAST_SPREAD = 1e-6


class Usual:
    """What is usual in each of c columns, among m rows.

    Parameters
    ----------
    cells : ndarray of shape (m, c), object
        Text. At least one row.
    numeric : ndarray of shape (c,), bool
        The columns that hold numbers; the others hold names.
    """

    def __init__(self, cells: np.ndarray, numeric: np.ndarray) -> None:
        self._numeric = numeric
        numbers = np.ma.masked_invalid(to_numbers(cells))
        self._mean = numbers.mean(axis=0).filled(0)
        self._spread = np.maximum(numbers.std(axis=0).filled(0), LEAST_SPREAD * (1 + np.abs(self._mean)))
        self._counts = [Counter(kinds) for kinds in self._to_kinds(cells).T]

    def score(self, cells: np.ndarray) -> np.ndarray:
        """Return how unusual each of c cells is, (c,) float: 0 for the mean number, and for the most frequent name.

        A number counts as its distance from the mean in standard deviations, a name as the distance at which the
        normal density is as far below its peak as the name is rarer than the most frequent one.
        """
        kinds = zip(self._counts, self._to_kinds(cells), strict=True)
        rarity = [np.log(max(counts.values()) / max(counts[kind], 0.5)) for counts, kind in kinds]
        distance = np.nan_to_num(np.abs(to_numbers(cells) - self._mean) / self._spread)
        return np.maximum(np.sqrt(np.multiply(2, rarity)), np.where(self._numeric, distance, 0))

    def _to_kinds(self, cells: np.ndarray) -> np.ndarray:
        # numbers are not counted
        kinds = cells.copy()
        kinds[self._numeric & np.isfinite(to_numbers(cells))] = None
        return kinds


class UnusualCells:
    """The unusual cells of a table of n rows.

    Parameters
    ----------
    table : Cells
        At least one row.
    labels : sequence of n str
        Their given labels.
    """

    def __init__(self, table: Cells, labels: Sequence[str]) -> None:
        self._table, self._labels = table, labels
        sampled = range(0, len(table), -(-len(table) * len(table.columns) // CELLS_SAMPLED))
        cells = np.array([table.content(row) for row in sampled], dtype=np.object_)
        numeric = find_numeric(cells)
        self._all = Usual(cells, numeric)
        by_class = pd.Series(range(len(sampled))).groupby([labels[row] for row in sampled])
        self._by_class = {str(name): Usual(cells[own], numeric) for name, own in by_class if len(own) >= FEWEST_ROWS}

    def columns(self, row: int) -> list[int]:
        """Return the numbers of the columns in which a row is least like the rows of its class, that one first."""
        usual = self._by_class.get(self._labels[row], self._all)
        scores = usual.score(np.array(self._table.content(row), dtype=np.object_))
        return [int(column) for column in np.argsort(-scores, kind="stable")[:SHOWN]]


def find_numeric(cells: np.ndarray) -> np.ndarray:
    """Return which columns hold only numbers and empty cells, (c,) bool."""
    numbers = np.isfinite(to_numbers(cells))
    found: np.ndarray = (numbers | (cells == "")).all(axis=0) & numbers.any(axis=0)
    return found


def to_numbers(cells: np.ndarray) -> np.ndarray:
    """Return the finite numbers that cells hold, and nan for every other cell, in the same shape."""
    numbers = pd.to_numeric(pd.Series(cells.ravel(), dtype=object), errors="coerce").to_numpy(dtype=float)
    return np.where(np.isfinite(numbers), numbers, np.nan).reshape(cells.shape)
