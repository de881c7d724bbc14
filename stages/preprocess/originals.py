"""Looks at pictures in files that are not made alike: whether they can be read, and which are the same."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import joblib
import numpy as np
import pandas as pd
from PIL import Image

from stages.artifacts.kind import Kind
from stages.artifacts.originals import Originals, open_upright
from stages.preprocess.contents import find_contents
from stages.preprocess.pictures import UNREADABLE, TooLargeError, check_size, name_too_large
from stages.preprocess.settings import Settings


@dataclass(frozen=True)
class PictureFiles:
    """A data set of pictures of any size, whose pixels stay in their files.

    Attributes
    ----------
    hashes : ndarray of shape (n,), object
        The SHA-256 of each one's pixels, as bytes; empty where it could not be read.
    reasons : ndarray of shape (n,), object
        Why not; empty if it could be read.
    """

    hashes: np.ndarray
    reasons: np.ndarray
    kind: ClassVar[Kind] = "picture"

    def flaws(self) -> np.ndarray:
        """Return why each picture cannot be read; empty if it can."""
        return self.reasons

    def take(self, rows: np.ndarray) -> "PictureFiles":
        """Return some of the pictures."""
        return PictureFiles(self.hashes[rows], self.reasons[rows])

    def contents(self) -> np.ndarray:
        """Return the first picture with the same pixels, for each."""
        return find_contents(self.hashes)

    def write(self, folder: Path) -> None:
        """Write nothing: what reads the pictures reads their files."""

    def __str__(self) -> str:
        return f"{len(self.hashes):,} pictures as they are in their files"


def look_at_pictures(path: Path, ids: pd.Series, settings: Settings) -> PictureFiles:
    """Decode each picture of an archive once, a file for each id.

    Parameters
    ----------
    path : Path
        What ``fetch`` left.
    ids : Series of n str
        The names of the files, in the order of the rows.
    settings : Settings
        ``max_pixels``, how large one may be.
    """
    originals = Originals(path, ids.tolist())

    def look(row: int) -> tuple[bytes, str]:
        content = originals.read(row)
        try:
            check_size(content, settings)
            return hash_pixels(open_upright(content)), ""
        except TooLargeError:
            return b"", name_too_large(settings)
        except Exception:
            # each of Pillow's formats raises its own, and what its code trips over in a damaged file
            return b"", UNREADABLE

    with ThreadPoolExecutor(joblib.cpu_count()) as threads:
        looked = list(threads.map(look, range(len(originals))))
    hashes, reasons = (np.array(each, dtype=object) for each in zip(*looked, strict=True))
    return PictureFiles(hashes, reasons)


def hash_pixels(picture: Image.Image) -> bytes:
    """Return the SHA-256 of a picture's pixels."""
    digest = hashlib.sha256(f"{picture.mode} {picture.size}".encode())
    digest.update(picture.tobytes())
    return digest.digest()
