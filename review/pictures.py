"""A data set's pictures as the page shows them: one by one, many on a sheet, and those that look alike."""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import numpy as np
from PIL import Image

from stages.artifacts.examples import Photographs, Pictures
from stages.artifacts.kind import Kind
from stages.artifacts.pictures import Encoded, encode, shrink

# the longest side of a picture among many: 16 pixels times a whole number, or WebP mixes it with those beside it
THUMBNAIL = 160
# rows are compared until so many bytes of pictures are read
COMPARED_BYTES = 1 << 28
# a large one takes some hundred megabytes, of which each thread that has had one keeps a part
DECODERS = 2


class Gallery:
    """Rows that are pictures, each fetched by its own address.

    Parameters
    ----------
    examples : Pictures or Photographs
        What a person sees.
    seen : ndarray of shape (n, C, H, W), uint8, optional
        What a network sees, all of one size: it says which are alike.
    """

    kind: Kind = "picture"
    columns: tuple[str, ...] = ()

    def __init__(self, examples: Pictures | Photographs, seen: np.ndarray | None) -> None:
        self._examples, self._seen = examples, seen
        self._decoders = ThreadPoolExecutor(DECODERS)

    def content(self, row: int) -> None:
        """Return nothing."""

    def excerpt(self, row: int, letters: int, cells: int) -> None:
        """Return nothing."""

    @property
    def are_exact(self) -> bool:
        """Whether each pixel counts: a network sees these very ones."""
        return isinstance(self._examples, Pictures)

    def picture(self, row: int) -> Encoded:
        """Return one picture, as large as a screen shows it."""
        return self._decoders.submit(self._examples.picture, row).result()

    def preview(self, row: int) -> Encoded:
        """Return one picture, small."""
        return encode(self._thumbnail(row), exact=self.are_exact)

    def sheet(self, rows: list[int], columns: int) -> Encoded:
        """Return many pictures as one: one answer in place of hundreds.

        Each lies in the middle of a square of its own, from left to right and top to bottom. Around photographs, which
        differ in form, nothing is painted.
        """
        thumbnails = [self._thumbnail(row) for row in rows]
        side = max(max(thumbnail.size) for thumbnail in thumbnails) if self.are_exact else THUMBNAIL
        mode = thumbnails[0].mode if self.are_exact else "RGBA"
        sheet = Image.new(mode, (side * columns, side * -(-len(rows) // columns)))
        for place, thumbnail in enumerate(thumbnails):
            left, top = ((side - length) // 2 for length in thumbnail.size)
            sheet.paste(thumbnail, (place % columns * side + left, place // columns * side + top))
        return encode(sheet, exact=self.are_exact)

    def nearest(self, row: int, count: int) -> list[int]:
        """Return the rows whose pictures differ least, by the sum of squares over their pixels, made smaller.

        There are none if no network has seen pixels.
        """
        if self._seen is None:
            return []
        rows, pixels, squares = self._compared
        difference = squares - 2 * pixels @ shrink(self._seen[row : row + 1])[0]
        # row itself is among the closest
        closest = np.argpartition(difference, min(count, len(rows) - 1))[: count + 1]
        ordered = rows[closest[np.lexsort((closest, difference[closest]))]]
        return [int(other) for other in ordered if other != row][:count]

    @cached_property
    def _compared(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        assert self._seen is not None
        step = -(-self._seen.nbytes // COMPARED_BYTES)
        rows = np.arange(0, len(self._seen), step)
        blocks = np.array_split(rows, -(-len(rows) // 1024))
        pixels = np.concatenate([shrink(self._seen[block]) for block in blocks])
        return rows, pixels, np.square(pixels).sum(axis=1)

    def _thumbnail(self, row: int) -> Image.Image:
        return self._decoders.submit(self._examples.preview, row, THUMBNAIL).result()
