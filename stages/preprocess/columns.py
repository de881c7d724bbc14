"""Reads one column of a table: numbers, booleans, dates or categories."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from stages.command.errors import InputError, some

# what stands for a missing number or date, beside the empty cell: pandas' own list, and what UCI's tables have
MISSING = frozenset(
    ["#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL",
     "NaN", "None", "n/a", "nan", "null", "?"]
)  # fmt: skip
BOOLEANS = {"true": 1.0, "false": 0.0}
# A column of words names rows, and is not a category, if more than this share and more than this many differ.
NAMES_SHARE, NAMES_COUNT = 0.5, 50
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Column:
    """One feature of n rows.

    Attributes
    ----------
    name : str
        The column's.
    kind : str
        numeric, boolean, date or categorical.
    values : ndarray of shape (n,), float64
        NaN where a cell is missing.
    categories : list of str
        Their names, by number.
    """

    name: str
    kind: str
    values: np.ndarray
    categories: list[str] = field(default_factory=list)

    def described(self) -> dict[str, Any]:
        """Return its description, without its values."""
        described: dict[str, Any] = {"name": self.name, "kind": self.kind}
        return described | {"categories": self.categories} if self.kind == "categorical" else described


def read_column(name: str, cells: pd.Series, kind: str | None) -> Column | None:
    """Read a column as what it is said to be, or else as what its cells look like.

    Parameters
    ----------
    name : str
        The column's.
    cells : Series of n str
        An empty one is missing.
    kind : str, optional
        numeric, categorical, date, or leave_out.

    Returns
    -------
    Column, or None
        None for one to leave out: it was said so, or nearly all its cells are different words.

    Raises
    ------
    InputError
        When cells are not what they are said to be, or infinite.
    """
    if kind == "leave_out":
        return None
    present = cells.where(~cells.isin(MISSING), "") != ""
    if kind == "categorical":
        return read_categories(name, cells)
    for guess, read in (("numeric", read_numbers), ("boolean", read_booleans), ("date", read_dates)):
        if kind not in (None, guess):
            continue
        values = read(cells[present])
        if values.notna().all():
            return Column(name, guess, _check_finite(name, values.reindex(cells.index).to_numpy(dtype=np.float64)))
        if kind:
            wrong = cells[present][values.isna()]
            raise InputError(
                f"params.yaml: preprocess.columns: {name!r} is said to be {kind}, but {len(wrong):,} cell(s) are not: "
                f"{some(map(repr, wrong.unique()))}; mend them, or say categorical"
            )
    column = read_categories(name, cells)
    n_present, n_different = int((cells != "").sum()), len(column.categories)
    return None if n_different > max(NAMES_COUNT, NAMES_SHARE * n_present) else column


def read_categories(name: str, cells: pd.Series) -> Column:
    """Number the different cells in the order of their text; an empty one is missing."""
    codes = pd.Categorical(cells.where(cells != ""))
    values = np.where(codes.codes < 0, np.nan, codes.codes.astype(np.float64))
    return Column(name, "categorical", values, [str(category) for category in codes.categories])


def read_numbers(cells: pd.Series) -> pd.Series:
    """Return numbers; NaN if a cell is not one."""
    return pd.to_numeric(cells, errors="coerce").astype(np.float64)


def read_booleans(cells: pd.Series) -> pd.Series:
    """Return 1 for true and 0 for false, in any case of letters; NaN if a cell is neither."""
    return cells.str.lower().map(BOOLEANS).astype(np.float64)


def read_dates(cells: pd.Series) -> pd.Series:
    """Return days since 1970 for dates and times in ISO 8601, in UTC if no zone is given; NaN for any other cell."""
    times = pd.to_datetime(cells, format="ISO8601", errors="coerce", utc=True)
    return (times - pd.Timestamp(0, tz="UTC")) / DAY


def _check_finite(name: str, values: np.ndarray) -> np.ndarray:
    if np.isinf(values).any():
        raise InputError(
            f"raw/rows.csv: {np.isinf(values).sum():,} infinite value(s) in column {name!r}; "
            "mend them at the source, or set the column to leave_out in preprocess.columns"
        )
    return values
