"""Pictures in files, of any size and format: read from their archive one by one."""

import io
import zipfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labels.loading.places import LoadError

if TYPE_CHECKING:
    from PIL import Image

# Pillow would take any of its formats, whatever the file is called, and run Ghostscript for EPS
FORMATS = ("AVIF", "BMP", "DIB", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "QOI", "TGA", "TIFF", "WEBP")


class Files(Sequence[bytes]):
    """The files of n rows: ``files[0]`` is the content of the first, ``files.open(0)`` its picture.

    It can be pickled and used by several processes, each of which opens the archive anew.

    Parameters
    ----------
    archive : Path
        The zip archive.
    ids : list of n str
        The files' names in it.
    keeper : object, optional
        What keeps the archive from being removed as long as it is needed.
    """

    def __init__(self, archive: Path, ids: list[str], keeper: object = None) -> None:
        self.archive, self.ids, self._keeper = archive, ids, keeper

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, row: Any) -> Any:
        """Return a row's file as bytes, or some rows as `Files`."""
        if isinstance(row, slice):
            return self.take(range(len(self))[row])
        return self._zip.read(self.ids[row])

    def take(self, rows: Sequence[int]) -> "Files":
        """Return the files of some rows."""
        return Files(self.archive, [self.ids[row] for row in rows], self._keeper)

    def open(self, row: int) -> "Image.Image":
        """Decode a row's picture, in RGB, the way up that a person sees it; this takes Pillow."""
        try:
            from PIL import Image, ImageOps
        except ImportError:
            raise LoadError("pictures in files are decoded by Pillow: `pip install pillow`") from None
        with Image.open(io.BytesIO(self[row]), formats=FORMATS) as picture:
            return ImageOps.exif_transpose(picture).convert("RGB")

    def __getstate__(self) -> dict[str, Any]:
        return {"archive": self.archive, "ids": self.ids, "_keeper": None}

    @cached_property
    def _zip(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(self.archive)
