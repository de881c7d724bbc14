"""What a person looks at: a data set's pictures, or its texts or table rows."""

import io
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from PIL import Image

from stages.artifacts import load_array, read_table
from stages.command import InputError
from stages.report.pictures import to_pixels, to_png

# the longest side of a picture among many, and of one that is compared with others by its pixels
THUMBNAIL, COMPARED = 112, 16
# rows are compared until so many bytes of pictures are read
COMPARED_BYTES = 1 << 28
TEXT = "text"


class Examples(Protocol):
    """The rows of a data set, by their number from 0."""

    kind: str

    def content(self, row: int) -> Any:
        """Return what there is to show of a row besides its picture, as JSON can hold it."""

    def nearest(self, row: int, count: int) -> list[int]:
        """Return the rows that look most like one, the nearest first."""


class Pictures:
    """Rows that are pictures.

    Parameters
    ----------
    path : Path
        A file of (n, C, H, W) uint8, of which only what is asked for is read.
    """

    kind = "picture"

    def __init__(self, path: Path) -> None:
        self.images = load_array(path)

    def content(self, row: int) -> None:
        """Return nothing: a picture is fetched by its own address."""

    def png(self, row: int) -> bytes:
        """Return one picture."""
        return to_png(self.images[row])

    def sheet(self, rows: list[int], columns: int) -> bytes:
        """Return many pictures as one, from left to right and top to bottom: one answer in place of hundreds."""
        thumbnails = [self._thumbnail(row) for row in rows]
        width, height = thumbnails[0].size
        sheet = Image.new(thumbnails[0].mode, (width * columns, height * -(-len(rows) // columns)))
        for place, thumbnail in enumerate(thumbnails):
            sheet.paste(thumbnail, (place % columns * width, place // columns * height))
        buffer = io.BytesIO()
        sheet.save(buffer, format="PNG", compress_level=1)
        return buffer.getvalue()

    def nearest(self, row: int, count: int) -> list[int]:
        """Return the rows whose pictures differ least, by the sum of squares over their pixels, made smaller."""
        rows, pixels, squares = self._compared
        difference = squares - 2 * pixels @ self._shrink(self.images[row : row + 1])[0]
        # row itself is among the closest
        closest = np.argpartition(difference, min(count, len(rows) - 1))[: count + 1]
        ordered = rows[closest[np.lexsort((closest, difference[closest]))]]
        return [int(other) for other in ordered if other != row][:count]

    @cached_property
    def _compared(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        step = -(-self.images.nbytes // COMPARED_BYTES)
        rows = np.arange(0, len(self.images), step)
        blocks = np.array_split(rows, -(-len(rows) // 1024))
        pixels = np.concatenate([self._shrink(self.images[block]) for block in blocks])
        return rows, pixels, np.square(pixels).sum(axis=1)

    def _shrink(self, images: np.ndarray) -> np.ndarray:
        height, width = images.shape[2:]
        down, right = -(-height // COMPARED), -(-width // COMPARED)
        size = height // down, width // right
        summed = np.zeros((*images.shape[:2], *size), np.float32)
        # slice by slice, which is nine times as fast as the mean over blocks
        for top, left in product(range(down), range(right)):
            summed += images[:, :, top : size[0] * down : down, left : size[1] * right : right]
        shrunk: np.ndarray = summed.reshape(len(images), -1) / (down * right)
        return shrunk

    def _thumbnail(self, row: int) -> Image.Image:
        picture = Image.fromarray(to_pixels(self.images[row]))
        picture.thumbnail((THUMBNAIL, THUMBNAIL))
        return picture


class Cells:
    """Rows of a table; one whose only column is called text is shown as text.

    Parameters
    ----------
    path : Path
        A CSV file with a row for each example.
    """

    def __init__(self, path: Path) -> None:
        self.table: pd.DataFrame = read_table(path)
        self.kind = TEXT if list(self.table) == [TEXT] else "table"

    def content(self, row: int) -> Any:
        """Return the row's text, or its cells by column."""
        cells = self.table.iloc[row].to_dict()
        return cells[TEXT] if self.kind == TEXT else cells

    def nearest(self, row: int, count: int) -> list[int]:
        """Return no rows: what is alike in a table depends on what its columns mean."""
        return []


def open_examples(folder: Path) -> Pictures | Cells:
    """Open the rows of ``data/<dataset>/prepared``: ``images.npy``, or ``rows.csv``."""
    if (folder / "images.npy").exists():
        return Pictures(folder / "images.npy")
    if (folder / "rows.csv").exists():
        return Cells(folder / "rows.csv")
    raise InputError(f"{folder}: holds nothing to look at; `dvc repro` makes it, or `dvc pull` brings it")
