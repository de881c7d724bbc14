"""Make a data set ready for a model: ``python -m stages.preprocess DATASET``.

Writes ``data/<dataset>/prepared/``: ``images.npy`` (n, C, H, W) uint8, ``labels.npy`` (n,) int64 from 0 to
K - 1, ``classes.json``, the K names in that order, and ``ids.csv``. Pictures stay bytes, a quarter of float32 on
disk and in DVC's cache: networks scale them to [0, 1] a batch at a time.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from stages.artifacts import data_folder, load_array, read_table, replacing, write_json, write_table
from stages.command import InputError, run_stage
from stages.params import read_section
from stages.preprocess.pictures import decode_pictures
from stages.preprocess.settings import WHITE, Settings, name_rows


def main(dataset: str) -> str:
    """Prepare the data set and return a line that says what it holds."""
    settings = read_section(dataset, "preprocess", Settings)
    raw = data_folder(dataset) / "raw"
    table = read_table(raw / "labels.csv")
    rows = choose_rows(table, settings.unlabelled)
    left_out, table = len(table) - len(rows), table.iloc[rows].reset_index(drop=True)
    labels, classes = encode_labels(table)
    images = read_images(raw, rows, table["id"], settings)
    with replacing(data_folder(dataset) / "prepared") as (folder,):
        folder.mkdir()
        np.save(folder / "images.npy", images)
        np.save(folder / "labels.npy", labels)
        write_json(folder / "classes.json", classes)
        write_table(folder / "ids.csv", table[["id"]])
    shape = "×".join(map(str, settings.image_shape))
    without = f"; {left_out:,} without a label left out" if left_out else ""
    return f"{len(images):,} images of {shape}, {len(classes)} classes{without}"


def choose_rows(table: pd.DataFrame, unlabelled: str) -> np.ndarray:
    """Return the numbers of the rows that have a label, all of them unless those without may be left out.

    Parameters
    ----------
    table : DataFrame with the columns id and label
        Labels as text, empty where there is none.
    unlabelled : str
        ``stop`` or ``leave_out``.

    Raises
    ------
    InputError
        Naming rows without a label.
    """
    missing = table["id"][table["label"] == ""]
    if len(missing) and unlabelled == "stop":
        raise InputError(
            f"raw/labels.csv: {name_rows(missing)} without a label; label them at the source, "
            "or set preprocess.unlabelled in params.yaml to leave_out"
        )
    return np.flatnonzero(table["label"] != "")


def read_images(raw: Path, rows: np.ndarray, ids: pd.Series, settings: Settings) -> np.ndarray:
    """Return the pictures of some rows, (n, C, H, W) uint8, from what ``fetch`` left: files, or rows of pixels."""
    archive = raw / "pictures.zip"
    if archive.exists():
        return decode_pictures(archive, ids, settings)
    features = load_array(raw / "features.npy")
    return to_images(features if len(rows) == len(features) else features[rows], ids, settings)


def encode_labels(table: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    """Number the classes, in the order of their values where all are numbers, else in that of their names.

    Parameters
    ----------
    table : DataFrame with the columns id and label
        Labels as text.

    Returns
    -------
    labels : ndarray of shape (n,), int64
        From 0 to K - 1.
    classes : list of K str
        The name of each.

    Raises
    ------
    InputError
        When all rows have the same label, or none has one.
    """
    names = table["label"].unique()
    if len(names) < 2:
        said = f"every row is labelled {names[0]!r}" if len(names) else "no row has a label"
        raise InputError(f"raw/labels.csv: {said}; at least two classes are needed")
    classes = sorted(names, key=_sort_key(names))
    return pd.Categorical(table["label"], categories=classes).codes.astype(np.int64), classes


def to_images(features: np.ndarray, ids: pd.Series, settings: Settings) -> np.ndarray:
    """Turn rows of pixel values from 0 to ``pixel_max`` into pictures of bytes.

    Parameters
    ----------
    features : ndarray of shape (n, d)
        d must be the product of ``settings.image_shape``.
    ids : Series of n str
        To name rows by.
    settings : Settings
        The pictures' shape and the value that stands for white.

    Returns
    -------
    ndarray of shape (n, C, H, W), uint8
    """
    shape, pixel_max = settings.image_shape, settings.pixel_max
    if features.shape[1] != np.prod(shape):
        raise InputError(
            f"params.yaml: preprocess.image_shape: {list(shape)} makes {np.prod(shape)} pixels, "
            f"but a row of raw/features.npy has {features.shape[1]}; give [channels, height, width]"
        )
    unfit = ids[~np.isfinite(features).all(axis=1)]
    if len(unfit):
        raise InputError(
            f"raw/features.npy: {name_rows(unfit)} with NaN or infinite values; mend or leave out these rows"
        )
    low, high = features.min(), features.max()
    if low < 0 or high > pixel_max:
        raise InputError(
            f"params.yaml: preprocess.pixel_max: {pixel_max:g} does not fit raw/features.npy, "
            f"whose values go from {low:g} to {high:g}; give the value that means white"
        )
    if features.dtype == np.uint8 and pixel_max == WHITE:
        scaled = np.asarray(features)
    else:
        scaled = np.rint(features * (WHITE / pixel_max)).astype(np.uint8)
    return scaled.reshape(-1, *shape)


def _sort_key(names: np.ndarray) -> Callable[[str], tuple[float, str]] | None:
    try:
        values = {name: (float(name), name) for name in names}
    except ValueError:
        return None
    return values.__getitem__


if __name__ == "__main__":
    run_stage("preprocess", main)
