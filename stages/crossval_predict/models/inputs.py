"""What a model sees of the rows: pictures as bytes, files or rows of pixels; columns of numbers; texts; vectors."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.files import load_array, read_json, read_table
from stages.artifacts.kind import WHITE, Kind
from stages.artifacts.originals import ARCHIVE, Originals
from stages.artifacts.vectors import Vectors, find_vectors, read_vectors
from stages.crossval_predict.models.registry import View

# The files that hold the content of rows as they are, in the data set's folder.
FILES: dict[Kind, tuple[str, ...]] = {
    "picture": ("prepared/images.npy",),
    "table": ("prepared/features.npy", "prepared/columns.json"),
    "text": ("prepared/rows.csv",),
}
# Those of pictures as they came, where they are in files.
ORIGINALS = (f"raw/{ARCHIVE}", "prepared/ids.csv")


def list_files(view: View, folder: Path) -> tuple[str, ...]:
    """Return the files that a model reads of the rows in ``data/<dataset>``, relative to it."""
    if view == "vector":
        return (f"features/{find_vectors(folder / 'features').name}",)
    if view == "original":
        return ORIGINALS if (folder / ORIGINALS[0]).exists() else FILES["picture"]
    return FILES[view]


class Inputs:
    """The content of a data set's rows, read when it is asked for.

    Parameters
    ----------
    view : {"picture", "table", "text", "vector", "original"}
        What is seen of the rows.
    files : mapping of str to Path
        Where those of `list_files` lie, by their names there.
    """

    def __init__(self, view: View, files: Mapping[str, Path]) -> None:
        self.view, self.files = view, files

    @cached_property
    def images(self) -> np.ndarray:
        """The pictures, (n, C, H, W) uint8, mapped from the file."""
        return load_array(self.files["prepared/images.npy"])

    def read_picture(self, row: int) -> bytes | np.ndarray:
        """Return a picture as it came: its file or, where there are none, its pixels, (C, H, W) uint8."""
        return self._originals.read(row) if self._originals else np.array(self.images[row])

    @cached_property
    def columns(self) -> tuple[dict[str, Any], ...]:
        """What the columns of a table are; other rows have none."""
        return tuple(read_json(self.files["prepared/columns.json"])) if self.view == "table" else ()

    def take(self, rows: np.ndarray) -> Vectors:
        """Return what an estimator sees of some rows.

        Parameters
        ----------
        rows : ndarray of shape (m,), int64
            The rows' numbers.

        Returns
        -------
        ndarray or csr_matrix
            Of pictures (m, C * H * W) float32 from 0 to 1; of a table (m, d) float64, in which NaN is missing, as is
            what is infinite; of texts (m,) object; of vectors (m, d) float32.
        """
        taken: Vectors
        if self.view == "vector":
            taken = self._vectors[rows]
        elif self.view == "picture":
            taken = self.images[rows].reshape(len(rows), -1).astype(np.float32) / np.float32(WHITE)
        elif self.view == "table":
            features = self._features[rows]
            taken = np.where(np.isfinite(features), features, np.nan)
        else:
            taken = self._texts[rows]
        return taken

    @cached_property
    def _originals(self) -> Originals | None:
        archive, ids = (self.files.get(name) for name in ORIGINALS)
        return Originals(archive, read_table(ids)["id"].tolist()) if archive and ids else None

    @cached_property
    def _vectors(self) -> Vectors:
        return next(read_vectors(path) for name, path in self.files.items() if name.startswith("features/"))

    @cached_property
    def _features(self) -> np.ndarray:
        return load_array(self.files["prepared/features.npy"])

    @cached_property
    def _texts(self) -> np.ndarray:
        # a text of spaces is a row too, and not a blank line
        path = self.files["prepared/rows.csv"]
        table = pd.read_csv(path, dtype=str, keep_default_na=False, skip_blank_lines=False)
        texts: np.ndarray = table["text"].to_numpy(object)
        return texts
