"""The rows of a CSV file, a cell for each column, and what its first line says of these."""

from collections.abc import Iterator
from itertools import chain

import pandas as pd

from stages.fetch.raw import SourceError
from stages.fetch.records import MisreadError, Records
from stages.fetch.settings import Csv


class Rows:
    """The rows of a table, each with a cell for each name.

    Attributes
    ----------
    names : list of str
        The columns' names, empty where a column has none.
    """

    def __init__(self, records: Records, given: Csv, label: str | None) -> None:
        self.records, self.given = records, given
        self.cells = iter(records)
        self.names = self._read_names()
        self.label = label
        self.n_cut = self.n_repeated = 0
        self.suspects: list[tuple[str, set[str]]] = []

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the rows; raise MisreadError at one that has too few cells or too many."""
        for number, cells in enumerate(self.cells):
            if number == 0 and self.given.header is True and _begins_with_number(cells, self.names):
                self.names = ["", *self.names]
            if self.given.header and cells == self.names:
                self.n_repeated += 1
                continue
            yield self._fit(cells)
            if len(self.records.lines) > 1:
                self._suspect_joined()

    def refuse_joined(self, frame: pd.DataFrame) -> None:
        """Raise MisreadError if lines that are rows by themselves were taken for one, as quotes in a text make them.

        Lines are rows if their labels are known from other rows. Between tabs, which are in few texts, any label will
        do.
        """
        if not self.suspects:
            return
        known = set(frame.iloc[:, self.names.index(str(self.label))])
        for where, labels in self.suspects:
            if all(labels) and (labels <= known or self.records.dialect.delimiter == "\t"):
                raise MisreadError(
                    f"{where} are one row, for a quote opens in the first and closes in the last; but each looks like "
                    "a row: take out the quotes, or set fetch.csv.quote to none if quotes are signs of the text, or "
                    "to '\"' if they are one row",
                    joined=True,
                )

    @property
    def said(self) -> list[str]:
        """What of the rows is left out."""
        counts = {
            "empty cells behind the last column": self.n_cut,
            "the names of the columns again": self.n_repeated,
        }
        return [f"{what} left out in {count:,} line(s)" for what, count in counts.items() if count]

    def _read_names(self) -> list[str]:
        if isinstance(self.given.header, list):
            return self.given.header
        first = next(self.cells, None)
        if first is None:
            raise SourceError(f"{self.records.place}: is empty; its first line must name the columns")
        if self.given.header:
            return first
        self.cells = chain([first], self.cells)
        return number_columns(len(first))

    def _fit(self, cells: list[str]) -> list[str]:
        width = len(self.names)
        extra = cells[width:]
        if len(cells) < width or any(map(str.strip, extra)):
            of = "fetch.csv.header has" if isinstance(self.given.header, list) else "the first line has"
            raise MisreadError(self.records.explain_width(len(cells), width, of))
        self.n_cut += bool(extra)
        return cells[:width] if extra else cells

    def _suspect_joined(self) -> None:
        """Note the row at hand if most of its lines have a cell for each column."""
        if self.given.quote is not None or self.label not in self.names:
            return
        delimiter, place = self.records.dialect.delimiter, self.names.index(self.label)
        lines = [line.rstrip("\r\n").split(delimiter) for line in self.records.lines if line.strip()]
        rows = [cells for cells in lines if len(cells) == len(self.names)]
        if len(rows) > 1 and 2 * len(rows) > len(lines):
            self.suspects.append((self.records.where, {cells[place].strip(" \"'") for cells in rows}))


def number_columns(width: int) -> list[str]:
    """Return what the columns of a file without names are called."""
    return [f"c{number}" for number in range(1, width + 1)]


def _begins_with_number(cells: list[str], names: list[str]) -> bool:
    """Say whether the first row has its number before the first column, as R's `write.table` leaves it."""
    return len(cells) == len(names) + 1 and cells[0] in ("0", "1") and bool(cells[-1].strip())
