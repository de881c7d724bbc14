"""Pictures: as PNG, as what a page can hold, and made small enough to be compared by their pixels."""

import base64
import io
from itertools import product
from typing import NamedTuple

import numpy as np
from PIL import Image

COLOUR_CHANNELS = 3
# the longest side of a picture that is compared
COMPARED = 16

# of a JPEG or WebP: so that nobody sees that it is one
QUALITY = 90


class Encoded(NamedTuple):
    """A picture as a browser takes it."""

    content: bytes
    media_type: str


def to_png(image: np.ndarray) -> bytes:
    """Encode one picture of shape (C, H, W), uint8: in colour with three channels, else its first in grey."""
    buffer = io.BytesIO()
    Image.fromarray(to_pixels(image)).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def encode(picture: Image.Image, *, exact: bool) -> Encoded:
    """Encode a picture in mode L, RGB or RGBA: as PNG if it must be exact, else a fraction of that, as JPEG or WebP."""
    buffer = io.BytesIO()
    if exact:
        picture.save(buffer, format="PNG", compress_level=1)
        return Encoded(buffer.getvalue(), "image/png")
    if picture.mode == "RGBA":
        # JPEG has nothing that is transparent; method 0 is the fastest
        picture.save(buffer, format="WEBP", quality=QUALITY, method=0)
        return Encoded(buffer.getvalue(), "image/webp")
    picture.save(buffer, format="JPEG", quality=QUALITY)
    return Encoded(buffer.getvalue(), "image/jpeg")


def to_pixels(image: np.ndarray) -> np.ndarray:
    """Return (H, W, 3) for a picture of three channels, else (H, W), the first channel."""
    return np.ascontiguousarray(image.transpose(1, 2, 0) if len(image) == COLOUR_CHANNELS else image[0])


def data_uri(content: bytes, media_type: str = "image/png") -> str:
    """Return an encoded picture as an address that needs no file."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def shrink(images: np.ndarray) -> np.ndarray:
    """Return each picture's pixels, the means over blocks of them where a side is longer than `COMPARED`.

    Parameters
    ----------
    images : ndarray of shape (n, C, H, W), uint8

    Returns
    -------
    ndarray of shape (n, d), float32
        From 0 to 255.
    """
    height, width = images.shape[2:]
    down, right = -(-height // COMPARED), -(-width // COMPARED)
    size = height // down, width // right
    summed = np.zeros((*images.shape[:2], *size), np.float32)
    # slice by slice, which is nine times as fast as the mean over blocks
    for top, left in product(range(down), range(right)):
        summed += images[:, :, top : size[0] * down : down, left : size[1] * right : right]
    shrunk: np.ndarray = summed.reshape(len(images), -1) / (down * right)
    return shrunk
