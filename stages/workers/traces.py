"""Clears what workers on this machine leave if they are killed with their stage: semaphores, sockets, folders.

They lie where the system has such things, under names that the libraries choose, and nobody but the killed process
knows them. So each process notes its id before it has workers, and holds a lock on the note as long as it lives. Who
gets the lock of a note knows that its process has ended, however that was, and clears what is called after it.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from filelock import FileLock, Timeout

from stages.command.local import local_folder

NOTES = "workers"
SHARED = Path("/dev/shm")
AFTER_ALL = -1000


def clear_traces() -> None:
    """Clear what processes left that have ended without a chance to do so."""
    for note in sorted((local_folder() / NOTES).glob("*.lock")):
        # whoever lives holds it; a file system without locks never clears
        with suppress(OSError, Timeout, NotImplementedError), FileLock(note, timeout=0):
            if _has_heir(int(note.stem)):
                continue
            for path in list_traces(note.stem):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            note.unlink()


def list_traces(process: str) -> Iterator[Path]:
    """Yield what is called after a process."""
    yield from SHARED.glob(f"sem.loky-{process}-*")
    yield from SHARED.glob(f"joblib_memmapping_folder_{process}_*")
    if (folder := _name_temporary(process)).is_dir() and not folder.is_symlink():
        yield folder


def _has_heir(process: int) -> bool:
    """Say whether another process has the id by now, so that what is called after it may be its own."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process != os.getpid() and not _is_zombie(process)


def _is_zombie(process: int) -> bool:
    """Say whether a process has ended, and nobody has asked how."""
    # not at the top: most runs find no note
    import psutil

    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(process).status() == psutil.STATUS_ZOMBIE)
    return False


@cache
def note_process() -> FileLock | None:
    """Note this process for as long as it lives; the lock is kept here."""
    folder = local_folder() / NOTES
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{os.getpid()}.lock", timeout=0)
    with suppress(OSError, Timeout, NotImplementedError):
        lock.acquire()
        return lock
    return None


@contextmanager
def using_temporary() -> Iterator[None]:
    """Put what is temporary into a folder called after this process, where nobody else has made one.

    Its path is short, as that of a socket must be.
    """
    folder, before = _name_temporary(str(os.getpid())), tempfile.tempdir
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        tempfile.tempdir = str(folder)
        # after what multiprocessing removes itself
        Finalize(None, shutil.rmtree, (folder, True), exitpriority=AFTER_ALL)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _name_temporary(process: str) -> Path:
    return Path(tempfile.gettempdir()) / f"clean-labels-{process}"
