"""The records of a CSV file in one dialect, and what is wrong where it does not fit."""

import csv
import re
from collections.abc import Iterable, Iterator

from stages.fetch.dialect import SEP, Dialect
from stages.fetch.raw import SourceError

# with which lines begin that may be comments
COMMENTS = ("#", "%", "//")
# a backslash that belongs to what follows: none stands before it, or only pairs of them
ESCAPE = r"(?<!\\)((?:\\\\)*)\\"


class MisreadError(SourceError):
    """A file does not fit one dialect; it may fit another.

    Attributes
    ----------
    joined : bool
        Whether the dialect takes lines that are rows by themselves for one row.
    """

    def __init__(self, text: str, joined: bool = False) -> None:
        super().__init__(text)
        self.joined = joined


class Records:
    """The records of a file, each a list of its cells, without lines that are empty or comments.

    Attributes
    ----------
    lines : list of str
        The lines of the record at hand.
    first, last : int
        Their numbers in the file, counted from 1.
    """

    def __init__(self, place: str, file: Iterable[str], dialect: Dialect, comment: str | None = None) -> None:
        self.place, self.file, self.dialect, self.comment = place, file, dialect, comment
        self.lines: list[str] = []
        self.first = self.last = 0
        self.opening = ""
        self.escaped = re.compile(ESCAPE + re.escape(dialect.quote or "")) if dialect.backslash else None

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the records; raise MisreadError at one that is not well formed."""
        reader = csv.reader(self._take_lines(), **self.dialect.options)
        while True:
            self.lines = []
            try:
                record = next(reader, None)
            except csv.Error as error:
                raise MisreadError(self._explain(str(error))) from error
            if record is None:
                return
            if record:
                yield record

    def explain_width(self, n_cells: int, width: int, of: str) -> str:
        """Say that the record at hand has more or fewer cells than it should, and how to mend it."""
        if n_cells < width:
            mend = "cells are missing at its end: add the delimiters, or put a cell with a line break in quotes"
        else:
            mend = f"put cells that hold {self.dialect.delimiter!r} in quotes"
        comment = suspect_comment(self.lines[0]) or suspect_comment(self.opening)
        return f"{self.where}: {n_cells} cell(s), {of} {width}; {mend}{comment}"

    @property
    def where(self) -> str:
        """The lines of the record at hand."""
        lines = f"line {self.first}" if self.first == self.last else f"lines {self.first} to {self.last}"
        return f"{self.place}: {lines}"

    def _take_lines(self) -> Iterator[str]:
        for number, line in enumerate(self.file, 1):
            if not self.lines and (self._is_comment(line) or (number == 1 and SEP.fullmatch(line))):
                continue
            if "\0" in line:
                raise SourceError(
                    f"{self.place}: line {number}: holds a NUL byte; save it as a CSV file in UTF-8, "
                    "or set fetch.csv.encoding to utf-16-le or utf-16-be if it is that"
                )
            self.first, self.last = self.first if self.lines else number, number
            self.opening = self.opening or line
            self.lines.append(line)
            yield self.escaped.sub(rf"\1{2 * str(self.dialect.quote)}", line) if self.escaped else line

    def _is_comment(self, line: str) -> bool:
        return self.comment is not None and line.startswith(self.comment)

    def _explain(self, error: str) -> str:
        never = "unexpected end" in error
        reason = "a quote is never closed" if never else error
        return (
            f"{self.place}: line {self.first}: {reason}; a cell with quotes in it is put in quotes, and these doubled"
        )


def suspect_comment(line: str) -> str:
    """Say what to do if a line is a comment; an empty text if it does not begin as one."""
    sign = next((sign for sign in COMMENTS if line.startswith(sign)), None)
    return f'; if lines that begin with {sign} are comments, set fetch.csv.comment to "{sign}"' if sign else ""
