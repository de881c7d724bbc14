"""``npz:PATH-OR-URL``: arrays that exist already, in a file that `numpy.savez` wrote."""

import tempfile
import zipfile
from pathlib import Path

import numpy as np

from stages.fetch.bounds import Limit
from stages.fetch.files import bring
from stages.fetch.raw import CORRECT, RawData, SourceError, normalise, refuse_columns
from stages.fetch.settings import Settings

FEATURES, LABELS, IDS, SPLITS = ("features", "images", "X", "x"), ("labels", "y"), "ids", "splits"
COLOURS = (1, 3)
Arrays = tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]


def fetch(argument: str, settings: Settings) -> RawData:
    """Read features, labels and, if there are any, ids and splits."""
    refuse_columns(settings)
    with tempfile.TemporaryDirectory() as folder:
        return read_arrays(bring(argument, Path(folder), "arrays.npz", settings), settings.max_unpacking)


def read_arrays(path: Path, max_unpacking: float) -> RawData:
    """Read the arrays of a file into one row of features for each example."""
    return normalise(*load_arrays(path, max_unpacking))


def load_arrays(
    path: Path, max_unpacking: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Read the features, the labels and, if there are any, the ids and splits of a file.

    Pictures with their channels last are turned to have them first, as ``preprocess.image_shape`` has them.

    Raises
    ------
    SourceError
        If it is not such a file, or its arrays do not fit together.
    """
    try:
        with np.load(path) as arrays:
            # zipfile reads no more of a file than its entry says
            Limit.of(path, max_unpacking).add(sum(entry.file_size for entry in arrays.zip.infolist()))
            features, labels = _take(path, arrays, FEATURES), _take(path, arrays, LABELS)
            ids, splits = arrays.get(IDS), arrays.get(SPLITS)
    except FileNotFoundError as error:
        raise SourceError(f"{path} is not there; {CORRECT}") from error
    except (ValueError, OSError, zipfile.BadZipFile, EOFError, AttributeError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise SourceError(
            f"{path.name}: not a file of plain arrays, as numpy.savez writes it ({reason}); write one"
        ) from error
    if features.ndim == 4 and features.shape[-1] in COLOURS and features.shape[1] not in COLOURS:
        features = features.transpose(0, 3, 1, 2)
    if features.ndim < 2 or labels.ndim != 1 or features.dtype.kind not in "uif":
        raise SourceError(f"{path.name}: features must be numbers, a row for each example, and labels one for each")
    for name, values in {IDS: ids, SPLITS: splits}.items():
        if values is not None and values.ndim != 1:
            raise SourceError(
                f"{path.name}: {name} must be one for each example, and they have the shape {values.shape}"
            )
    return features, labels, ids, splits


def _take(path: Path, arrays: np.lib.npyio.NpzFile, names: tuple[str, ...]) -> np.ndarray:
    for name in names:
        if name in arrays:
            array: np.ndarray = arrays[name]
            return array
    there = ", ".join(arrays.files) or "none"
    raise SourceError(f"{path.name}: no array is called {' or '.join(names)}; there are: {there}")
