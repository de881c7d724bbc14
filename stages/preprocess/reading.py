"""What the cells of a column are if it is of one kind, and how many of them are not."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stages.command.errors import some

NOUNS = {"numeric": "numbers", "date": "dates"}


@dataclass(frozen=True)
class Cells:
    """The m different cells of a column, or some of them.

    Attributes
    ----------
    texts : ndarray of shape (m,), object
        Without the blanks around them.
    counts : ndarray of shape (m,), int64
        In how many rows each is.
    """

    texts: np.ndarray
    counts: np.ndarray

    def take(self, where: np.ndarray) -> "Cells":
        """Return some of them."""
        return Cells(self.texts[where], self.counts[where])

    def are_among(self, marks: Collection[str]) -> np.ndarray:
        """Say of each cell whether it is one of some, (m,) bool."""
        return np.array([text in marks for text in self.texts], dtype=bool)

    def name(self) -> str:
        """Name the most frequent cells."""
        return some(repr(text) for _, text in sorted(zip(-self.counts, self.texts, strict=True)))


@dataclass(frozen=True)
class Reading:
    """Cells read as one kind.

    Attributes
    ----------
    kind : str
        numeric, boolean or date.
    cells : Cells
        What was read.
    values : ndarray of shape (m,), float64
        NaN where a cell is not of this kind.
    how : str
        What to say of how they are written; empty if they are written plainly.
    """

    kind: str
    cells: Cells
    values: np.ndarray
    how: str = ""

    @property
    def odd(self) -> Cells:
        """The cells that are not of this kind."""
        return self.cells.take(np.isnan(self.values))

    @property
    def odd_share(self) -> float:
        """In what share of the rows these are."""
        return float(self.odd.counts.sum() / max(1, self.cells.counts.sum()))

    def describe_odd(self) -> str:
        """Say how many cells are of the kind, and name the others: ``59 of 60 cells are numbers; not: 'forty'``."""
        n_cells, n_odd = self.cells.counts.sum(), self.odd.counts.sum()
        return f"{n_cells - n_odd:,} of {n_cells:,} cells are {NOUNS[self.kind]}; not: {self.odd.name()}"


def find_different(cells: pd.Series) -> tuple[np.ndarray, Cells]:
    """Return for each of n cells the number of its text, (n,) int64, and the different texts, without blanks."""
    codes, texts = pd.factorize(cells.to_numpy(dtype=object))
    stripped = np.array([text.strip() for text in texts], dtype=object)
    return codes, Cells(stripped, np.bincount(codes, minlength=len(texts)))
