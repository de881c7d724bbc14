"""A data set's pictures as the page shows them: one by one, and many on a sheet."""

from concurrent.futures import ThreadPoolExecutor

from PIL import Image

from stages.artifacts.examples import Cells, Photographs, Pictures
from stages.artifacts.kind import Kind
from stages.artifacts.pictures import Encoded, encode

# the longest side of a picture among many: 16 pixels times a whole number, or WebP mixes it with those beside it
THUMBNAIL = 160


class Gallery:
    """Rows that are pictures, each fetched by its own address.

    Parameters
    ----------
    examples : Pictures or Photographs
        What a person sees.
    """

    kind: Kind = "picture"
    columns: tuple[str, ...] = ()

    def __init__(self, examples: Pictures | Photographs) -> None:
        self._examples = examples
        # a large one takes some hundred megabytes, of which each thread that has had one keeps a part: one thread for
        # those that a person waits for, and one for small ones, of which many are asked for at once
        self._decoder, self._shrinker = ThreadPoolExecutor(1), ThreadPoolExecutor(1)

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
        return self._decoder.submit(self._examples.picture, row).result()

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

    def _thumbnail(self, row: int) -> Image.Image:
        return self._shrinker.submit(self._examples.preview, row, THUMBNAIL).result()


def find_gallery(examples: Gallery | Cells) -> Gallery:
    """Return them if they are pictures, and raise LookupError if not."""
    if not isinstance(examples, Gallery):
        raise LookupError("picture in this data set")
    return examples
