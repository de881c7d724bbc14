"""``csv:PATH-or-URL``: a table in CSV files, separated by commas, semicolons or tabs, compressed or not.

Several files are one table: ``part-*.csv`` in sorted order, ``{train,test}.csv`` in the order written.
"""

import csv
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

import pandas as pd

from stages.fetch.archives import decompress
from stages.fetch.files import bring_files
from stages.fetch.raw import SourceError
from stages.fetch.settings import Settings
from stages.fetch.table import BLOCK_ROWS, RawTable, check_names, join, make_table

# the first wins where they fit equally well
DELIMITERS = (",", ";", "\t")
# the csv module's own limit is 131,072 characters, and a text may be longer
LONGEST_CELL = 2**31 - 1


def fetch(argument: str, settings: Settings) -> RawTable:
    """Read the files, every cell as it is written there."""
    wanted = [name for name in settings.columns.values() if name is not None]
    frames = {}
    with tempfile.TemporaryDirectory() as folder:
        for place, path in bring_files(argument, Path(folder), settings).items():
            plain = decompress(path, Path(folder), settings.max_unpacking)
            frames[place] = read_csv(place, plain, wanted)
    return make_table(join(frames), settings)


def read_csv(place: str, path: Path, wanted: Sequence[str]) -> pd.DataFrame:
    """Read a CSV file in UTF-8 whose first line names the columns.

    Parameters
    ----------
    place : str
        What messages call the file.
    path : Path
        Where it lies.
    wanted : sequence of str
        Columns that it should have, by which the delimiter is told.

    Returns
    -------
    DataFrame of n rows
        All text, an empty cell as the empty text.
    """
    csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            delimiter = find_delimiter(file, wanted)
            file.seek(0)
            records = _read_records(place, file, delimiter)
            header = next(records, None)
            if header is None:
                raise SourceError(f"{place}: is empty; its first line must name the columns")
            check_names(place, header)
            blocks = [pd.DataFrame(block, columns=header, dtype="str") for block in _take_blocks(records)]
    except UnicodeDecodeError as error:
        raise SourceError(f"{place}: {_find_foreign_byte(path)}; save it as UTF-8") from error
    if not blocks:
        raise SourceError(f"{place}: has a first line and no rows below it; give it some")
    return pd.concat(blocks, ignore_index=True)


def find_delimiter(file: TextIO, wanted: Sequence[str]) -> str:
    """Tell the delimiter by the first line: it gives the most of the wanted columns, then the most columns."""

    def fit(delimiter: str) -> tuple[int, int]:
        file.seek(0)
        try:
            header = next(filter(None, csv.reader(file, delimiter=delimiter, strict=True)), [])
        except csv.Error:
            return (-1, 0)
        return (sum(name in header for name in wanted), len(header))

    return max(DELIMITERS, key=fit)


def _read_records(place: str, file: TextIO, delimiter: str) -> Iterator[list[str]]:
    """Yield the cells of each line that is not empty, and refuse one that is not well formed."""
    reader = csv.reader(_without_nul(place, file), delimiter=delimiter, strict=True)
    start, width = 1, 0
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            reason = "a quote is never closed" if "unexpected end" in str(error) else str(error)
            raise SourceError(
                f"{place}: line {start}: {reason}; a cell with quotes in it is put in quotes, and these doubled"
            ) from error
        if record is None:
            return
        width = width or len(record)
        if record and len(record) != width:
            raise SourceError(
                f"{place}: line {start}: {len(record)} cell(s), the first line has {width}; "
                f"put cells that hold {delimiter!r} in quotes"
            )
        if record:
            yield record
        start = reader.line_num + 1


def _without_nul(place: str, file: TextIO) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        if "\0" in line:
            raise SourceError(f"{place}: line {number}: holds a NUL byte; save it as a CSV file in UTF-8")
        yield line


def _take_blocks(records: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while block := list(islice(records, BLOCK_ROWS)):
        yield block


def _find_foreign_byte(path: Path) -> str:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return f"line {number}, byte {error.start + 1}: 0x{line[error.start]:02x} is not UTF-8"
    return "it is not UTF-8"
