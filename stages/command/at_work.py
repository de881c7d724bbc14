"""Which DVC commands are at work in this repository at this moment, by the notes that DVC keeps of them."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil

from stages.command.local import local_folder

# where DVC notes which of its processes read and write what, while a stage runs
NOTES = "rwlock"
LOOK_EVERY_S = 0.2
PROGRAM = re.compile(r"^.*?/dvc(?:/__main__\.py)?(?= |$)")


@dataclass(frozen=True)
class Work:
    """What a DVC command does.

    Attributes
    ----------
    path : str
        What it reads or writes.
    writes : bool
        Whether it writes it.
    pid : int
        Its process.
    command : str
        What was typed.
    """

    path: str
    writes: bool
    pid: int
    command: str


def list_work() -> list[Work]:
    """Return what is at work; what a process left that was killed counts for nothing."""
    path = local_folder() / NOTES
    try:
        notes, noted = json.loads(path.read_text(encoding="utf-8")), path.stat().st_mtime
        found = [_to_work(place, True, by) for place, by in notes.get("write", {}).items()]
        found += [_to_work(place, False, by) for place, readers in notes.get("read", {}).items() for by in readers]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
    living = {pid for pid in {work.pid for work in found} if lives(pid, noted)}
    return [work for work in found if work.pid in living]


def lives(pid: int, noted: float) -> bool:
    """Say whether a process that was there at a time is there still, and not another one of its number."""
    try:
        process = psutil.Process(pid)
        # the times of files and of processes are a little apart
        return bool(process.status() != psutil.STATUS_ZOMBIE and process.create_time() < noted + 1)
    except psutil.NoSuchProcess:
        return False


def wait_for_others(tell: Callable[[str], object], is_stopped: Callable[[], bool] = lambda: False) -> None:
    """Wait until each DVC command that is at work has ended: one that is typed without `--wait-for-lock` must not fail.

    Parameters
    ----------
    tell : callable
        Takes a line that says for what it waits.
    is_stopped : callable
        Says whether to wait no longer.
    """
    while (work := next(iter(list_work()), None)) and not is_stopped():
        tell(f"waits for another DVC command (process {work.pid}: {work.command})")
        since = time.time()
        # between two of its stages nothing is noted
        while lives(work.pid, since) and not is_stopped():
            time.sleep(LOOK_EVERY_S)


def _to_work(path: str, writes: bool, by: dict[str, Any]) -> Work:
    return Work(path, writes, int(by["pid"]), PROGRAM.sub("dvc", str(by["cmd"])))
