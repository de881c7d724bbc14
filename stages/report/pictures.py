"""Turns pixels into PNG, and PNG into what a page can hold."""

import base64
import io

import numpy as np
from PIL import Image

COLOUR_CHANNELS = 3


def to_png(image: np.ndarray) -> bytes:
    """Encode one picture of shape (C, H, W), uint8: in colour with three channels, else its first in grey."""
    pixels = to_pixels(image)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def to_pixels(image: np.ndarray) -> np.ndarray:
    """Return (H, W, 3) for a picture of three channels, else (H, W), the first channel."""
    return np.ascontiguousarray(image.transpose(1, 2, 0) if len(image) == COLOUR_CHANNELS else image[0])


def data_uri(png: bytes) -> str:
    """Return a PNG as the address of a picture that needs no file."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
