"""The file of decisions as the page works with it: appended to, and read again when something else has changed it."""

import csv
import io
import os
import shutil
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock

from stages.artifacts.decisions import COLUMNS, Decision, parse_decisions
from stages.artifacts.files import replacing
from stages.artifacts.fitting import Rows, find_moved, follow, update
from stages.artifacts.standing import fill_times, find_standing, find_untaken, mark_counting, time_of
from stages.command.errors import InputError
from stages.command.local import local_folder

TICK = timedelta(milliseconds=1)


class Log:
    """What people have said about a data set, as of now.

    Parameters
    ----------
    path : Path
        Its decisions.csv. Others may write to it at any time, by this class or by any other means.
    rows : Rows
        The data, which may have changed since people decided.

    Raises
    ------
    InputError
        If it is not a file of decisions, or lacks a column that the page writes.
    """

    def __init__(self, path: Path, rows: Rows) -> None:
        self.path, self.rows = path, rows
        self._lock = threading.RLock()
        self._status: tuple[int, int] | None = None
        self._by_id: dict[str, list[Decision]] = {}
        self._standing: dict[str, list[Decision]] = {}
        self._moved: dict[str, str] = {}
        self.refresh()

    @property
    def version(self) -> str:
        """A text that changes whenever the file does."""
        return "-".join(map(str, self._status or ()))

    def refresh(self) -> dict[str, list[Decision]]:
        """Return each reviewer's last word on each id, reading the file again if it has changed."""
        with self._lock:
            if self._status != (status := read_status(self.path)):
                decisions = fill_times(parse_decisions(self.path))
                self._moved = find_moved(decisions, self.rows)
                decisions = follow(decisions, self._moved)
                self._by_id = {}
                for decision in decisions:
                    self._by_id.setdefault(decision.id, []).append(decision)
                self._standing = self._find_standing(decisions)
                self._status = status
            return self._standing

    def add(self, decisions: Sequence[Decision], after: Iterable[datetime] = ()) -> None:
        """Write decisions to the disk, all with the same time, later than what they may contradict and ``after``."""
        with self._lock, hold(self.path):
            self.refresh()
            ids = {decision.id for decision in decisions}
            reviewers = {decision.reviewer for decision in decisions}
            before = [said for same in self._by_id.values() for said in same if said.reviewer in reviewers]
            before += [said for row_id in ids for said in self._by_id.get(row_id, ())]
            time = now_after([*map(time_of, before), *after])
            timed = [replace(decision, time=time) for decision in decisions]
            write(self.path, timed)
            self._take(timed)

    def times_of(self, reviewer: str) -> list[datetime]:
        """Return when the reviewer decided on anything."""
        with self._lock:
            self.refresh()
            return [time_of(said) for same in self._by_id.values() for said in same if said.reviewer == reviewer]

    def find_untaken(self, ids: Iterable[str]) -> dict[str, list[Decision]]:
        """Return all decisions on some ids that no undo has taken back."""
        with self._lock:
            self.refresh()
            return find_untaken([said for row_id in ids for said in self._by_id.get(row_id, ())])

    def tell(self, row_id: str) -> list[tuple[Decision, bool]]:
        """Return all that was said of a row, what was taken back too, and what of it counts."""
        with self._lock:
            standing = self.refresh()
            return mark_counting(self._by_id.get(row_id, ()), standing.get(row_id, ()))

    def last_action(self, reviewer: str) -> list[Decision]:
        """Return what the reviewer said last and has not taken back: one decision, or several made in one go."""
        with self._lock:
            self.refresh()
            untaken = (find_untaken(same).values() for same in self._by_id.values())
            left = [said for (same,) in untaken for said in same if said.reviewer == reviewer]
        last = max(map(time_of, left), default=None)
        return [said for said in left if time_of(said) == last]

    def _take(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            same = self._by_id.setdefault(decision.id, [])
            same.append(decision)
            self._standing.pop(decision.id, None)
            self._standing |= self._find_standing(same)
        # a row with a decision of its own no longer has one that followed it
        followed = any(decision.id in self._moved.values() for decision in decisions)
        self._status = None if followed else read_status(self.path)

    def _find_standing(self, decisions: Sequence[Decision]) -> dict[str, list[Decision]]:
        """Return the last words, those about another label than the row has now as they were if they do not hold."""
        given, standing = self.rows.given, find_standing(decisions)
        return {
            row_id: [update(said, given.get(row_id, said.given_label)) or said for said in same]
            for row_id, same in standing.items()
        }


def append(path: Path, decisions: Sequence[Decision]) -> None:
    """Write decisions to the end of the file, on the disk when this returns, all of them or none."""
    with hold(path):
        write(path, decisions)


def hold(path: Path) -> FileLock:
    """Return the lock that whoever appends to the file must hold."""
    locks = local_folder()
    locks.mkdir(parents=True, exist_ok=True)
    return FileLock(locks / f"{path.parent.name}-decisions.lock")


def write(path: Path, decisions: Sequence[Decision]) -> None:
    """Append lines under the columns that the file has."""
    columns = read_columns(path)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
    # a note of one line each keeps every decision on one line, whatever a merge does
    writer.writerows({**vars(decision), "note": " ".join(decision.note.split())} for decision in decisions)
    append_text(path, text.getvalue())


def append_text(path: Path, text: str) -> None:
    """Add lines to the end of a file, on the disk when this returns, all of them or none."""
    if text.count("\n") == 1:
        _append(path, text)
        return
    # a kill can cut a long write short, but not a move
    with replacing(path.resolve()) as (copy,):
        shutil.copy2(path, copy)
        _append(copy, text)


def _append(path: Path, text: str) -> None:
    # without a buffer: its rest would be written when the file is closed, after what is cut off
    with path.open("r+b", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(end - 1)
        rest = memoryview((b"" if file.read(1) == b"\n" else b"\n") + text.encode())
        try:
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            os.fsync(file.fileno())
            raise


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


def read_status(path: Path) -> tuple[int, int]:
    """Return what changes when the file does."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return status.st_mtime_ns, status.st_size
