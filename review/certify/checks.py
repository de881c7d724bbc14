"""The file of checks as the page works with it: what reviewers said of rows that were shown to measure them."""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

from review.appending import Status, append_text, hold, now_after, read_status
from review.log import Log
from stages.artifacts.files import replacing
from stages.certificate.checks import COLUMNS, FILE, Check, ensure_checks, read_checks


class Checks:
    """The checks of all plans, as of now.

    Parameters
    ----------
    folder : Path
        The data set's folder. It may hold no file of checks.
    log : Log
        The decisions: whoever writes to either file holds the same lock.
    """

    def __init__(self, folder: Path, log: Log) -> None:
        self._folder, self._log = folder, log
        self._path = folder / "certificate" / FILE
        self._status: Status | None = None
        self._checks: list[Check] = []

    def refresh(self) -> list[Check]:
        """Return all checks, in the order of their times."""
        if self._status != (status := read_status(self._path)):
            self._checks, self._status = read_checks(self._folder), status
        return self._checks

    def last(self, reviewer: str) -> Check | None:
        """Return the reviewer's last check."""
        return next((check for check in reversed(self.refresh()) if check.reviewer == reviewer), None)

    def add(self, check: Check) -> None:
        """Write a check to the disk, with a time that is later than all that the reviewer has said."""
        # before the lock of the file: the log takes its own locks the other way round
        decided = self._log.latest_of(check.reviewer)
        with hold(self._log.path):
            time = now_after([*decided, *(each.moment for each in self.refresh())])
            ensure_checks(self._folder)
            append_text(self._path, _format([replace(check, time=time)]).partition("\n")[2])

    def undo(self, check: Check) -> None:
        """Take a check back: it leaves no line, for nothing has followed from it."""
        with hold(self._log.path):
            left = [each for each in read_checks(self._folder) if each != check]
            with replacing(self._path) as (kept,):
                kept.write_text(_format(left), encoding="utf-8", newline="")


def _format(checks: Iterable[Check]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(check) for check in checks)
    return text.getvalue()
