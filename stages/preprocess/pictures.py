"""Decodes pictures of any format and size into one array of bytes."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
from PIL import Image, ImageOps

from stages.artifacts.files import write_json
from stages.artifacts.kind import WHITE, Kind
from stages.artifacts.originals import open_picture, open_upright
from stages.artifacts.seen import FITTED
from stages.command.errors import InputError
from stages.preprocess.contents import find_contents
from stages.preprocess.settings import Settings, name_rows

MODES = {1: "L", 3: "RGB"}
Size = tuple[int, int]
Shape = tuple[int, int, int]
UNREADABLE = "that cannot be read as pictures"
# how much longer one side may become, beside the other, before it is worth saying
UNLIKE = 0.05
FITTED_WORDS = {"resize": "squeezed", "crop": "cropped", "pad": "padded"}
FIT: dict[str, Callable[[Image.Image, Size], Image.Image]] = {
    "resize": lambda picture, size: picture.resize(size, Image.Resampling.BILINEAR),
    "crop": lambda picture, size: ImageOps.fit(picture, size, Image.Resampling.BILINEAR),
    "pad": lambda picture, size: ImageOps.pad(picture, size, Image.Resampling.BILINEAR, color=0),
}


class TooLargeError(Exception):
    """A picture has more pixels than it may."""


@dataclass(frozen=True)
class Pictures:
    """A data set of pictures.

    Attributes
    ----------
    images : ndarray of shape (n, C, H, W), uint8
        Black where a file could not be read.
    reasons : ndarray of shape (n,), str
        Why not; empty if it could be read.
    unlike : ndarray of shape (n,), bool, optional
        Whether its form was another than the one that all have now; None for pictures that are not from files.
    fit : str
        How it then got that one, a key of `FIT`.
    """

    images: np.ndarray
    reasons: np.ndarray
    unlike: np.ndarray | None = None
    fit: str = "resize"
    kind: ClassVar[Kind] = "picture"

    def flaws(self) -> np.ndarray:
        """Return why each picture cannot be read; empty if it can."""
        return self.reasons

    def take(self, rows: np.ndarray) -> "Pictures":
        """Return some of the pictures."""
        if len(rows) == len(self.images):
            return self
        unlike = None if self.unlike is None else self.unlike[rows]
        return Pictures(self.images[rows], self.reasons[rows], unlike, self.fit)

    def contents(self) -> np.ndarray:
        """Return the first picture with the same pixels, for each."""
        return find_contents(np.ascontiguousarray(image).data for image in self.images)

    def write(self, folder: Path) -> None:
        """Write ``images.npy`` and, of pictures in files, how they were made alike."""
        np.save(folder / "images.npy", self.images)
        if self.unlike is not None:
            write_json(folder / FITTED, {"fit": self.fit, "unlike": int(self.unlike.sum())})

    def __str__(self) -> str:
        said = f"{len(self.images):,} images of {'×'.join(map(str, self.images.shape[1:]))}"
        if self.unlike is None or not self.unlike.any():
            return said
        return f"{said}, {self.unlike.sum():,} of them {FITTED_WORDS[self.fit]} by more than {UNLIKE:.0%}"


def decode_pictures(path: Path, ids: pd.Series, settings: Settings) -> Pictures:
    """Decode an archive of pictures, a file for each id.

    Parameters
    ----------
    path : Path
        What ``fetch`` left.
    ids : Series of n str
        The names of the files, in the order of the rows.
    settings : Settings
        ``image_shape``, the form that all get; ``fit``, how; ``max_pixels``, how large one may be before.
    """
    shape = settings.image_shape
    assert shape is not None
    if shape[0] not in MODES:
        raise InputError(
            f"params.yaml: preprocess.image_shape: {list(shape)} does not fit pictures in files; "
            "give [channels, height, width], with 1 channel for grey or 3 for colour, for instance [3, 64, 64]"
        )
    images, reasons = np.zeros((len(ids), *shape), np.uint8), np.full(len(ids), "", dtype=object)
    unlike = np.zeros(len(ids), dtype=bool)
    with zipfile.ZipFile(path) as archive:
        for row, row_id in enumerate(ids):
            try:
                images[row], unlike[row] = decode(archive.read(row_id), shape, settings)
            except TooLargeError:
                reasons[row] = name_too_large(settings)
            except Exception:
                # each of Pillow's formats raises its own, and what its code trips over in a damaged file
                reasons[row] = UNREADABLE
    return Pictures(images, reasons, unlike, settings.fit)


def check_size(content: bytes, settings: Settings) -> None:
    """Raise TooLargeError if a picture says that it has more pixels than it may, and decode none of them."""
    try:
        with open_picture(content) as picture:
            pixels = picture.width * picture.height
    except Image.DecompressionBombError as error:
        raise TooLargeError from error
    if pixels > settings.max_pixels:
        raise TooLargeError


def name_too_large(settings: Settings) -> str:
    """Return why a picture with too many pixels is not read."""
    return f"with more than {settings.max_pixels:,} pixels (preprocess.max_pixels)"


def decode(content: bytes, shape: Shape, settings: Settings) -> tuple[np.ndarray, bool]:
    """Return one picture, (C, H, W) uint8, and whether its form was another.

    What is transparent becomes black, and a camera's turn is undone.
    """
    channels, height, width = shape
    check_size(content, settings)
    upright = open_upright(content).convert(MODES[channels])
    longer = upright.width * height / (upright.height * width)
    if upright.size != (width, height):
        upright = FIT[settings.fit](upright, (width, height))
    pixels = np.asarray(upright).reshape(height, width, channels).transpose(2, 0, 1)
    return pixels, max(longer, 1 / longer) > 1 + UNLIKE


def to_images(features: np.ndarray, ids: pd.Series, settings: Settings) -> Pictures:
    """Turn rows of pixel values from 0 to ``pixel_max`` into pictures of bytes.

    Parameters
    ----------
    features : ndarray of shape (n, d)
        d must be the product of ``settings.image_shape``.
    ids : Series of n str
        To name rows by.
    settings : Settings
        The pictures' shape and the value that stands for white.

    Returns
    -------
    Pictures
    """
    shape, pixel_max = settings.image_shape or (), settings.pixel_max
    if features.shape[1] != np.prod(shape):
        raise InputError(
            f"params.yaml: preprocess.image_shape: {list(shape)} makes {np.prod(shape)} pixels, "
            f"but a row of raw/features.npy has {features.shape[1]}; give [channels, height, width]"
        )
    unfit = ids[~np.isfinite(features).all(axis=1)]
    if len(unfit):
        raise InputError(
            f"raw/features.npy: {name_rows(unfit)} with NaN or infinite values; mend or leave out these rows"
        )
    low, high = features.min(), features.max()
    if low < 0 or high > pixel_max:
        raise InputError(
            f"params.yaml: preprocess.pixel_max: {pixel_max:g} does not fit raw/features.npy, "
            f"whose values go from {low:g} to {high:g}; give the value that means white"
        )
    if features.dtype == np.uint8 and pixel_max == WHITE:
        scaled = np.asarray(features)
    else:
        scaled = np.rint(features * (WHITE / pixel_max)).astype(np.uint8)
    return Pictures(scaled.reshape(-1, *shape), np.full(len(scaled), "", dtype=object))
