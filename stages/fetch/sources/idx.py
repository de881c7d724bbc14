"""``idx:URL-OR-FOLDER``: the four files in which MNIST and its descendants are published."""

import struct
import tempfile
from pathlib import Path

import numpy as np

from stages.fetch.archives import naming
from stages.fetch.bounds import read_plain
from stages.fetch.download import download
from stages.fetch.files import WEB, to_path
from stages.fetch.raw import CORRECT, REPLACE, RawData, SourceError, normalise, refuse_columns
from stages.fetch.settings import Settings

# train comes first, as in OpenML's mnist_784
PARTS = ("train", "t10k")
ARCHIVES = [f"{part}-{kind}-ubyte.gz" for part in PARTS for kind in ("images-idx3", "labels-idx1")]
UNSIGNED_BYTE = 0x08


def fetch(argument: str, settings: Settings) -> RawData:
    """Read the images and labels, gzip or plain, from a folder or from under a URL."""
    refuse_columns(settings)
    if argument.startswith(WEB):
        with tempfile.TemporaryDirectory() as folder:
            for name in ARCHIVES:
                download(f"{argument.rstrip('/')}/{name}", Path(folder), name, settings)
            return read_folder(Path(folder), settings.max_unpacking)
    return read_folder(to_path(argument), settings.max_unpacking)


def read_folder(folder: Path, max_unpacking: float) -> RawData:
    """Read the images of a folder into one row of pixels for each."""
    return normalise(*read_parts(folder, max_unpacking))


def read_parts(folder: Path, max_unpacking: float) -> tuple[np.ndarray, np.ndarray]:
    """Read ``{train,t10k}-{images-idx3,labels-idx1}-ubyte``, each with or without ``.gz``.

    Raises
    ------
    SourceError
        When a file is missing, cut short or of another format, or when the parts do not fit together.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder} is not a folder; {CORRECT}")
    images = [read_idx(_find(folder, f"{part}-images-idx3-ubyte"), 3, max_unpacking) for part in PARTS]
    labels = [read_idx(_find(folder, f"{part}-labels-idx1-ubyte"), 1, max_unpacking) for part in PARTS]
    sizes = [f"{part} {height}×{width}" for part, (_, height, width) in zip(PARTS, map(np.shape, images), strict=True)]
    if images[0].shape[1:] != images[1].shape[1:]:
        raise SourceError(f"{folder}: the images are of different sizes: {', '.join(sizes)}; all must have one size")
    return np.concatenate(images), np.concatenate(labels)


def read_idx(path: Path, dimensions: int, max_unpacking: float) -> np.ndarray:
    """Read one IDX file of unsigned bytes with the given number of dimensions."""
    with naming(f"{path.name}: cut short or damaged"):
        content = read_plain(path, path.suffix, max_unpacking)
    header = 4 + 4 * dimensions
    if len(content) < header or content[:4] != bytes([0, 0, UNSIGNED_BYTE, dimensions]):
        raise SourceError(f"{path.name}: not an IDX file of bytes with {dimensions} dimension(s); {REPLACE}")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    expected = header + int(np.prod(shape, dtype=np.int64))
    if len(content) != expected:
        sizes = f"{len(content):,} bytes, its head says {expected:,}"
        raise SourceError(f"{path.name}: cut short or damaged: {sizes}; {REPLACE}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _find(folder: Path, name: str) -> Path:
    for path in (folder / f"{name}.gz", folder / name):
        if path.is_file():
            return path
    raise SourceError(f"{folder}: has neither {name}.gz nor {name}; {CORRECT}")
