"""Turns a table's columns into numbers that any model can start from, each by what its cells look like."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from stages.artifacts.files import write_json, write_table
from stages.artifacts.kind import Kind
from stages.command.errors import InputError, some, suggest
from stages.preprocess.columns import Column, read_column
from stages.preprocess.contents import find_contents


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
    """

    cells: pd.DataFrame
    features: np.ndarray
    columns: list[Column]
    kind: ClassVar[Kind] = "table"

    def flaws(self) -> np.ndarray:
        """Return why each row cannot be read: always empty, as any cell may be missing."""
        return np.full(len(self.features), "")

    def take(self, rows: np.ndarray) -> "Table":
        """Return some of the rows."""
        return Table(self.cells.iloc[rows], self.features[rows], self.columns)

    def contents(self) -> np.ndarray:
        """Return the first row with the same features, for each."""
        return find_contents(row.data for row in self.features)

    def write(self, folder: Path) -> None:
        """Write ``rows.csv``, ``features.npy`` and ``columns.json``."""
        write_table(folder / "rows.csv", self.cells)
        np.save(folder / "features.npy", self.features)
        write_json(folder / "columns.json", [column.described() for column in self.columns])

    def __str__(self) -> str:
        kinds = pd.Series([column.kind for column in self.columns]).value_counts(sort=False)
        listed = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        return f"{len(self.features):,} rows of {len(self.columns):,} columns ({listed})"


def read_cells(dataset: str, cells: pd.DataFrame, kinds: dict[str, Any]) -> Table:
    """Read every column of a table of text.

    Parameters
    ----------
    dataset : str
        Its name, for what is printed where a column is left out.
    cells : DataFrame of n rows, all text
        An empty cell is missing.
    kinds : dict of str to str
        What the user says a column is: numeric, categorical, date, or leave_out.

    Raises
    ------
    InputError
        Naming columns that are not there, or whose cells are not what they are said to be; or when none is left.
    """
    unknown = [name for name in kinds if name not in cells]
    if unknown:
        raise InputError(
            f"params.yaml: preprocess.columns: there is no column "
            f"{some(f'{name!r}{suggest(name, cells.columns)}' for name in unknown)}; there are: {some(cells.columns)}"
        )
    read = [read_column(str(name), cells[name], kinds.get(str(name))) for name in cells]
    columns = [column for column in read if column is not None]
    for name in cells.columns[[column is None for column in read]]:
        if name not in kinds:
            print(
                f"preprocess: {dataset}: column {name!r} is left out: most of its cells differ, as names do; "
                "to keep it, say what it is in preprocess.columns, or in preprocess.text"
            )
    if not columns:
        raise InputError("raw/rows.csv: no column is left to learn from; see preprocess.columns in params.yaml")
    features = np.column_stack([column.values for column in columns])
    return Table(cells, features, columns)


def read_arrays(features: np.ndarray) -> Table:
    """Take rows of numbers without names: their columns are called x0, x1, …"""
    names = [f"x{number}" for number in range(features.shape[1])]
    values = features.astype(np.float64)
    infinite = [name for name, column in zip(names, values.T, strict=True) if np.isinf(column).any()]
    if infinite:
        raise InputError(
            f"raw/features.npy: infinite values in column(s) {some(infinite)}; mend or leave out these rows"
        )
    columns = [Column(name, "numeric", column) for name, column in zip(names, values.T, strict=True)]
    cells = pd.DataFrame(features, columns=names).astype(str).mask(np.isnan(values), "")
    return Table(cells, values, columns)
