"""The files to train on as a worker gets them: mapped from the disk, or pulled through DVC if it has none."""

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from stages.artifacts.files import data_folder, load_array
from stages.command.errors import InputError
from stages.crossval_predict.models import fold
from stages.crossval_predict.models.fold import Arrays
from stages.crossval_predict.models.inputs import Inputs, list_files
from stages.crossval_predict.models.registry import View

# The stages that make them, by folder.
STAGES = {"raw": "fetch", "prepared": "preprocess", "features": "embed", "training": "split"}
# The repository's root, where workers that share this machine's disk find it too.
SHARED = Path.cwd()


@dataclass(frozen=True)
class Prepared:
    """Names a data set's files without holding them, so that it travels to any worker.

    Attributes
    ----------
    dataset : str
        The data set's name.
    view : str
        What a model sees of its rows: pictures, a table, texts, vectors, or pictures as they came.
    folder : str
        Where they lie on this machine and on every other that shares its disk.
    names : tuple of str
        What they are called there.
    content : str
        Their SHA-256.
    dvc_hashes : dict of str to str
        The MD5 under which DVC has each of their folders, for workers that share no disk; empty if it has none.
    """

    dataset: str
    view: View
    folder: str
    names: tuple[str, ...]
    content: str
    dvc_hashes: dict[str, str] = field(hash=False)


def describe_prepared(dataset: str, view: View) -> Prepared:
    """Name the files that earlier stages left for a model that sees this of the rows."""
    folder = data_folder(dataset)
    names = list_files(view, folder) + fold.FILES
    content = hash_content([folder / name for name in names])
    folders = {name.partition("/")[0] for name in names}
    return Prepared(dataset, view, str(SHARED / folder), names, content, read_dvc_hashes(dataset, folders))


def read_arrays(dataset: str) -> Arrays:
    """Map the arrays that every kind of data has, in this process's folder."""
    return Arrays(*(load_array(data_folder(dataset) / name) for name in fold.FILES))


def read_shape(dataset: str) -> tuple[int, ...]:
    """Return the (C, H, W) of pictures that are prepared as pixels, and nothing for other rows."""
    path = data_folder(dataset) / "prepared" / "images.npy"
    return load_array(path).shape[1:] if path.exists() else ()


@cache
def open_files(prepared: Prepared) -> dict[str, Path]:
    """Return where the files are, by their names; pull them if they are not on this machine.

    Raises
    ------
    InputError
        If this machine neither has them nor can pull them.
    """
    paths = [Path(prepared.folder) / name for name in prepared.names]
    if not all(path.exists() for path in paths) or hash_content(paths) != prepared.content:
        paths = pull_files(prepared)
    return dict(zip(prepared.names, paths, strict=True))


@cache
def open_arrays(prepared: Prepared) -> Arrays:
    """Map the arrays that every kind of data has."""
    files = open_files(prepared)
    return Arrays(*(load_array(files[name]) for name in fold.FILES))


@cache
def open_inputs(prepared: Prepared) -> Inputs:
    """Give the content of the rows to whatever asks for it."""
    return Inputs(prepared.view, open_files(prepared))


def hash_content(paths: list[Path]) -> str:
    """Return the SHA-256 of files, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        if not path.exists() or path.suffix == ".npy":
            load_array(path)
        status = path.stat()
        digest.update(_hash_file(path.resolve(), status.st_mtime_ns, status.st_size))
    return digest.hexdigest()


def read_dvc_hashes(dataset: str, folders: set[str]) -> dict[str, str]:
    """Return the hashes that dvc.lock has for some folders of `STAGES`, or none if one was never made."""
    try:
        stages = yaml.load(Path("dvc.lock").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["stages"]
        return {folder: stages[f"{STAGES[folder]}@{dataset}"]["outs"][0]["md5"] for folder in sorted(folders)}
    except (FileNotFoundError, KeyError):
        return {}


def pull_files(prepared: Prepared) -> list[Path]:
    """Bring the files from the DVC remote of the worker's clone, and return where its cache has them."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    missing = (
        f"a worker has no {prepared.folder} with the content to train on, and DVC cannot give it: "
        "{}; share the folder, or `dvc push` the data set and start the worker in a clone that has the remote"
    )
    if not prepared.dvc_hashes:
        raise InputError(missing.format("dvc.lock has no hash for it"))
    try:
        with Repo() as repo:
            wanted = (name.split("/") for name in prepared.names)
            paths = [_pull_file(repo, prepared.dvc_hashes[folder], name) for folder, name in wanted]
    except (DvcException, FileNotFoundError) as error:
        raise InputError(missing.format(" ".join(str(error).split()))) from None
    if not all(path.exists() for path in paths) or hash_content(paths) != prepared.content:
        raise InputError(missing.format("what it has is incomplete or of another version"))
    return paths


def _pull_file(repo: Any, dvc_hash: str, name: str) -> Path:
    from dvc_data.hashfile.hash_info import HashInfo
    from dvc_data.hashfile.tree import Tree

    info, store = HashInfo("md5", dvc_hash), repo.cache.local
    repo.cloud.pull([info])
    files: dict[str, Any] = {"/".join(key): file for key, _, file in Tree.load(store, info)}
    repo.cloud.pull([files[name]])
    return Path(store.oid_to_path(files[name].value))


@cache
def _hash_file(path: Path, mtime_ns: int, size: int) -> bytes:
    # the time and the size tell if a file has changed since it was last hashed
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
