"""Adds lines to the end of the file of decisions, whole and on the disk, one process at a time."""

import csv
import io
import os
import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from stages.artifacts.decisions import COLUMNS, Decision
from stages.artifacts.files import replacing
from stages.command.errors import InputError
from stages.command.local import local_folder

TICK = timedelta(milliseconds=1)


class Status(NamedTuple):
    """What changes when a file does."""

    mtime: int
    size: int
    inode: int


def append(path: Path, decisions: Sequence[Decision]) -> None:
    """Write decisions to the end of the file, on the disk when this returns, all of them or none."""
    with hold(path):
        write(path, decisions)


def hold(path: Path) -> FileLock:
    """Return the lock that whoever appends to the file must hold."""
    locks = local_folder()
    locks.mkdir(parents=True, exist_ok=True)
    return FileLock(locks / f"{path.parent.name}-decisions.lock")


def write(path: Path, decisions: Sequence[Decision]) -> bytes:
    """Append lines under the columns that the file has, and return what was added."""
    columns = read_columns(path)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
    # a note of one line each keeps every decision on one line, whatever a merge does
    writer.writerows({**vars(decision), "note": " ".join(decision.note.split())} for decision in decisions)
    return append_text(path, text.getvalue())


def append_text(path: Path, text: str) -> bytes:
    """Add lines to the end of a file, on the disk when this returns, all of them or none; return what was added."""
    if text.count("\n") == 1:
        return _append(path, text)
    # a kill can cut a long write short, but not a move
    with replacing(path.resolve()) as (copy,):
        shutil.copy2(path, copy)
        return _append(copy, text)


def add_bytes(path: Path, content: bytes) -> None:
    """Add bytes to the end of a file, on the disk when this returns, all of them or none."""
    # without a buffer: its rest would be written when the file is closed, after what is cut off
    with path.open("ab", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        rest = memoryview(content)
        try:
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            os.fsync(file.fileno())
            raise


def _append(path: Path, text: str) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        added = (b"" if file.read(1) == b"\n" else b"\n") + text.encode()
    add_bytes(path, added)
    return added


def read_columns(path: Path) -> list[str]:
    """Return the columns of the file, which must have all that the page writes."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        columns = next(csv.reader(file), [])
    if missing := [name for name in COLUMNS if name not in columns]:
        raise InputError(
            f"{path} line 1: no column {', '.join(missing)}, in which the review page writes; "
            f"add {'them' if missing[1:] else 'it'} to the end of the line (lines below may stay as they are)"
        )
    return columns


def now_after(times: Iterable[datetime]) -> str:
    """Return the time, in milliseconds, or a moment after the last of some others if a clock has put that later."""
    time = max([datetime.now(UTC), *(earlier + TICK for earlier in times)])
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_status(path: Path) -> Status:
    """Return what changes when the file does; of none, zeros."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return Status(0, 0, 0)
    return Status(status.st_mtime_ns, status.st_size, status.st_ino)
