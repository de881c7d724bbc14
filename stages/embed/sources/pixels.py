"""``pixels``: the pixels of pictures, made small."""

from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
from PIL import Image

from stages.artifacts.kind import WHITE, Kind
from stages.artifacts.originals import Originals
from stages.artifacts.pictures import COMPARED, shrink
from stages.artifacts.vectors import Embedded
from stages.embed.rows import Rows
from stages.embed.settings import Settings

KINDS: tuple[Kind, ...] = ("picture",)
ARGUMENT = ""
# pictures that are read at once
BLOCK_ROWS = 1024


def embed(argument: str, rows: Rows, settings: Settings) -> Embedded:
    """Return pixels from 0 to 1.

    They are compared by Euclidean distance, not by the angle between pictures: by that, 971 of the 973 near duplicates
    in MNIST would be ordinary ones, which differ little in direction.
    """
    images, originals = rows.images, rows.find_originals()
    if images is not None:
        blocks = (images[rows.firsts[start : start + BLOCK_ROWS]] for start in range(0, len(rows.firsts), BLOCK_ROWS))
        pixels = np.concatenate([shrink(block) for block in blocks])
    else:
        assert originals is not None
        pixels = shrink_originals(originals)
    return Embedded((pixels / np.float32(WHITE))[rows.content], {"name": "pixels", "metric": "euclidean"})


def shrink_originals(originals: Originals) -> np.ndarray:
    """Return the pixels of pictures in files, each squeezed into a coloured square, (m, d) float32 from 0 to 255."""

    def squeeze(row: int) -> np.ndarray:
        picture = originals.open(row).convert("RGB").resize((COMPARED, COMPARED), Image.Resampling.BOX)
        return np.asarray(picture, np.float32).transpose(2, 0, 1).ravel()

    with ThreadPoolExecutor(joblib.cpu_count()) as threads:
        return np.stack(list(threads.map(squeeze, range(len(originals)))))
