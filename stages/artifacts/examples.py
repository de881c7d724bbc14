"""What the rows of a data set look like: pictures, texts, or the cells of a table."""

import csv
import sys
from pathlib import Path
from typing import Any

import numpy as np

from stages.artifacts.files import BLOCK_BYTES, load_array
from stages.artifacts.kind import Kind, name_content
from stages.artifacts.pictures import data_uri, to_png
from stages.command.errors import InputError

TEXT: Kind = "text"
# a text may be longer than the 128 KiB that the reader lets pass
csv.field_size_limit(sys.maxsize)


class Pictures:
    """Rows that are pictures.

    Parameters
    ----------
    images : ndarray of shape (n, C, H, W), uint8
        May be memory-mapped: only what is asked for is read.
    """

    kind: Kind = "picture"
    columns: tuple[str, ...] = ()

    def __init__(self, images: np.ndarray) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def content(self, row: int) -> Any:
        """Return a row's picture as an address that needs no file."""
        return data_uri(to_png(self.images[row]))

    def excerpt(self, row: int, letters: int, cells: int) -> Any:
        """Return the same: a picture is shown whole."""
        return self.content(row)


class Cells:
    """Rows of a table; one whose only column is called text holds texts.

    Only where each row begins is kept in memory, eight bytes for each.

    Parameters
    ----------
    data : ndarray of uint8
        The bytes of a CSV file with a row for each example, which may be memory-mapped.
    """

    def __init__(self, data: np.ndarray) -> None:
        self._data = data
        self._starts = find_records(data)
        self.columns = tuple(self._read(0)) if len(self._starts) > 1 else ()
        self.kind: Kind = TEXT if self.columns == (TEXT,) else "table"

    def __len__(self) -> int:
        return max(0, len(self._starts) - 2)

    def content(self, row: int) -> Any:
        """Return the row's text, or its cells in the order of ``columns``."""
        cells = self._read(row + 1)
        return cells[0] if self.kind == TEXT else cells

    def excerpt(self, row: int, letters: int, cells: int) -> Any:
        """Return the first letters of the row's text, or the first cells, each cut to so many letters."""
        content = self.content(row)
        return _cut(content, letters) if self.kind == TEXT else [_cut(cell, letters) for cell in content[:cells]]

    def _read(self, record: int) -> list[str]:
        start, end = self._starts[record : record + 2]
        # a bare carriage return does not end a row here, though the csv reader thinks so
        line = self._data[start:end].tobytes().decode("utf-8").replace("\r", " ")
        return next(csv.reader([line.removesuffix("\n")]), None) or [""]


def find_records(data: np.ndarray) -> np.ndarray:
    """Return where each record of a CSV file begins, and last where the file ends: at line breaks out of quotes."""
    starts, quotes = [np.zeros(1, dtype=np.int64)], 0
    for start in range(0, len(data), BLOCK_BYTES):
        block = np.asarray(data[start : start + BLOCK_BYTES])
        quote, end = np.flatnonzero(block == ord('"')), np.flatnonzero(block == ord("\n"))
        outside = (np.searchsorted(quote, end) + quotes) % 2 == 0
        starts.append(end[outside] + start + 1)
        quotes += len(quote)
    found = np.concatenate(starts)
    return found if found[-1] == len(data) else np.append(found, len(data))


def open_examples(folder: Path, n_rows: int) -> Pictures | Cells:
    """Open the rows of ``data/<dataset>/prepared``, or of ``cleaned``: ``images.npy``, or ``rows.csv``.

    Raises
    ------
    InputError
        When neither is there, or it has not ``n_rows`` rows.
    """
    examples: Pictures | Cells
    path = folder / name_content(folder)
    if not path.exists():
        raise InputError(f"{folder}: holds nothing to look at; `dvc repro` makes it, or `dvc pull` brings it")
    if path.suffix == ".npy":
        examples = Pictures(load_array(path))
    else:
        examples = Cells(np.memmap(path, mode="r") if path.stat().st_size else np.empty(0, dtype=np.uint8))
    if len(examples) != n_rows:
        raise InputError(
            f"{path}: holds {len(examples):,} rows where there should be {n_rows:,}; remove it and "
            "`dvc repro` makes it again"
        )
    return examples


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[:letters] + "…"
