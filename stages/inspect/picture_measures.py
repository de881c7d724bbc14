"""Measures how a picture was taken: light, whiteness, sharpness, information, size and shape.

Pictures in files are measured as they are in the files, before ``preprocess`` resizes them; others in ``images.npy``.
Pixels are counted and added up in whole numbers, so that the result is the same on any processor, and each picture is
measured by itself, so that it is the same on any number of cores.
"""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import joblib
import numpy as np
import pandas as pd
from PIL import Image, ImageChops

from stages.artifacts.files import data_folder, load_array
from stages.artifacts.kind import WHITE
from stages.artifacts.originals import find_originals
from stages.artifacts.pictures import to_pixels

# the share of pixels that may be brighter than what counts as a picture's light: reflections and lamps in the dark
HIGHLIGHTS = 0.01
# from here on a pixel is blown out: JPEG moves white by a few levels
BLOWN_OUT = 250
# The longest side at which sharpness is judged, about that of what networks and people look at: in a photograph of many
# megapixels, what is soft from one pixel to the next is sharp to both.
JUDGED_SIDE = 256
# a picture whose shorter side has fewer pixels holds no detail that blur could take away
LEAST_SIDE = 64
# The share of steps between pixels that are judged, the highest. They are the edges of what is in focus: plain
# backgrounds, and those out of focus, do not count. With five times as many, one in four pictures that are sharp in the
# middle alone was called blurred.
EDGES = 0.002
# the pixels in a line that an edge is judged by
WINDOW = 4
# pictures that a thread measures in one go
BLOCK_ROWS = 64


class Measures(NamedTuple):
    """What is measured of a picture; the lower each number, the worse.

    Attributes
    ----------
    light : float
        How bright the brightest channel is in all pixels but the brightest hundredth, from 0 to 1.
    drawn : float
        The share of pixels that are not white.
    sharpness : float
        See `measure_sharpness`; nan if it cannot be judged.
    information : float
        The entropy of its levels of grey, from 0 to 8 bits.
    shape : float
        Its shorter side, divided by the longer one.
    side : float
        The side of a square with as many pixels.
    """

    light: float
    drawn: float
    sharpness: float
    information: float
    shape: float
    side: float


def measure_pictures(dataset: str, ids: pd.Series) -> pd.DataFrame:
    """Measure the pictures with these ids, in the order of ``prepared/ids.csv``.

    Returns
    -------
    DataFrame
        A column for each of `Measures`.
    """
    originals = find_originals(dataset, ids.tolist())
    if originals:
        return measure_all(originals.open, len(ids))
    images = load_array(data_folder(dataset) / "prepared" / "images.npy")
    return measure_all(lambda row: Image.fromarray(to_pixels(images[row])), len(ids))


def measure_all(open_row: Callable[[int], Image.Image], n_rows: int) -> pd.DataFrame:
    """Measure so many pictures on all cores, of which each holds one at a time in memory."""

    def measure(start: int) -> list[Measures]:
        return [measure_picture(open_row(row)) for row in range(start, min(start + BLOCK_ROWS, n_rows))]

    # decoding and most of what is measured release Python's lock
    with ThreadPoolExecutor(joblib.cpu_count()) as threads:
        blocks = list(threads.map(measure, range(0, n_rows, BLOCK_ROWS)))
    return pd.DataFrame([measures for block in blocks for measures in block], columns=Measures._fields)


def measure_picture(picture: Image.Image) -> Measures:
    """Measure one picture in mode L or RGB."""
    grey, channels = picture.convert("L"), picture.split()
    brightest = darkest = channels[0]
    for channel in channels[1:]:
        brightest, darkest = ImageChops.lighter(brightest, channel), ImageChops.darker(darkest, channel)
    n_pixels = picture.width * picture.height
    below = np.cumsum(brightest.histogram())
    shares = [count / n_pixels for count in grey.histogram() if count]
    return Measures(
        light=int(np.searchsorted(below, (1 - HIGHLIGHTS) * n_pixels)) / WHITE,
        drawn=1 - sum(darkest.histogram()[BLOWN_OUT:]) / n_pixels,
        sharpness=measure_sharpness(grey),
        information=abs(math.fsum(share * math.log2(share) for share in shares)),
        shape=min(picture.size) / max(picture.size),
        side=math.sqrt(n_pixels),
    )


def measure_sharpness(grey: Image.Image) -> float:
    """Say how suddenly a picture's levels change at its strongest edges, across or down, whichever is less.

    How far the level rises over three pixels is compared with how far it rises between the two in their middle. If all
    of it is there, the sharpness is 2/3; if the rise is even, 0; a line of one pixel has up to 1. Contrast does not
    count. What was moved while it was taken is soft in one direction only.

    Returns
    -------
    float
        nan if the picture is too small, or has no edge at all.
    """
    if min(grey.size) < LEAST_SIDE:
        return np.nan
    small = grey.copy()
    small.thumbnail((JUDGED_SIDE, JUDGED_SIDE), Image.Resampling.BILINEAR)
    pixels = np.asarray(small).astype(np.int32)
    return float(np.fmin(_measure_edges(pixels), _measure_edges(pixels.T)))


def _measure_edges(lines: np.ndarray) -> float:
    """Return the sharpness along lines of pixels, or nan if none has an edge."""
    if lines.shape[1] < WINDOW:
        return np.nan
    steps = np.abs(lines[:, 2:-1] - lines[:, 1:-2])
    rises = np.abs(lines[:, 3:] - lines[:, :-3])
    n_edges = max(1, int(EDGES * steps.size))
    lowest = np.partition(steps, -n_edges, axis=None)[-n_edges]
    edges = steps >= max(1, lowest)
    height = int(steps[edges].sum())
    return max(0.0, 1 - int(rises[edges].sum()) / (3 * height)) if height else np.nan
