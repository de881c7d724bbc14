"""The arrays to train on as a worker gets them: mapped from the disk, or pulled through DVC where it has none."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

from stages.artifacts import data_folder, load_array
from stages.command import InputError

# What is read of a data set's folder, and the stage that makes it.
FILES = {
    "prepared/images.npy": "preprocess",
    "prepared/labels.npy": "preprocess",
    "training/labels.npy": "choose_labels",
}
# The repository's root, where workers that share this machine's disk find it too.
SHARED = Path.cwd()


@dataclass(frozen=True)
class Prepared:
    """Names a data set's arrays without holding them, so that it travels to any worker.

    Attributes
    ----------
    dataset : str
        The data set's name.
    folder : str
        Where they lie on this machine, and on every one that shares its disk.
    content : str
        Their SHA-256.
    dvc_hashes : tuple of str
        The MD5 under which DVC has the folder of each of `FILES`, for workers that share no disk; empty where it has
        none.
    """

    dataset: str
    folder: str
    content: str
    dvc_hashes: tuple[str, ...]


class Arrays(NamedTuple):
    """A data set of n pictures and K classes, memory-mapped.

    Attributes
    ----------
    images : ndarray of shape (n, C, H, W), uint8
        The pictures.
    given_labels : ndarray of shape (n,), int64
        From 0 to K - 1, by which the rows are dealt to folds.
    labels : ndarray of shape (n,), int64
        What is trained on: from 0 to K - 1, or -1 for a row that is left out.
    """

    images: np.ndarray
    given_labels: np.ndarray
    labels: np.ndarray


def describe_prepared(dataset: str) -> Prepared:
    """Name the arrays that ``preprocess`` and ``choose_labels`` left."""
    folder = data_folder(dataset)
    content = hash_content([folder / name for name in FILES])
    return Prepared(dataset, str(SHARED / folder), content, read_dvc_hashes(dataset))


@cache
def open_arrays(prepared: Prepared) -> Arrays:
    """Map the arrays, wherever they are to be had.

    Raises
    ------
    InputError
        When this machine neither has them nor can pull them.
    """
    paths = [Path(prepared.folder) / name for name in FILES]
    if not all(path.exists() for path in paths) or hash_content(paths) != prepared.content:
        paths = pull_arrays(prepared)
    return Arrays(*map(load_array, paths))


def hash_content(paths: list[Path]) -> str:
    """Return the SHA-256 of files, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        load_array(path)
        status = path.stat()
        digest.update(_hash_file(path.resolve(), status.st_mtime_ns, status.st_size))
    return digest.hexdigest()


def read_dvc_hashes(dataset: str) -> tuple[str, ...]:
    """Return the hashes that dvc.lock has for the folders of `FILES`, or none where they were never run."""
    try:
        stages = yaml.load(Path("dvc.lock").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["stages"]
        return tuple(stages[f"{stage}@{dataset}"]["outs"][0]["md5"] for stage in FILES.values())
    except (FileNotFoundError, KeyError):
        return ()


def pull_arrays(prepared: Prepared) -> list[Path]:
    """Bring the arrays from the DVC remote of the worker's clone, and return where its cache has them."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    missing = (
        f"a worker has no {prepared.folder} with the content that is to be trained on, and DVC cannot give it: "
        "{}; share the folder, or `dvc push` the data set and start the worker in a clone that has the remote"
    )
    if not prepared.dvc_hashes:
        raise InputError(missing.format("dvc.lock has no hash for it"))
    try:
        with Repo() as repo:
            wanted = zip(FILES, prepared.dvc_hashes, strict=True)
            paths = [_pull_file(repo, dvc_hash, Path(name).name) for name, dvc_hash in wanted]
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
    # the time and the size are there to tell a file that has changed since it was last hashed
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
