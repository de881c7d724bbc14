"""Which ids have changed, in the order of the changes, so that a page is told no more than what it has not seen."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from stages.artifacts.decisions import Decision
from stages.artifacts.standing import SAID


class News(NamedTuple):
    """What a page is told.

    Attributes
    ----------
    version : str
        What it then knows.
    standing : dict of str to list of Decision
        What stands on the ids that have changed, an empty list where nothing does any more.
    is_all : bool
        Whether it is all that stands.
    """

    version: str
    standing: dict[str, list[Decision]]
    is_all: bool


class Changes:
    """The changes since this server was started."""

    def __init__(self) -> None:
        # another server's versions are not known here
        self._mark = secrets.token_hex(4)
        self._ids: list[str] = []

    @property
    def version(self) -> str:
        """How many there were."""
        return f"{self._mark}-{len(self._ids)}"

    def add(self, ids: Iterable[str]) -> None:
        """Add ids on which something was said."""
        self._ids.extend(ids)

    def compare(self, before: Mapping[str, Sequence[Decision]], now: Mapping[str, Sequence[Decision]]) -> None:
        """Add the ids on which something else stands than before."""
        self.add(row_id for row_id in {**before, **now} if _to_said(before, row_id) != _to_said(now, row_id))

    def since(self, version: str) -> list[str] | None:
        """Return the ids that have changed since a version, or None if it is none of these."""
        mark, _, count = version.partition("-")
        if mark != self._mark or not count.isdecimal():
            return None
        return list(dict.fromkeys(self._ids[int(count) :]))


def _to_said(standing: Mapping[str, Sequence[Decision]], row_id: str) -> list[object]:
    return list(map(SAID, standing.get(row_id, ())))
