"""``images:PATH-OR-URL``: pictures in a folder, a zip or a tar, with a sub-folder for each class.

Above these there may be a folder for each split (``train/cat/1.jpg``). A file ``labels.csv`` beside the sub-folders,
with the columns path, label and maybe split, names the pictures and their labels instead.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pandas as pd
from PIL import Image

from stages.command.errors import some
from stages.fetch.archives import is_hidden, unpack
from stages.fetch.files import bring
from stages.fetch.folders import read_folders, strip_common
from stages.fetch.pictures import RawPictures
from stages.fetch.raw import CORRECT, SourceError, refuse_columns
from stages.fetch.settings import Csv, Settings
from stages.fetch.sheets import read_sheet

LABELS = "labels.csv"


def fetch(argument: str, settings: Settings) -> RawPictures:
    """Find the pictures and their labels; what is in an archive is unpacked into a temporary folder."""
    refuse_columns(settings)
    holder = tempfile.TemporaryDirectory()
    path = bring(argument, Path(holder.name), "archive", settings)
    if path.is_dir():
        files = list_folder(path)
    elif path.is_file():
        files = unpack(path, Path(holder.name), settings.max_unpacking)
    else:
        raise SourceError(f"{path} is not there; {CORRECT}")
    files = strip_common(files, list_pictures(files), LABELS)
    if LABELS in files:
        table = read_labels(files[LABELS], files, settings.csv)
    else:
        table = read_folders(argument, list_pictures(files))
    if table.empty:
        raise SourceError(f"{path}: holds no pictures in sub-folders, one for each class, and no {LABELS}; {CORRECT}")
    return RawPictures(table, [files[row_id] for row_id in table["id"]], holder)


def list_folder(folder: Path) -> dict[str, Path]:
    """Return all files of a folder by their paths below it, without hidden ones.

    Raises
    ------
    SourceError
        If links lead out of it: what they name would be read, kept and pushed with the pictures.
    """
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    seen = {name: path for name, path in paths.items() if not is_hidden(name)}
    root = folder.resolve()
    leaving = [name for name, path in seen.items() if path.is_symlink() and not _is_inside(path, root)]
    if leaving:
        raise SourceError(
            f"{folder}: {len(leaving):,} link(s) lead out of it, or nowhere ({some(leaving)}); put the files in their "
            f"place: `cp -rL {folder} NEW` makes a folder of them"
        )
    return {name: path for name, path in seen.items() if path.is_file()}


def _is_inside(path: Path, root: Path) -> bool:
    """Say whether a link leads to something in a folder."""
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):
        # nothing is there, or links lead round in a circle
        return False


def list_pictures(files: dict[str, Path]) -> list[str]:
    """Return the names that end as pictures do, in order."""
    extensions = Image.registered_extensions()
    return [name for name in sorted(files) if PurePosixPath(name).suffix.lower() in extensions]


def read_labels(path: Path, files: dict[str, Path], given: Csv) -> pd.DataFrame:
    """Return the ids, the labels and, if there is such a column, the splits that a table names, in its order.

    Raises
    ------
    SourceError
        If it is not such a table, names a picture twice, or names one that is not there.
    """
    table, _, hint = read_sheet(LABELS, path, ("path", "label"), given, label="label")
    missing = [column for column in ("path", "label") if column not in table]
    if missing:
        raise SourceError(f"{LABELS}: no column {', '.join(missing)}; its first line must name path and label{hint}")
    problems = _find_problems(table["path"], files)
    for problem in problems:
        raise SourceError(f"{LABELS}: {problem}")
    split = ["split"] if "split" in table else []
    return table[["path", "label", *split]].rename(columns={"path": "id"})


def _find_problems(paths: pd.Series, files: dict[str, Path]) -> Iterator[str]:
    # names that are not UTF-8 are in no column of pandas
    absent = paths[[path not in files for path in paths]]
    if len(absent):
        yield f"{len(absent):,} path(s) are not there ({some(absent)}); correct them, or take the lines out"
    twice = paths[paths.duplicated()]
    if len(twice):
        yield f"{len(twice):,} path(s) are named twice ({some(twice)}); take one of the lines out"
