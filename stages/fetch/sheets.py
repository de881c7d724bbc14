"""Reads one CSV file in the way that fits it: what params.yaml leaves open, its lines tell, or a message asks."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from stages.fetch.dialect import SEP, Dialect, explain_undecodable, find_encoding, is_utf_8, list_dialects
from stages.fetch.names import name_columns, suspect_names
from stages.fetch.raw import SourceError
from stages.fetch.records import MisreadError, Records
from stages.fetch.rows import Rows, number_columns
from stages.fetch.settings import Csv
from stages.fetch.table import BLOCK_ROWS

# the first wins where they fit equally well
DELIMITERS = (",", ";", "\t", "|")
# by which the delimiter is found
LINES_TRIED = 100
# the csv module's own limit is 131,072 characters, and a text may be longer
LONGEST_CELL = 2**31 - 1


class Sheet(NamedTuple):
    """A table of n rows, all text, an empty cell as the empty text; how it was read; and what its names may lack."""

    frame: pd.DataFrame
    said: str
    hint: str


def read_sheet(place: str, path: Path, wanted: Sequence[str], given: Csv, label: str | None) -> Sheet:
    """Read a CSV file.

    Parameters
    ----------
    place : str
        What messages call the file.
    path : Path
        Where it lies.
    wanted : sequence of str
        Columns that it should have, by which it is told how to read it.
    given : Csv
        What params.yaml says of how to read it.
    label : str or None
        The column of labels, by which rows are told from the lines of a text.

    Raises
    ------
    SourceError
        If it can be read in no way, or in one that only a person can choose.
    """
    csv.field_size_limit(LONGEST_CELL)
    encoding = find_encoding(path, given)

    try:
        delimiter = given.delimiter or find_delimiter(place, path, encoding, wanted, given)
        dialects = list(list_dialects(encoding, delimiter, given))
        return _read_likeliest(place, wanted, dialects, partial(_read, place, path, wanted, given, label))
    except UnicodeError as error:
        raise explain_undecodable(place, path, encoding) from error


def find_delimiter(place: str, path: Path, encoding: str, wanted: Sequence[str], given: Csv) -> str:
    """Return the delimiter that the first line names, as Excel writes it, or that fits the first lines best."""

    def fit(delimiter: str) -> tuple[int, int, int]:
        """Count the wanted columns, then the lines with as many cells as the first, then these cells."""
        dialect = next(list_dialects(encoding, delimiter, given))
        lines: list[list[str]] = []
        # the last of the lines tried may be half a row
        with path.open(encoding=encoding, newline="") as file, suppress(MisreadError):
            lines.extend(Records(place, islice(file, LINES_TRIED), dialect, given.comment))
        if not lines:
            return (-1, 0, 0)
        width = len(lines[0])
        even = sum(len(cells) == width for cells in lines) if width > 1 else 0
        if isinstance(given.header, list):
            return (width == len(given.header), even, width)
        names = lines[0] if given.header else number_columns(width)
        return (sum(name in names for name in wanted), even, width)

    with path.open(encoding=encoding, newline="") as file:
        named = SEP.fullmatch(file.readline())
    return named[1] if named else max(DELIMITERS, key=fit)


def _read_likeliest(
    place: str, wanted: Sequence[str], dialects: list[Dialect], read: Callable[[Dialect], Sheet]
) -> Sheet:
    """Return what the first dialect gives that fits and has the wanted columns, or else one that fits."""
    failures: list[MisreadError] = []
    incomplete, advice = None, ""
    for dialect in dialects:
        try:
            sheet = read(dialect)
        except MisreadError as error:
            failures.append(error)
            continue
        missing = [name for name in wanted if name not in sheet.frame]
        if not _is_sure(dialect, dialects[0], failures):
            advice += "" if missing else _advise(dialect)
        elif missing:
            incomplete = incomplete or sheet
        else:
            return sheet
    if incomplete and not advice:
        return incomplete
    raise SourceError(f"{failures[0] if failures else f'{place}: its columns are not those that are named'}{advice}")


def _is_sure(dialect: Dialect, first: Dialect, failures: list[MisreadError]) -> bool:
    """Say whether a dialect that fits may be taken without asking.

    That quotes are signs of the text is sure with tabs between cells, or if rows were joined otherwise.
    """
    if dialect.quote == first.quote:
        return True
    return dialect.quote is None and (dialect.delimiter == "\t" or any(failure.joined for failure in failures))


def _advise(dialect: Dialect) -> str:
    if dialect.quote is None:
        return "; or, if quotes are signs of the text, set fetch.csv.quote to none"
    return f'; or, if cells are put in {dialect.quote}, set fetch.csv.quote to "{dialect.quote}"'


def _read(place: str, path: Path, wanted: Sequence[str], given: Csv, label: str | None, dialect: Dialect) -> Sheet:
    """Read the file in one dialect, or its first rows if it lacks a column; raise MisreadError if it does not fit."""
    with path.open(encoding=dialect.encoding, newline="") as file:
        rows = Rows(Records(place, file, dialect, given.comment), given, label)
        most = None if set(wanted) <= set(rows.names) else BLOCK_ROWS
        blocks = [pd.DataFrame(block, dtype="str") for block in _take_blocks(islice(rows, most))]
    if not blocks:
        raise SourceError(f"{place}: has a first line and no rows below it; give it some")
    frame = pd.concat(blocks, ignore_index=True)
    rows.refuse_joined(frame)
    hint = suspect_names(frame, rows.names, given)
    named, said = name_columns(place, frame, rows.names, wanted, hint)
    return Sheet(named, "; ".join([f"read as {dialect}{_doubt(path, dialect)}", *said, *rows.said]), hint)


def _doubt(path: Path, dialect: Dialect) -> str:
    """Say so if a file is UTF-8, and params.yaml names another encoding."""
    if dialect.encoding.lower().startswith("utf") or not is_utf_8(path):
        return ""
    return ", although its letters beyond ASCII are UTF-8: is fetch.csv.encoding right?"


def _take_blocks(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while block := list(islice(rows, BLOCK_ROWS)):
        yield block
