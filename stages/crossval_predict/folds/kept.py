"""Keeps what is trained as it comes, so that no fold is trained twice.

It lies in ``data/<dataset>/kept/``, beside DVC's outputs, which DVC removes before a run: a file for each finished
fold, and one for a fold in the middle of its training, each under the key of everything that decides its predictions.
It outlives the run, so that a change that decides none of them trains nothing; ``rm -r data/*/kept`` forgets it.
"""

import io
import os
import pickle
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from filelock import ReadWriteLock

# What no run has used for a week is removed, and what is beyond a size, the longest unused first. A gigabyte holds 380
# trainings of MNIST, and bounds what larger data sets leave here: their finished results are in DVC's cache anyway.
KEEP_S = 7 * 24 * 3600
KEEP_BYTES = 1 << 30
# The file that runs lock, and the beginning of the names of those that SQLite, which locks it, may put beside it.
LOCK = "runs.lock"


@contextmanager
def using(folder: Path, *keys: str) -> Iterator[None]:
    """Keep others from pruning the folder while a run uses it, and prune it first if no other run uses it.

    Parameters
    ----------
    folder : Path
        Where folds are kept.
    *keys : str
        Those of the run, whose files are not pruned.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        # a file system without locks never prunes
        with suppress(OSError, sqlite3.Error):
            lock = ReadWriteLock(folder / LOCK, is_singleton=False)
            with suppress(OSError), lock.write_lock(blocking=False):
                prune(folder, *keys)
            held.enter_context(lock.read_lock())
        yield


def prune(folder: Path, *keys: str) -> None:
    """Remove what was never written to its end, and what runs without these keys left too long ago or is too much."""
    others, left = [], KEEP_BYTES
    for path in folder.iterdir():
        if path.name.startswith(LOCK):
            continue
        if path.suffix == ".partial":
            path.unlink()
        elif path.name.startswith(keys):
            os.utime(path)
        else:
            others.append((path.stat().st_mtime, path))
    for used, path in sorted(others, reverse=True):
        left -= path.stat().st_size
        if left < 0 or time.time() - used > KEEP_S:
            path.unlink()


def load_fold(path: Path) -> tuple[np.ndarray, pd.DataFrame] | None:
    """Return a fold's predictions and curves as an earlier run kept them, or None if it did not."""
    try:
        with np.load(path) as kept:
            curves = {name: kept[name] for name in kept.files if name != "pred_probs"}
            return kept["pred_probs"], pd.DataFrame(curves)
    except (OSError, ValueError, zipfile.BadZipFile):
        return None


def save_fold(path: Path, pred_probs: np.ndarray, curves: pd.DataFrame) -> None:
    """Keep a finished fold."""
    arrays: dict[str, Any] = {str(name): curves[name].to_numpy() for name in curves}
    _write(path, lambda file: np.savez(file, pred_probs=pred_probs, **arrays))


def load_state(path: Path) -> dict[str, Any] | None:
    """Return the state in which a fold's training stopped, or None if none is kept."""
    import torch

    try:
        state: dict[str, Any] = torch.load(path, weights_only=True)
        return state
    except (OSError, EOFError, RuntimeError, ValueError, pickle.UnpicklingError):
        return None


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Keep a fold in the middle of its training."""
    import torch

    # if the disk is full, torch raises an error that has nothing to do with it, so it writes to memory first
    buffer = io.BytesIO()
    torch.save(state, buffer)
    _write(path, lambda file: file.write(buffer.getvalue()))


def _write(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write under a name of this process's own first, as another may be keeping the same fold."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".partial", delete=False) as file:
        partial = Path(file.name)
    try:
        with partial.open("wb") as opened:
            write(opened)
        partial.replace(path)
    except BaseException:
        partial.unlink()
        raise
