"""Tables as they were found: named columns, every cell as text, whose types are for ``preprocess`` to tell."""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from stages.artifacts.files import write_table
from stages.command.errors import one_line, some, suggest
from stages.fetch.cells import to_text
from stages.fetch.raw import SourceError, count_classes
from stages.fetch.settings import Settings

ROWS = "rows.csv"
BLOCK_ROWS = 50_000
SHOWN_COLUMNS = 30


@dataclass(frozen=True)
class RawTable:
    """A data set of n rows with named columns.

    Attributes
    ----------
    table : DataFrame with the columns id and label, and group and split if there are any
        As `RawData` has it. In place of label there is a column for each annotator if there are several.
    rows : DataFrame of n rows
        The other columns, all text; empty where a value is missing.
    """

    table: pd.DataFrame
    rows: pd.DataFrame

    def sha256(self) -> str:
        """Return the SHA-256 of what the data says: ids, labels, groups and splits, then the rows, in quoted CSV."""
        digest = hashlib.sha256()
        for part in (self.table, self.rows):
            for start in range(0, len(part), BLOCK_ROWS):
                block = part.iloc[start : start + BLOCK_ROWS]
                text = block.to_csv(index=False, header=start == 0, lineterminator="\n", quoting=csv.QUOTE_ALL)
                digest.update(text.encode())
        return digest.hexdigest()

    def write(self, folder: Path) -> None:
        """Write the rows."""
        write_table(folder / ROWS, self.rows)

    def __str__(self) -> str:
        """Say what it holds."""
        rows, width = self.rows.shape
        columns = "column" if width == 1 else "columns"
        return f"{rows:,} rows of {width:,} {columns} in {count_classes(self.table['label'])}"


def make_table(frame: pd.DataFrame, settings: Settings, label: str | None = None) -> RawTable:
    """Take the columns that are the label, the id, the group and the split out of a table.

    Parameters
    ----------
    frame : DataFrame of n rows
        Its columns of any type.
    settings : Settings
        Which columns these are.
    label : str, optional
        The label's column where the settings name none.

    Raises
    ------
    SourceError
        When a column that is named is not there, ids are not unique, or no other column is left.
    """
    table = identify(frame, settings, label)
    named = set(settings.columns_with(label).values())
    rows = {name: to_text(values) for name, values in frame.items() if name not in named}
    if not rows:
        raise SourceError(
            "has no column beside those of the label, the id, the group and the split; a model has nothing to learn"
        )
    return RawTable(table, pd.DataFrame(rows))


def identify(frame: pd.DataFrame, settings: Settings, label: str | None = None) -> pd.DataFrame:
    """Return the id, the label and, if the settings name them, the group and the split of each row of a table.

    Where annotators have a column each, these stand in place of the label, as `Settings.columns` calls them.
    """
    names = settings.columns_with(label)
    check_named(names, list(map(str, frame.columns)))
    if frame.empty:
        raise SourceError("has no rows; give it some")
    table = {key: to_text(frame[name]) for key, name in names.items() if name is not None}
    if settings.id is None:
        table["id"] = pd.Series(range(len(frame)), index=frame.index).astype("str")
    else:
        _check_ids(settings.id, table["id"])
    return pd.DataFrame({key: table[key] for key in names if key in table})


def join(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Put the rows of several files, each under its place, one after another."""
    (first, expected), *others = frames.items()
    for place, frame in others:
        differing = {
            "lacks": expected.columns.difference(frame.columns),
            "adds": frame.columns.difference(expected.columns),
        }
        says = [f"{what} {some(map(repr, names))}" for what, names in differing.items() if len(names)]
        if says:
            raise SourceError(f"{place}: {' and '.join(says)}; its columns must be those of {first}")
    return pd.concat(frames.values(), ignore_index=True)


def list_columns(names: Iterable[object]) -> str:
    """Name the columns; of very many, only the first."""
    all_names = list(map(one_line, names))
    return ", ".join(all_names[:SHOWN_COLUMNS]) + (", …" if len(all_names) > SHOWN_COLUMNS else "")


def check_named(names: dict[str, str | None], columns: list[str], hint: str = "") -> None:
    """Raise SourceError if a column, by what it is, is not there, or is two things at once: the first that is.

    `list_misnamed` takes the same and yields all.
    """
    for wrong in list_misnamed(names, columns, hint):
        raise SourceError(wrong)


def list_misnamed(names: dict[str, str | None], columns: list[str], hint: str = "") -> Iterator[str]:
    """Yield what is wrong with the columns that are named.

    Parameters
    ----------
    names : dict of str to str or None
        The columns, as `Settings.columns` has them.
    columns : list of str
        Those that are there.
    hint : str
        What may be wrong with their names, for messages.
    """
    if names.get("label", "") is None:
        yield f"name the label's column in fetch.label; there are: {list_columns(columns)}{hint}"
    given = {key: name for key, name in names.items() if name is not None}
    for key, name in given.items():
        if name not in columns:
            yield (
                f"fetch.{key}: no column is called {name!r}{suggest(name, columns)}; "
                f"there are: {list_columns(columns)}{hint}"
            )
        same = [other for other in given if other != key and given[other] == name]
        if same:
            yield f"fetch.{key} and fetch.{same[0]} both name {name!r}; each needs a column of its own"


def _check_ids(column: str, ids: pd.Series) -> None:
    empty = ids.index[ids.str.strip() == ""]
    if len(empty):
        raise SourceError(
            f"fetch.id: {column!r} is empty in {len(empty):,} row(s) (row {some(empty)}, counted from 0); "
            "give each an id, or set fetch.id to null for row numbers"
        )
    twice = ids[ids.duplicated()].unique()
    if len(twice):
        raise SourceError(
            f"fetch.id: {column!r} has {len(twice):,} value(s) in more than one row ({some(twice)}); "
            "each row needs an id of its own: name another column, or null for row numbers"
        )
