"""The rows that are brought to vectors, by their content: copies are looked at once."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stages.artifacts.files import data_folder, load_array, read_table
from stages.artifacts.kind import Kind, read_kind
from stages.artifacts.originals import Originals, find_originals
from stages.command.errors import InputError


@dataclass(frozen=True)
class Rows:
    """The n rows of a data set, m of them of different content.

    Attributes
    ----------
    dataset : str
        Its name.
    kind : {"picture", "table", "text"}
        What they are.
    ids : list of n str
        Their ids.
    firsts : ndarray of shape (m,), int64
        The first row of each content.
    content : ndarray of shape (n,), int64
        The number of each row's content, from 0 to m - 1.
    """

    dataset: str
    kind: Kind
    ids: list[str]
    firsts: np.ndarray
    content: np.ndarray

    @property
    def prepared(self) -> Path:
        """What ``preprocess`` left."""
        return data_folder(self.dataset) / "prepared"

    @property
    def images(self) -> np.ndarray | None:
        """The pixels of pictures, (n, C, H, W) uint8, mapped; None where they are in files alone."""
        path = self.prepared / "images.npy"
        return load_array(path) if path.exists() else None

    def find_originals(self) -> Originals | None:
        """Return the picture of each content as it is in a file, or None if there are no files."""
        return find_originals(self.dataset, [self.ids[row] for row in self.firsts])

    def read_texts(self) -> list[str]:
        """Return the text of each content."""
        texts: list[str] = read_table(self.prepared / "rows.csv")["text"].iloc[self.firsts].tolist()
        return texts


def read_rows(dataset: str) -> Rows:
    """Read what is known of the rows beside their content.

    Raises
    ------
    InputError
        If files are missing, or of different rows.
    """
    prepared = data_folder(dataset) / "prepared"
    ids, contents = read_table(prepared / "ids.csv")["id"].tolist(), np.array(load_array(prepared / "contents.npy"))
    if len(ids) != len(contents):
        raise InputError(f"{prepared}: ids and contents are of different rows; run `dvc repro`")
    firsts, content = np.unique(contents, return_inverse=True)
    return Rows(dataset, read_kind(prepared), ids, firsts, content)
