"""Turns a table's columns into numbers that any model can start from, each by what its cells look like."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from stages.artifacts.files import write_json, write_table
from stages.artifacts.kind import Kind
from stages.artifacts.remarks import Remark
from stages.command.errors import InputError, some, suggest
from stages.preprocess.columns import LEFT_OUT, Column, read_column
from stages.preprocess.contents import find_contents
from stages.preprocess.leakage import find_telling
from stages.preprocess.numbers import LARGEST
from stages.preprocess.settings import Settings

# Of more columns than this, the log names only those with a remark, and of more remarks only the first.
LISTED = 40
TELLING = (
    "this column alone tells {told:,} of {rows:,} labels; if it was made from them, or numbers the rows, wrong labels "
    "cannot be seen beside it: set it to leave_out in preprocess.columns"
)


@dataclass(frozen=True)
class Table:
    """A data set of n rows and d columns.

    Attributes
    ----------
    cells : DataFrame of n rows, all text
        What a person sees of each; an empty cell is missing.
    features : ndarray of shape (n, d), float64
        Numbers as they are, booleans as 0 and 1, dates as days since 1970, categories by their numbers; NaN where a
        cell is missing.
    columns : list of d Column
        What each feature is.
    found : list of Column
        All columns of the source, those that are left out too; none if they have no names there.
    """

    cells: pd.DataFrame
    features: np.ndarray
    columns: list[Column]
    found: list[Column] = field(default_factory=list)
    kind: ClassVar[Kind] = "table"

    def flaws(self) -> np.ndarray:
        """Return why each row cannot be read: always empty, as any cell may be missing."""
        return np.full(len(self.features), "")

    def take(self, rows: np.ndarray) -> "Table":
        """Return some of the rows."""
        return replace(self, cells=self.cells.iloc[rows], features=self.features[rows])

    def contents(self) -> np.ndarray:
        """Return the first row with the same features, for each."""
        return find_contents(row.data for row in self.features)

    def write(self, folder: Path) -> None:
        """Write ``rows.csv``, ``features.npy`` and ``columns.json``."""
        write_table(folder / "rows.csv", self.cells)
        np.save(folder / "features.npy", self.features)
        write_json(folder / "columns.json", [column.described() for column in self.columns])

    def list_columns(self) -> list[str]:
        """Return a line for each column, or of very many only for those with a remark, and not for all of these."""
        lines = self.found if len(self.found) <= LISTED else [column for column in self.found if column.remark][:LISTED]
        rest = len(self.found) - len(lines)
        return [*map(str, lines), *([f"{rest:,} more columns, which the report lists"] if rest else [])]

    def find_telling(self, labels: np.ndarray) -> list[Remark]:
        """Return a remark for each column with a name that tells the labels by itself, of the rows that have one."""
        rows = labels >= 0
        features, labels = (self.features, labels) if rows.all() else (self.features[rows], labels[rows])
        return [
            Remark(self.columns[number].name, TELLING.format(told=told, rows=len(labels)))
            for number, told in (find_telling(features, labels) if self.found else ())
        ]

    def remarks(self) -> list[Remark]:
        """Return what a person should know of how the columns were read."""
        return [Remark(column.name, column.remark) for column in self.found if column.remark]

    def __str__(self) -> str:
        kinds = pd.Series([column.kind for column in self.columns]).value_counts(sort=False)
        listed = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        return f"{len(self.features):,} rows of {len(self.columns):,} columns ({listed})"


def read_cells(cells: pd.DataFrame, settings: Settings) -> Table:
    """Read every column of a table of text.

    Parameters
    ----------
    cells : DataFrame of n rows, all text
        An empty cell is missing.
    settings : Settings
        What the user says of the columns and their cells.

    Raises
    ------
    InputError
        Naming columns that are not there, or whose cells are not what they are said to be; or when none is left.
    """
    unknown = [name for name in settings.columns if name not in cells]
    if unknown:
        raise InputError(
            f"params.yaml: preprocess.columns: there is no column "
            f"{some(f'{name!r}{suggest(name, cells.columns)}' for name in unknown)}; there are: {some(cells.columns)}"
        )
    found = [read_column(str(name), cells[name], settings) for name in cells]
    columns = [column for column in found if column.kind != LEFT_OUT]
    if not columns:
        raise InputError("raw/rows.csv: no column is left to learn from; see preprocess.columns in params.yaml")
    features = np.column_stack([column.values for column in columns])
    return Table(cells, features, columns, found)


def read_arrays(features: np.ndarray) -> Table:
    """Take rows of numbers without names: their columns are called x0, x1, …"""
    names = [f"x{number}" for number in range(features.shape[1])]
    values = features.astype(np.float64)
    large = [name for name, column in zip(names, values.T, strict=True) if (np.abs(column) > LARGEST).any()]
    if large:
        raise InputError(
            f"raw/features.npy: infinite values, or some beyond {LARGEST:g}, too large for a model, in column(s) "
            f"{some(large)}; mend or leave out these rows"
        )
    columns = [Column(name, "numeric", column) for name, column in zip(names, values.T, strict=True)]
    cells = pd.DataFrame(features, columns=names).astype(str).mask(np.isnan(values), "")
    return Table(cells, values, columns)
