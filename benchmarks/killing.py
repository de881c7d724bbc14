"""Kills a command at some moment of its run, runs it again, and says what is not as if nothing had been."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.kill_process import Command, kill, run, start, wait, wait_for_end
from benchmarks.kill_traces import copy, find_half, find_shared, read_files


@dataclass(frozen=True)
class Undisturbed:
    """What a command leaves if nobody disturbs it: every file, how long it takes, and how many changes it makes."""

    files: dict[str, str]
    seconds: float
    changes: int


@dataclass(frozen=True)
class Outcome:
    """What was not right after a kill: each list names files, or is empty."""

    half: list[str]
    differs: list[str]
    left: list[str]

    @property
    def is_right(self) -> bool:
        """Whether all was."""
        return not (self.half or self.differs or self.left)


def run_undisturbed(command: Command, scratch: Path) -> Undisturbed:
    """Run a command in a copy of its place, which stays in ``scratch/after``."""
    folder, counts = copy(command.place, scratch / "after"), scratch / "count"
    begun = time.perf_counter()
    run(command, folder, counts)
    seconds = time.perf_counter() - begun
    return Undisturbed(read_files(folder), seconds, int(counts.read_text()))


def try_kill(
    command: Command, scratch: Path, undisturbed: Undisturbed, way: str, moment: float, again: bool
) -> Outcome | None:
    """Kill a command once, run it again, and return what is not right; None if it had ended before the moment.

    Parameters
    ----------
    command : Command
        What is killed.
    scratch : Path
        Where `run_undisturbed` has left ``after``.
    undisturbed : Undisturbed
        What it returned.
    way : str
        One of `WAYS`, or ``change`` for a kill before a change of a file.
    moment : float
        When, as a share of its run or of its changes.
    again : bool
        Whether what it makes is there already.
    """
    folder = copy(scratch / "after" if again else command.place, scratch / "killed")
    before, is_change = read_files(folder), way == "change"
    pid = start(command, folder, at=int(moment * undisturbed.changes) if is_change else None)
    processes = kill(pid, way, moment * undisturbed.seconds)
    if not processes:
        return None
    alive = [f"process {' '.join(each)}" for each in wait_for_end(pid)]
    killed = read_files(folder)
    half = find_half(killed, before, undisturbed.files)
    # what is done need not be done again
    code = None if killed == undisturbed.files else wait(start(command, folder))
    files = read_files(folder)
    differs = [name for name in undisturbed.files if files.get(name) != undisturbed.files[name]]
    left = sorted(set(files) - set(undisturbed.files)) + find_shared(processes)
    return Outcome(half, [f"exit code {code}"] * bool(code) + differs, alive + left)


def draw(seed: str, count: int) -> Sequence[float]:
    """Return so many random moments, as shares of a run."""
    rng = random.Random(seed)
    return [rng.random() for _ in range(count)]
