"""What the rows of a data set look like: pictures as arrays or in files, texts, or the cells of a table."""

import csv
import sys
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from PIL import Image

from stages.artifacts.files import BLOCK_BYTES, data_folder, load_array
from stages.artifacts.kind import Kind, name_content
from stages.artifacts.originals import Originals, find_originals, open_upright
from stages.artifacts.pictures import Encoded, data_uri, encode, to_pixels, to_png
from stages.artifacts.screen import to_screen
from stages.command.errors import InputError

TEXT: Kind = "text"
# the longest side of a picture in a file where it is shown by itself, and among many
CONTENT_SIDE, EXCERPT_SIDE = 800, 320
# up to which each pixel counts
EXACT_SIDE = 128
UNREADABLE = Image.new("L", (1, 1))
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

    def picture(self, row: int) -> Encoded:
        """Return a row's picture as a browser shows it."""
        return Encoded(to_png(self.images[row]), "image/png")

    def preview(self, row: int, side: int) -> Image.Image:
        """Return a row's picture, brought down to a longest side if it is larger."""
        picture = Image.fromarray(to_pixels(self.images[row]))
        picture.thumbnail((side, side))
        return picture


class Photographs:
    """Rows that are pictures in files, of any size each.

    Parameters
    ----------
    originals : Originals
        The n files.
    """

    kind: Kind = "picture"
    columns: tuple[str, ...] = ()

    def __init__(self, originals: Originals) -> None:
        self.originals = originals

    def __len__(self) -> int:
        return len(self.originals)

    def content(self, row: int) -> Any:
        """Return a row's picture, not as large as it may be, as an address that needs no file."""
        return self._to_address(row, CONTENT_SIDE)

    def excerpt(self, row: int, letters: int, cells: int) -> Any:
        """Return the same, but small."""
        return self._to_address(row, EXCERPT_SIDE)

    def picture(self, row: int) -> Encoded:
        """Return a row's picture as a browser shows it: the original, if it can and a screen has room for it."""
        content = self.originals.read(row)
        try:
            return to_screen(content)
        except Exception:
            return encode(UNREADABLE, exact=True)

    def preview(self, row: int, side: int) -> Image.Image:
        """Return a row's picture, brought down to a longest side if it is larger."""
        content = self.originals.read(row)
        try:
            return open_upright(content, side)
        # whatever Pillow trips over, so that a picture that cannot be decoded does not keep others from being seen
        except Exception:
            return UNREADABLE

    def _to_address(self, row: int, side: int) -> str:
        picture = self.preview(row, side)
        return data_uri(*encode(picture, exact=max(picture.size) <= EXACT_SIDE))


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


def open_examples(
    dataset: str, part: Literal["prepared", "cleaned"], ids: Sequence[str]
) -> Pictures | Photographs | Cells:
    """Open the rows with these ids, all that there are: as they are in files, or else in ``data/<dataset>/<part>``.

    Raises
    ------
    InputError
        When there is nothing to look at, or not of so many rows.
    """
    examples: Pictures | Cells
    originals = find_originals(dataset, ids)
    if originals is not None:
        return Photographs(originals)
    folder = data_folder(dataset) / part
    path = folder / name_content(folder)
    if not path.exists():
        raise InputError(f"{folder}: holds nothing to look at; `dvc repro` makes it, or `dvc pull` brings it")
    if path.suffix == ".npy":
        examples = Pictures(load_array(path))
    else:
        examples = Cells(np.memmap(path, mode="r") if path.stat().st_size else np.empty(0, dtype=np.uint8))
    if len(examples) != len(ids):
        raise InputError(
            f"{path}: holds {len(examples):,} rows where there should be {len(ids):,}; remove it and "
            "`dvc repro` makes it again"
        )
    return examples


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[:letters] + "…"
