"""What was written to the file of decisions and is no longer there, as after an editor saved an older copy."""

from collections.abc import Iterable
from pathlib import Path

from review.appending import add_bytes
from stages.artifacts.decisions import Decision


class Lost:
    """The lines that this server wrote, and those of them that somebody has taken out since."""

    def __init__(self) -> None:
        self._written: dict[object, Decision] = {}
        self._missing: dict[object, Decision] = {}

    @property
    def lines(self) -> list[Decision]:
        """The lines that are gone, in the order in which they were written."""
        return list(self._missing.values())

    def keep(self, decisions: Iterable[Decision]) -> None:
        """Remember lines that were just written."""
        for said in decisions:
            self._written[_key(said)] = said
        self.find(decisions)

    def find(self, decisions: Iterable[Decision]) -> None:
        """Say that lines are there."""
        for said in decisions:
            self._missing.pop(_key(said), None)

    def look(self, decisions: Iterable[Decision]) -> None:
        """Compare with all that the file holds now."""
        there = {_key(said) for said in decisions}
        self._missing = {key: said for key, said in self._written.items() if key not in there}

    def forget(self) -> None:
        """Leave out what is gone: it was meant."""
        self._written = {key: said for key, said in self._written.items() if key not in self._missing}
        self._missing = {}


def find_damage(path: Path, known: bytes | bytearray) -> str:
    """Return how a file has lost its end since it held ``known``, if no one can have meant it, or an empty text."""
    content = read_bytes(path)
    if not known or content == known:
        return ""
    if content is None:
        return f"{path}: is not there any more"
    if not content:
        return f"{path}: is empty"
    if not content.endswith(b"\n") and known.startswith(content):
        return f"{path} line {len(content.splitlines())}: is cut off"
    return ""


def mend(path: Path, known: bytes | bytearray) -> int:
    """Give a file that `find_damage` names its end again, and return how many lines that were."""
    if not find_damage(path, known):
        return 0
    content = read_bytes(path) or b""
    rest = known[len(content) :]
    add_bytes(path, bytes(rest))
    # without the one of the columns
    return len(rest.splitlines()) - (b"\n" not in content)


def read_bytes(path: Path) -> bytes | None:
    """Return what a file holds, or None if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _key(said: Decision) -> object:
    # what an editor may write otherwise is not compared
    return said.id, said.decision, said.label, said.reviewer, said.time
