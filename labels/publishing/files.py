"""Writes a released version's rows as files that programs read which know nothing of this repository."""

import hashlib
import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labels.filenames import name_files, name_folders
from labels.loading.data import Data
from labels.loading.files import Files
from labels.loading.places import Place
from labels.loading.reading import LABELS, ROWS, Cleaned
from stages.artifacts.files import write_table

DATA, ARRAYS, METADATA = "data", "data.npz", "metadata.csv"
# rows of a data set without splits, and rows that have none where others do
ALL, NO_SPLIT = "all", "unsplit"
SAID = ("id", "label", "given_label", "status", "split")
# the same bytes whenever the archive is made
MADE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class File:
    """A file that was written.

    Attributes
    ----------
    path : str
        Where, in the folder.
    split : str
        Whose rows it holds; empty for those of all splits.
    columns : tuple of str
        Of a table; empty for any other file.
    sha256 : str
        Of its bytes.
    size : int
        How many bytes it has.
    """

    path: str
    split: str
    columns: tuple[str, ...]
    sha256: str
    size: int


def write_files(data: Data, place: Place, folder: Path) -> list[File]:
    """Write ``labels.csv``, a line for each row, and what is in the rows, and return what was written.

    Arrays are in ``data.npz``, whose ``features``, ``labels``, ``ids`` and ``splits`` `fetch` reads. Of anything else
    there is a file for each split: ``data/SPLIT.csv``, the cells as they were found, or ``data/SPLIT.zip``, the
    pictures in a folder for each class.
    """
    labels = data.rows[[name for name in SAID if name in data.rows]]
    splits = name_splits(data)
    written: list[tuple[str, str, tuple[str, ...]]]
    if isinstance(data.features, Files):
        (folder / DATA).mkdir()
        folders = name_folders(data.rows["label"].unique())
        paths = name_files(data.rows["id"].tolist(), [folders[label] for label in data.rows["label"]])
        labels = labels.assign(file=[f"{DATA}/{split}.zip/{path}" for split, path in zip(splits, paths, strict=True)])
        written = [(path, split, ()) for path, split in zip_pictures(data, pd.Series(paths), splits, folder)]
    elif data.kind == "picture":
        write_arrays(data, folder / ARRAYS)
        written = [(ARRAYS, "", ())]
    else:
        (folder / DATA).mkdir()
        table = labels.join(read_cells(data, place))
        written = [(path, split, tuple(map(str, table))) for path, split in write_tables(table, splits, folder)]
    write_table(folder / LABELS, labels)
    return [describe(folder, *each) for each in ((LABELS, "", tuple(map(str, labels))), *written)]


def name_splits(data: Data) -> pd.Series:
    """Return a file's name for each row's split."""
    if data.split is None or not any(data.split):
        return pd.Series([ALL] * len(data))
    names = name_simply(split for split in data.split if split)
    return data.rows["split"].map({**names, "": NO_SPLIT})


def name_simply(texts: Iterable[str]) -> dict[str, str]:
    """Return a name for each text that the hub and Croissant take: letters, digits and ``_``, and no two the same."""
    names: dict[str, str] = {}
    for text in dict.fromkeys(texts):
        simple = re.sub(r"\W+", "_", text)
        others = itertools.chain([simple], (f"{simple}_{number}" for number in itertools.count(2)))
        names[text] = next(name for name in others if name not in names.values())
    return names


def read_cells(data: Data, place: Place) -> pd.DataFrame:
    """Return the cells of a table or the texts, as they were found; a column's name that labels have gets a mark."""
    cleaned = Cleaned(data.name, place)
    kept = cleaned.read_table(LABELS)["label"] != ""
    cells = cleaned.read_table(ROWS)[kept].reset_index(drop=True)
    return cells.rename(columns={name: f"{name} (column)" for name in cells if name in SAID})


def write_tables(table: pd.DataFrame, splits: pd.Series, folder: Path) -> Iterator[tuple[str, str]]:
    """Write the rows of each split; yield the path of each file, and its split."""
    for split, part in table.groupby(splits, sort=True):
        write_table(folder / DATA / f"{split}.csv", part)
        yield f"{DATA}/{split}.csv", str(split)


def zip_pictures(data: Data, paths: pd.Series, splits: pd.Series, folder: Path) -> Iterator[tuple[str, str]]:
    """Write an archive of the pictures of each split, with what the hub wants beside them, and yield as above."""
    for split, part in data.rows.assign(file_name=paths).groupby(splits, sort=True):
        with zipfile.ZipFile(folder / DATA / f"{split}.zip", "w") as archive:
            for row, path in part["file_name"].items():
                archive.writestr(zipfile.ZipInfo(str(path), MADE), data.features[row])
            listed = io.StringIO()
            part[["file_name", "label", "id"]].to_csv(listed, index=False, lineterminator="\n")
            archive.writestr(zipfile.ZipInfo(METADATA, MADE), listed.getvalue())
        yield f"{DATA}/{split}.zip", str(split)


def write_arrays(data: Data, path: Path) -> None:
    """Write pictures of one size with their labels."""
    said = {"labels": data.labels, "ids": data.ids} | ({} if data.split is None else {"splits": data.split})
    arrays: dict[str, Any] = {name: values.astype(str) for name, values in said.items()}
    np.savez_compressed(path, features=data.features, **arrays)


def describe(folder: Path, path: str, split: str, columns: tuple[str, ...]) -> File:
    """Return what there is to say of a file."""
    with (folder / path).open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return File(path, split, columns, sha256, (folder / path).stat().st_size)
