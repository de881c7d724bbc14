"""Pictures as they are in files, of any format and size: the archive that ``fetch`` leaves."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, ImageOps

from stages.artifacts.files import data_folder
from stages.command.errors import InputError, some

ARCHIVE = "pictures.zip"
# What a picture in a file may be. Pillow would take any of its formats, whatever the file is called: it runs
# Ghostscript for EPS, and decodes ICO and ICNS before it says how large they are.
FORMATS = ("AVIF", "BMP", "DIB", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "QOI", "TGA", "TIFF", "WEBP")
# none is larger, whatever preprocess.max_pixels says: Pillow raises beyond twice its limit
MOST_PIXELS = 1 << 30
Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2
# half of what pictures of 16 bits hold lies in the second byte, which bytes have no place for
DEEP = 1 / 257
LEVELS = np.rint(np.arange(1 << 16) * DEEP).astype(np.uint8)
# modes whose pixels can be averaged as they are
AVERAGED = ("L", "LA", "RGB", "RGBA", "CMYK")


class Originals:
    """The pictures of n rows, read one by one.

    It may be used by several threads, but by the process alone that made it.

    Parameters
    ----------
    path : Path
        The archive.
    ids : sequence of n str
        The rows' ids, which are the pictures' names in the archive.
    file : file, optional
        The archive, if it is not opened by its path: one of another version, for instance.

    Raises
    ------
    InputError
        If the archive is damaged, or lacks a row's picture.
    """

    def __init__(self, path: Path, ids: Sequence[str], file: IO[bytes] | None = None) -> None:
        self.path, self.ids = path, list(ids)
        try:
            self._archive = zipfile.ZipFile(file or path)
        except (OSError, zipfile.BadZipFile) as error:
            raise InputError(f"{path}: damaged ({error}); remove it and `dvc repro` makes it again") from None
        if absent := sorted(set(self.ids) - set(self._archive.namelist())):
            raise InputError(f"{path}: lacks {len(absent):,} row(s) (id {some(absent)}); `dvc repro` brings them")

    def __len__(self) -> int:
        return len(self.ids)

    def read(self, row: int) -> bytes:
        """Return the file of a row's picture as it is."""
        return self._archive.read(self.ids[row])

    def size(self, row: int) -> int:
        """Return how many bytes the file of a row's picture has."""
        return self._archive.getinfo(self.ids[row]).file_size

    def open(self, row: int) -> Image.Image:
        """Decode a row's picture as `open_upright` does."""
        return open_upright(self.read(row))


def find_archive(dataset: str) -> Path:
    """Return where the pictures of a data set lie, if they are in files."""
    return data_folder(dataset) / "raw" / ARCHIVE


def find_originals(dataset: str, ids: Sequence[str]) -> Originals | None:
    """Return the pictures of the rows with these ids, or None if the data set has none in files."""
    path = find_archive(dataset)
    return Originals(path, ids) if path.exists() else None


def open_picture(content: bytes) -> Image.Image:
    """Read the head of a picture in a file, of one of `FORMATS`; what else there is is decoded when it is asked for.

    Raises
    ------
    Exception
        Any at all, if it is none: each of Pillow's formats raises its own.
    """
    return Image.open(io.BytesIO(content), formats=FORMATS)


def open_upright(content: bytes, side: int | None = None) -> Image.Image:
    """Decode a picture as a person sees it: a camera's turn undone, 8 bits deep, the first of an animation.

    Parameters
    ----------
    content : bytes
        The file.
    side : int, optional
        The longest side that it is brought down to, if it is larger. That saves most of the time and of the memory
        that a large photograph takes.

    Returns
    -------
    Image
        In mode L (grey) or RGB; what is transparent is black.

    Raises
    ------
    Exception
        Any at all, if it cannot be decoded.
    """
    with open_picture(content) as picture:
        if side:
            # JPEG can leave out detail while it is decoded
            width, height = (max(1, length * side // max(picture.size)) for length in picture.size)
            picture.draft(None, (width, height))
        ImageOps.exif_transpose(picture, in_place=True)
        # as soon as may be: what follows then takes a fraction of the memory
        if side and picture.mode in AVERAGED and "transparency" not in picture.info:
            picture.thumbnail((side, side))
        upright = _to_bytes(picture)
    if upright.mode not in ("L", "RGB"):
        upright = upright.convert("L" if is_grey(upright) else "RGB")
    if side:
        upright.thumbnail((side, side))
    return upright


def is_grey(picture: Image.Image) -> bool:
    """Say whether a picture's mode has no colours."""
    return picture.mode in ("1", "L", "LA", "La")


def _to_bytes(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16"):
        return Image.fromarray(LEVELS[np.asarray(picture)])
    if picture.mode.startswith(("I", "F")):
        return Image.fromarray(np.clip(np.rint(np.asarray(picture) * DEEP), 0, 255).astype(np.uint8))
    if picture.has_transparency_data:
        grey = is_grey(picture)
        seen = picture.convert("RGBA")
        flat = Image.alpha_composite(Image.new("RGBA", seen.size, "black"), seen)
        return flat.convert("L" if grey else "RGB")
    return picture
