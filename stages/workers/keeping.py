"""Keeps what is computed as it comes, so that nothing is computed twice.

It lies beside DVC's outputs, which DVC removes before a run: files under the key of everything that decides what is in
them. They outlive the run, so that a change that decides nothing of them computes nothing.
"""

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

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
        Where it is kept.
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


def write_kept(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write under a name of this process's own first, as another may be keeping the same."""
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
