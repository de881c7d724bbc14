"""Writes the cleaned data in a form that other programs take: into a folder of its own, whole or not at all."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from labels.filenames import name_files, name_folders
from labels.links import find_files, find_sources
from labels.versions import cleaned_file, find_unapplied, read_version
from stages.artifacts.cleaned import PICTURES
from stages.artifacts.files import read_json, read_table, write_table
from stages.artifacts.originals import Originals
from stages.command.errors import InputError, some, suggest

LABELS, JSON_LINES, METADATA = "labels.csv", "labels.jsonl", "metadata.csv"
# where rows come whose split is not known, if others have one
NO_SPLIT = "unsplit"


def export(dataset: str, folder: Path, form: str) -> str:
    """Write the rows that have a cleaned label, with it, and return a line that says what was written.

    Parameters
    ----------
    dataset : str
        The data set's name.
    folder : Path
        Where to: it must not exist, or be empty.
    form : str
        A key of `FORMS`.
    """
    about = cleaned_file(dataset, PICTURES)
    version = read_version(dataset, None)
    if form not in FORMS:
        raise InputError(f"--as {form}: no such form{suggest(form, FORMS)}; there are: {', '.join(FORMS)}")
    if form not in FORMS_OF_ROWS and not about.exists():
        raise InputError(f"--as {form}: {dataset} has no pictures in files; there is --as {', '.join(FORMS_OF_ROWS)}")
    rows = version.labels
    kept = rows[rows["label"] != ""]
    pictures = read_json(about) if about.exists() else {}
    check_folder(folder, dataset)
    late = list(find_unapplied(dataset, version))
    with writing(folder) as partial:
        said = FORMS[form](dataset, kept, pictures, partial)
    counts = rows.loc[rows["label"] == "", "status"].value_counts(sort=False)
    left_out = "".join(f"; {count:,} {status} left out" for status, count in counts.items())
    return "\n".join([f"{dataset}: {said} in {folder}{left_out}", *late])


def check_folder(folder: Path, dataset: str) -> None:
    """Raise InputError if something is in the folder, or if it lies in a source, which nothing may be written to."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise InputError(f"{folder}: is there, and no folder; name a new one")
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder}: holds something, and nothing is ever overwritten; name a new folder, or empty it")
    for source in find_sources(dataset):
        if folder.resolve().is_relative_to(source.resolve()):
            raise InputError(f"{folder}: lies in the source {source}, which is never changed; name a folder elsewhere")


@contextmanager
def writing(folder: Path) -> Iterator[Path]:
    """Give a new folder beside the one that is wanted, and move it there once the block has succeeded."""
    # an export that is killed leaves it to the next one
    partial = folder.with_name(f".export-{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        # what has come into the folder meanwhile stops this
        partial.replace(folder)
    except BaseException:
        shutil.rmtree(partial)
        raise


def write_csv(dataset: str, kept: pd.DataFrame, pictures: dict[str, Any], folder: Path) -> str:
    """Write ``labels.csv``, a line for each row."""
    table = list_rows(dataset, kept, pictures)
    write_table(folder / LABELS, table)
    return f"{len(table):,} rows of {LABELS}"


def write_jsonl(dataset: str, kept: pd.DataFrame, pictures: dict[str, Any], folder: Path) -> str:
    """Write ``labels.jsonl``, an object of texts in a line for each row."""
    table = list_rows(dataset, kept, pictures)
    with (folder / JSON_LINES).open("w", encoding="utf-8", newline="") as file:
        for row in table.itertuples(index=False, name=None):
            file.write(json.dumps(dict(zip(table.columns, row, strict=True)), ensure_ascii=False) + "\n")
    return f"{len(table):,} rows of {JSON_LINES}"


def list_rows(dataset: str, kept: pd.DataFrame, pictures: dict[str, Any]) -> pd.DataFrame:
    """Return path or id, label, given_label, split if there is one, and what else is in a row."""
    splits = ["split"] if "split" in kept else []
    table = kept[["id", "label", "given_label", *splits]]
    content = cleaned_file(dataset, "rows.csv")
    if pictures:
        table = table.rename(columns={"id": "path"})
    elif content.exists():
        cells = read_table(content).loc[kept.index]
        table = table.join(cells.rename(columns={name: f"{name} (column)" for name in cells if name in table}))
    return table


def write_folders(dataset: str, kept: pd.DataFrame, pictures: dict[str, Any], folder: Path) -> str:
    """Write a folder for each class, with copies of its pictures."""
    originals = open_archive(kept, pictures)
    paths, said = lay_out(kept)
    copy(originals, folder, paths)
    return said


def link_folders(dataset: str, kept: pd.DataFrame, pictures: dict[str, Any], folder: Path) -> str:
    """Write a folder for each class, with links to its pictures in the source."""
    files = find_files(dataset, open_archive(kept, pictures))
    paths, said = lay_out(kept)
    for file, path in zip(files, paths, strict=True):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(file)
    return f"links to {said}"


def write_hf(dataset: str, kept: pd.DataFrame, pictures: dict[str, Any], folder: Path) -> str:
    """Write copies of the pictures and a table of their labels beside them, both once for each split."""
    originals, places = open_archive(kept, pictures), name_splits(kept)
    paths = name_files(originals.ids, places, dict.fromkeys(places, METADATA))
    copy(originals, folder, paths)
    files = pd.Series(paths, index=kept.index).str.rpartition("/")[2]
    table = pd.DataFrame({"file_name": files, "label": kept["label"]})
    for place, part in table.groupby(places):
        write_table(folder / str(place) / METADATA, part)
    return f"{len(table):,} pictures with {METADATA}{_count(places, 'split')}"


def lay_out(kept: pd.DataFrame) -> tuple[list[str], str]:
    """Return the path of each row's picture, below a folder for its split and class, and say what there is."""
    folders, splits = name_folders(kept["label"].unique()), name_splits(kept)
    places = [f"{split}/{folders[label]}".lstrip("/") for split, label in zip(splits, kept["label"], strict=True)]
    said = f"{len(kept):,} pictures in {len(folders):,} class folders{_count(splits, 'split')}"
    renamed = [f"{label!r} is {folder}" for label, folder in folders.items() if folder != label]
    if renamed:
        said += f" ({len(renamed):,} with another name: {some(renamed)})"
    return name_files(kept["id"].tolist(), places), said


def name_splits(kept: pd.DataFrame) -> list[str]:
    """Return the name of a folder for each row's split; empty if there are no splits."""
    if "split" not in kept or not kept["split"].any():
        return [""] * len(kept)
    names = name_folders(kept["split"].unique())
    return [names[split] if split else NO_SPLIT for split in kept["split"]]


def open_archive(kept: pd.DataFrame, pictures: dict[str, Any]) -> Originals:
    """Open the pictures of some rows.

    Raises
    ------
    InputError
        If the archive is not here, or not the one that these labels are of.
    """
    path = Path(pictures["archive"])
    if not path.exists():
        raise InputError(f"{path}: not found; `dvc pull {path.parent}` brings it, or `dvc repro` makes it")
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != pictures["sha256"]:
            raise InputError(f"{path}: is not what the cleaned labels are of; `dvc repro` makes both again")
    return Originals(path, kept["id"].tolist())


def copy(originals: Originals, folder: Path, paths: list[str]) -> None:
    """Write each row's file as it is, under another path."""
    for row, path in enumerate(paths):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(originals.read(row))


def _count(places: list[str], what: str) -> str:
    count = len(set(places) - {""})
    return f", {count} {what}{'' if count == 1 else 's'}" if count else ""


Write = Callable[[str, pd.DataFrame, dict[str, Any], Path], str]
FORMS_OF_ROWS: dict[str, Write] = {"csv": write_csv, "jsonl": write_jsonl}
FORMS: dict[str, Write] = {
    "folders": write_folders,
    "imagefolder-links": link_folders,
    "hf": write_hf,
    **FORMS_OF_ROWS,
}
