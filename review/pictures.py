"""A data set's pictures as the page shows them: one by one, many on a sheet, and those that look alike."""

import io
from functools import cached_property

import numpy as np
from PIL import Image

from stages.artifacts.examples import Pictures
from stages.artifacts.pictures import shrink, to_pixels, to_png

# the longest side of a picture among many
THUMBNAIL = 112
# rows are compared until so many bytes of pictures are read
COMPARED_BYTES = 1 << 28


class Gallery(Pictures):
    """Rows that are pictures, each fetched by its own address."""

    def content(self, row: int) -> None:
        """Return nothing."""

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
        difference = squares - 2 * pixels @ shrink(self.images[row : row + 1])[0]
        # row itself is among the closest
        closest = np.argpartition(difference, min(count, len(rows) - 1))[: count + 1]
        ordered = rows[closest[np.lexsort((closest, difference[closest]))]]
        return [int(other) for other in ordered if other != row][:count]

    @cached_property
    def _compared(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        step = -(-self.images.nbytes // COMPARED_BYTES)
        rows = np.arange(0, len(self.images), step)
        blocks = np.array_split(rows, -(-len(rows) // 1024))
        pixels = np.concatenate([shrink(self.images[block]) for block in blocks])
        return rows, pixels, np.square(pixels).sum(axis=1)

    def _thumbnail(self, row: int) -> Image.Image:
        picture = Image.fromarray(to_pixels(self.images[row]))
        picture.thumbnail((THUMBNAIL, THUMBNAIL))
        return picture
