"""The file of decisions as the page works with it: appended to, and read again when something else has changed it."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from review.appending import Status, hold, now_after, read_status, write
from review.changes import Changes, News
from review.lost import Lost, find_damage, mend, read_bytes
from review.said import Said
from stages.artifacts.decisions import Decision, parse_decisions
from stages.artifacts.fitting import Rows
from stages.artifacts.standing import mark_counting
from stages.command.errors import InputError


class Log:
    """What people have said about a data set, as of now.

    Parameters
    ----------
    path : Path
        Its decisions.csv. Others may write to it at any time, by this class or by any other means.
    rows : Rows
        The data, which may have changed since people decided.

    Attributes
    ----------
    lost : Lost
        The lines that were written here and that somebody else has taken out.

    Raises
    ------
    InputError
        If it is not a file of decisions, or lacks a column that the page writes.
    """

    def __init__(self, path: Path, rows: Rows) -> None:
        self.path, self.rows = path, rows
        self._lock = threading.RLock()
        self._status: Status | None = None
        # the bytes that were read or written last
        self._known = bytearray()
        self._said = Said([], rows)
        self._changes = Changes()
        self.lost = Lost()
        self.refresh()

    @property
    def version(self) -> str:
        """A text that changes whenever what stands does."""
        return self._changes.version

    def refresh(self) -> dict[str, list[Decision]]:
        """Return each reviewer's last word on each id, reading what is new if the file has changed."""
        with self._lock:
            if self._status != (status := read_status(self.path)):
                self._read()
                self._status = status
            return self._said.standing

    def add(self, decisions: Sequence[Decision], after: Iterable[datetime] = ()) -> None:
        """Write decisions to the disk, all with the same time, later than what they may contradict and ``after``."""
        with self._lock, hold(self.path):
            self.refresh()
            reviewers, ids = ({getattr(said, name) for said in decisions} for name in ("reviewer", "id"))
            before = [time for name in reviewers for time in self._said.latest_of(name)]
            before += [time for row_id in ids for time in self._said.times_of(row_id)]
            time = now_after([*before, *after])
            self._write([replace(decision, time=time) for decision in decisions])

    def restore(self) -> int:
        """Write again what was lost, as it was, and return how many lines that were."""
        with self._lock, hold(self.path):
            n_mended = mend(self.path, self._known)
            self.refresh()
            if lines := self.lost.lines:
                self._write(lines)
            return n_mended + len(lines)

    def succeed(self, log: "Log") -> None:
        """Go on looking for what another one wrote, which was opened on older results."""
        with self._lock:
            self.lost = log.lost
            # so that all is read and compared again
            self._known, self._status = bytearray(), None
            self.refresh()

    def find_damage(self) -> str:
        """Return how the file is damaged, in a way that `restore` mends, or an empty text."""
        with self._lock:
            return "" if self._status == read_status(self.path) else find_damage(self.path, self._known)

    def find_lost(self) -> list[Decision]:
        """Return the lines that were written here and are no longer in the file."""
        with self._lock:
            self.refresh()
            return self.lost.lines

    def count_agreed(self) -> tuple[int, int]:
        """Return on how many rows more than one person was sure by themselves, and on how many all said the same."""
        with self._lock:
            return self._said.count_agreed()

    def latest_of(self, reviewer: str) -> list[datetime]:
        """Return when the reviewer last said anything, or an empty list."""
        with self._lock:
            self.refresh()
            return self._said.latest_of(reviewer)

    def find_untaken(self, ids: Iterable[str]) -> dict[str, list[Decision]]:
        """Return all decisions on some ids that no undo has taken back."""
        with self._lock:
            self.refresh()
            return self._said.find_untaken(ids)

    def tell(self, row_id: str) -> list[tuple[Decision, bool]]:
        """Return all that was said of a row, what was taken back too, and what of it counts."""
        with self._lock:
            standing = self.refresh()
            return mark_counting(self._said.tell(row_id), standing.get(row_id, ()))

    def last_action(self, reviewer: str) -> list[Decision]:
        """Return what the reviewer said last and has not taken back: one decision, or several made in one go."""
        with self._lock:
            self.refresh()
            return self._said.last_action(reviewer)

    def since(self, version: str) -> News:
        """Return what changed since a version, or all that stands if that is not known here."""
        with self._lock:
            standing = self.refresh()
            ids = self._changes.since(version)
            changed = dict(standing) if ids is None else {row_id: standing.get(row_id, []) for row_id in ids}
            return News(self.version, changed, is_all=ids is None)

    def _read(self) -> None:
        if damage := find_damage(self.path, self._known):
            raise InputError(f"{damage}; an open page can write it again, or bring it back with git")
        content = read_bytes(self.path)
        if not self._read_rest(content or b""):
            decisions = parse_decisions(self.path, content)
            said = Said(decisions, self.rows)
            self._changes.compare(self._said.standing, said.standing)
            self._said = said
            self.lost.look(decisions)
        self._known = bytearray(content or b"")

    def _read_rest(self, content: bytes) -> bool:
        """Take the lines that were added to the end; return False if that is not all that has changed."""
        if not (content.startswith(self._known) and self._known.endswith(b"\n")):
            return False
        head, rest = content[: content.index(b"\n") + 1], content[len(self._known) :]
        try:
            decisions = parse_decisions(self.path, head + rest)
        except InputError:
            return False
        self.lost.find(decisions)
        return self._take(decisions)

    def _write(self, decisions: Sequence[Decision]) -> None:
        added = write(self.path, decisions)
        self.lost.keep(decisions)
        status = read_status(self.path)
        if self._take(decisions):
            self._known += added
        # or somebody else has written meanwhile
        self._status = status if status.size == len(self._known) else None

    def _take(self, decisions: Sequence[Decision]) -> bool:
        ids = self._said.take(decisions)
        self._changes.add(ids or ())
        return ids is not None
