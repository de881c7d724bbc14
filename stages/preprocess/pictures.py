"""Decodes pictures of any format and size into one array of bytes."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageOps, UnidentifiedImageError

from stages.command import InputError
from stages.preprocess.settings import Settings, name_rows

# the limit in params.yaml stands in for Pillow's: it is held before anything is decoded
Image.MAX_IMAGE_PIXELS = None
MODES = {1: "L", 3: "RGB"}
Size = tuple[int, int]
FIT: dict[str, Callable[[Image.Image, Size], Image.Image]] = {
    "resize": lambda picture, size: picture.resize(size, Image.Resampling.BILINEAR),
    "crop": lambda picture, size: ImageOps.fit(picture, size, Image.Resampling.BILINEAR),
    "pad": lambda picture, size: ImageOps.pad(picture, size, Image.Resampling.BILINEAR, color=0),
}
# half of what pictures of 16 bits hold lies in the second byte, which bytes have no place for
DEEP = 1 / 257


class TooLargeError(Exception):
    """A picture has more pixels than it may."""


def decode_pictures(path: Path, ids: pd.Series, settings: Settings) -> np.ndarray:
    """Decode an archive of pictures, a file for each id.

    Parameters
    ----------
    path : Path
        What ``fetch`` left.
    ids : Series of n str
        The names of the files, in the order of the rows.
    settings : Settings
        ``image_shape``, the form that all get; ``fit``, how; ``max_pixels``, how large one may be before.

    Returns
    -------
    ndarray of shape (n, C, H, W), uint8

    Raises
    ------
    InputError
        Naming the pictures that cannot be read, or are too large.
    """
    channels, height, width = settings.image_shape
    if channels not in MODES:
        raise InputError(
            f"params.yaml: preprocess.image_shape: {channels} channels do not fit pictures in files; "
            "give 1 for grey, or 3 for colour"
        )
    images = np.zeros((len(ids), channels, height, width), np.uint8)
    unread, large = [], []
    with zipfile.ZipFile(path) as archive:
        for row, row_id in enumerate(ids):
            try:
                images[row] = decode(archive.read(row_id), settings)
            except TooLargeError:
                large.append(row_id)
            except (UnidentifiedImageError, OSError, SyntaxError, ValueError, zipfile.BadZipFile):
                unread.append(row_id)
    _refuse(path, unread, large, settings.max_pixels)
    return images


def decode(content: bytes, settings: Settings) -> np.ndarray:
    """Return one picture, (C, H, W) uint8; what is transparent becomes black, and a camera's turn is undone."""
    channels, height, width = settings.image_shape
    with Image.open(io.BytesIO(content)) as picture:
        if picture.width * picture.height > settings.max_pixels:
            raise TooLargeError
        upright = _to_bytes(ImageOps.exif_transpose(picture)).convert(MODES[channels])
    if upright.size != (width, height):
        upright = FIT[settings.fit](upright, (width, height))
    return np.asarray(upright).reshape(height, width, channels).transpose(2, 0, 1)


def _to_bytes(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith(("I", "F")):
        return Image.fromarray(np.clip(np.rint(np.asarray(picture) * DEEP), 0, 255).astype(np.uint8))
    if picture.has_transparency_data:
        seen = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", seen.size, "black"), seen)
    return picture


def _refuse(path: Path, unread: list[str], large: list[str], max_pixels: int) -> None:
    problems = []
    if unread:
        problems.append(
            f"{path}: {name_rows(pd.Series(unread))} cannot be read as pictures; mend or leave them out at the source"
        )
    if large:
        problems.append(
            f"params.yaml: preprocess.max_pixels: {name_rows(pd.Series(large))} with more than {max_pixels:,} pixels; "
            "leave them out at the source or, if you trust them, raise it"
        )
    if problems:
        raise InputError("\n".join(problems))
