"""``images:PATH-OR-URL``: pictures in a folder, a zip or a tar, with a sub-folder for each class.

A file ``labels.csv`` beside the sub-folders, with the columns path and label, names the pictures and their labels
instead.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pandas as pd
from PIL import Image

from stages.command.errors import some
from stages.fetch.archives import unpack
from stages.fetch.files import bring
from stages.fetch.pictures import RawPictures
from stages.fetch.raw import CORRECT, SourceError, refuse_columns
from stages.fetch.settings import Settings
from stages.fetch.sources.csv import read_csv

LABELS = "labels.csv"


def fetch(argument: str, settings: Settings) -> RawPictures:
    """Find the pictures and their labels; what is in an archive is unpacked into a temporary folder."""
    refuse_columns(settings)
    holder = tempfile.TemporaryDirectory()
    path = bring(argument, Path(holder.name), "archive")
    if path.is_dir():
        files = {file.relative_to(path).as_posix(): file for file in sorted(path.rglob("*")) if file.is_file()}
    elif path.is_file():
        files = unpack(path, Path(holder.name), settings.max_unpacking)
    else:
        raise SourceError(f"{path} is not there; {CORRECT}")
    files = strip_common(files)
    table = read_labels(files[LABELS], files) if LABELS in files else label_by_folder(files)
    if table.empty:
        raise SourceError(f"{path}: holds no pictures in sub-folders, one for each class, and no {LABELS}; {CORRECT}")
    return RawPictures(table, [files[row_id] for row_id in table["id"]], holder)


def strip_common(files: dict[str, Path]) -> dict[str, Path]:
    """Leave out a folder that holds everything, as archives often have one."""
    names = [PurePosixPath(name) for name in files]
    while names and len({name.parts[0] for name in names}) == 1 and min(len(name.parts) for name in names) > 1:
        inner = [PurePosixPath(*name.parts[1:]) for name in names]
        if all(len(name.parts) == 1 for name in inner):
            break
        names = inner
    return dict(zip(map(str, names), files.values(), strict=True))


def label_by_folder(files: dict[str, Path]) -> pd.DataFrame:
    """Return the id and label of each picture: its path, and the sub-folder that it lies in, however deep."""
    extensions = Image.registered_extensions()
    rows = [
        (name, PurePosixPath(name).parts[0])
        for name in sorted(files)
        if PurePosixPath(name).suffix.lower() in extensions and len(PurePosixPath(name).parts) > 1
    ]
    return pd.DataFrame(rows, columns=["id", "label"], dtype=str)


def read_labels(path: Path, files: dict[str, Path]) -> pd.DataFrame:
    """Return the ids and labels that a table names, in its order.

    Raises
    ------
    SourceError
        If it is not such a table, names a picture twice, or names one that is not there.
    """
    table = read_csv(LABELS, path, ("path", "label"))
    missing = [column for column in ("path", "label") if column not in table]
    if missing:
        raise SourceError(f"{LABELS}: no column {', '.join(missing)}; its first line must name path and label")
    problems = _find_problems(table["path"], files)
    for problem in problems:
        raise SourceError(f"{LABELS}: {problem}")
    return table.rename(columns={"path": "id"})[["id", "label"]]


def _find_problems(paths: pd.Series, files: dict[str, Path]) -> Iterator[str]:
    absent = paths[~paths.isin(files)]
    if len(absent):
        yield f"{len(absent):,} path(s) are not there ({some(absent)}); correct them, or take the lines out"
    twice = paths[paths.duplicated()]
    if len(twice):
        yield f"{len(twice):,} path(s) are named twice ({some(twice)}); take one of the lines out"
