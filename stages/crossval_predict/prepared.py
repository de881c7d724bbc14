"""The prepared arrays as a worker gets them: mapped from the disk, or pulled through DVC where it has none."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from stages.artifacts import data_folder, load_array
from stages.command import InputError

ARRAYS = ("images.npy", "labels.npy")
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
    dvc_hash : str or None
        The MD5 under which DVC has the folder, for workers that share no disk.
    """

    dataset: str
    folder: str
    content: str
    dvc_hash: str | None


def describe_prepared(dataset: str) -> Prepared:
    """Name the arrays that ``preprocess`` left."""
    folder = data_folder(dataset) / "prepared"
    content = hash_content([folder / name for name in ARRAYS])
    return Prepared(dataset, str(SHARED / folder), content, read_dvc_hash(dataset))


@cache
def open_arrays(prepared: Prepared) -> tuple[np.ndarray, np.ndarray]:
    """Map the pictures, (n, C, H, W) uint8, and labels, (n,) int64, wherever they are to be had.

    Raises
    ------
    InputError
        When this machine neither has them nor can pull them.
    """
    paths = [Path(prepared.folder) / name for name in ARRAYS]
    if not all(path.exists() for path in paths) or hash_content(paths) != prepared.content:
        paths = pull_arrays(prepared)
    images, labels = (load_array(path) for path in paths)
    return images, labels


def hash_content(paths: list[Path]) -> str:
    """Return the SHA-256 of files, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        load_array(path)
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def read_dvc_hash(dataset: str) -> str | None:
    """Return the hash that dvc.lock has for the folder, or None where it was never run."""
    try:
        stages = yaml.load(Path("dvc.lock").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["stages"]
        dvc_hash: str = stages[f"preprocess@{dataset}"]["outs"][0]["md5"]
        return dvc_hash
    except (FileNotFoundError, KeyError):
        return None


def pull_arrays(prepared: Prepared) -> list[Path]:
    """Bring the arrays from the DVC remote of the worker's clone, and return where its cache has them."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo
    from dvc_data.hashfile.hash_info import HashInfo
    from dvc_data.hashfile.tree import Tree

    missing = (
        f"a worker has no {prepared.folder} with the content that is to be trained on, and DVC cannot give it: "
        "{}; share the folder, or `dvc push` the data set and start the worker in a clone that has the remote"
    )
    if prepared.dvc_hash is None:
        raise InputError(missing.format("dvc.lock has no hash for it"))
    try:
        with Repo() as repo:
            info, store = HashInfo("md5", prepared.dvc_hash), repo.cache.local
            repo.cloud.pull([info])
            files: dict[str, Any] = {"/".join(key): file for key, _, file in Tree.load(store, info)}
            repo.cloud.pull([files[name] for name in ARRAYS])
            paths = [Path(store.oid_to_path(files[name].value)) for name in ARRAYS]
    except (DvcException, FileNotFoundError) as error:
        raise InputError(missing.format(" ".join(str(error).split()))) from None
    if not all(path.exists() for path in paths) or hash_content(paths) != prepared.content:
        raise InputError(missing.format("what it has is incomplete or of another version"))
    return paths
