"""The map: each row's place on a plane, its labels and how likely it is an error, packed for the page."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from stages.artifacts.files import load_array, read_json
from stages.command.errors import InputError

# the code of no class, where a row is not judged
NO_CLASS = 0xFFFF


class Map(NamedTuple):
    """Where the rows lie.

    Attributes
    ----------
    places : ndarray of shape (n, 2), float32
        Memory-mapped.
    method : str
        What gave the places: ``pca`` or ``tsne``.
    """

    places: np.ndarray
    method: str


def read_map(folder: Path, n_rows: int, n_classes: int) -> Map | None:
    """Read ``examples/map.npy`` of a data set's folder; there is no map where an older run left none.

    Raises
    ------
    InputError
        When it has not ``n_rows`` rows.
    """
    path = folder / "examples" / "map.npy"
    if not path.exists() or n_classes > NO_CLASS:
        return None
    places = load_array(path)
    if places.shape != (n_rows, 2):
        raise InputError(f"{path}: is not of the same run as quality/; `dvc repro` makes both again")
    return Map(places, read_json(path.with_name("examples.json"))["map"])


def pack(places: np.ndarray, quality: pd.DataFrame, classes: list[str]) -> bytes:
    """Return what the page draws of n rows, little-endian and one after the other.

    Parameters
    ----------
    places : ndarray of shape (n, 2)
        Their places.
    quality : DataFrame of n rows
        As `read_quality` returns it.
    classes : list of K str
        The names of the classes.

    Returns
    -------
    bytes
        n pairs of float32, the places; n float32, the model's own probability of an error; n uint16, the given classes,
        and n uint16, the suggested ones, from 0 to K - 1 or `NO_CLASS`.
    """
    named = pd.Index(classes)
    codes = (named.get_indexer(pd.Index(quality[name])).astype("<u2") for name in ("given_label", "suggested_label"))
    parts = (np.asarray(places, "<f4"), quality["prior_error_prob"].to_numpy("<f4"), *codes)
    return b"".join(part.tobytes() for part in parts)
