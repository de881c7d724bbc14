"""The files to train on as a worker gets them: mapped from the disk, or pulled through DVC if it has none."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from stages.artifacts.files import data_folder, load_array
from stages.artifacts.kind import Kind, read_kind
from stages.command.errors import InputError
from stages.crossval_predict.models import fold, inputs
from stages.crossval_predict.models.fold import Arrays
from stages.crossval_predict.models.inputs import Inputs

# The stages that make them, by folder.
STAGES = {"prepared": "preprocess", "training": "split"}
# The repository's root, where workers that share this machine's disk find it too.
SHARED = Path.cwd()


@dataclass(frozen=True)
class Prepared:
    """Names a data set's files without holding them, so that it travels to any worker.

    Attributes
    ----------
    dataset : str
        The data set's name.
    kind : str
        What its rows are: picture, table or text.
    folder : str
        Where they lie on this machine and on every other that shares its disk.
    content : str
        Their SHA-256.
    dvc_hashes : tuple of str
        The MD5 under which DVC has each folder of `STAGES`, for workers that share no disk; empty if it has none.
    """

    dataset: str
    kind: Kind
    folder: str
    content: str
    dvc_hashes: tuple[str, ...]


def describe_prepared(dataset: str) -> Prepared:
    """Name the files that ``preprocess`` and ``split`` left."""
    folder = data_folder(dataset)
    kind = read_kind(folder / "prepared")
    content = hash_content([folder / name for name in list_files(kind)])
    return Prepared(dataset, kind, str(SHARED / folder), content, read_dvc_hashes(dataset))


def list_files(kind: Kind) -> tuple[str, ...]:
    """Return the files that are read of a data set, relative to its folder."""
    return inputs.FILES[kind] + fold.FILES


@cache
def open_files(prepared: Prepared) -> dict[str, Path]:
    """Return where the files are, by their names; pull them if they are not on this machine.

    Raises
    ------
    InputError
        If this machine neither has them nor can pull them.
    """
    names = list_files(prepared.kind)
    paths = [Path(prepared.folder) / name for name in names]
    if not all(path.exists() for path in paths) or hash_content(paths) != prepared.content:
        paths = pull_files(prepared)
    return dict(zip(names, paths, strict=True))


@cache
def open_arrays(prepared: Prepared) -> Arrays:
    """Map the arrays that every kind of data has."""
    files = open_files(prepared)
    return Arrays(*(load_array(files[name]) for name in fold.FILES))


@cache
def open_inputs(prepared: Prepared) -> Inputs:
    """Give the content of the rows to whatever asks for it."""
    return Inputs(prepared.kind, open_files(prepared))


def hash_content(paths: list[Path]) -> str:
    """Return the SHA-256 of files, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        if not path.exists() or path.suffix == ".npy":
            load_array(path)
        status = path.stat()
        digest.update(_hash_file(path.resolve(), status.st_mtime_ns, status.st_size))
    return digest.hexdigest()


def read_dvc_hashes(dataset: str) -> tuple[str, ...]:
    """Return the hashes that dvc.lock has for the folders of `STAGES`, or none if they were never run."""
    try:
        stages = yaml.load(Path("dvc.lock").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["stages"]
        return tuple(stages[f"{stage}@{dataset}"]["outs"][0]["md5"] for stage in STAGES.values())
    except (FileNotFoundError, KeyError):
        return ()


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
            hashes = dict(zip(STAGES, prepared.dvc_hashes, strict=True))
            wanted = (name.split("/") for name in list_files(prepared.kind))
            paths = [_pull_file(repo, hashes[folder], name) for folder, name in wanted]
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
