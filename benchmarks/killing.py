"""Kills a command at some moment of its run, runs it again, and says what is not as if nothing had been."""

import hashlib
import importlib
import json
import math
import os
import random
import re
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.workplace import ROOT
from stages.command.processor import SETTLED
from tests import warm

# a process has so long to end after the one that it worked for
END_S = 10
POLL_S = 0.002
# what is killed: the process alone, its group, or the process alone by a signal that it may answer
WAYS = ("KILL", "KILL group", "KILL", "KILL group", "TERM", "KILL", "KILL group", "INT")
# what the next run removes, or what git and DVC see to
TEMPORARY = (".partial", "kept", "tmp", ".git", ".dvc")
# a tag says when it was made
ENVIRONMENT = {
    "CLEAN_LABELS_WORKERS": "2", "OMP_NUM_THREADS": "1", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "DVC_NO_ANALYTICS": "1",
}  # fmt: skip
# a plan names when it was made
CLOCK = {"plan.json": ["made"]}
SHARED = Path("/dev/shm")
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.truncate"}


@dataclass(frozen=True)
class Command:
    """What is killed.

    Attributes
    ----------
    name : str
        What the table calls it.
    arguments : tuple of str
        The command, run by this Python.
    place : Path
        The folder as it is before the command.
    """

    name: str
    arguments: tuple[str, ...]
    place: Path


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


class Counter:
    """Counts the changes that a process makes in its folder, and kills it before the one numbered ``at``, from 0."""

    def __init__(self, at: int | None) -> None:
        self.at, self.count, self.here = at, 0, str(Path.cwd())

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        """See an event of Python's audit."""
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        path = arguments[0] if event in CHANGES or writes else None
        if isinstance(path, str | os.PathLike) and str(Path(path).absolute()).startswith(self.here):
            if self.count == self.at:
                os.kill(os.getpid(), signal.SIGKILL)
            self.count += 1


def start(command: Command, folder: Path, counts: Path | None = None, at: int | None = None) -> int:
    """Run the command in a folder, as the first process of a session, and return its id.

    It is forked from this process, which has imported what takes long: so a moment of its run is one of its work.
    What is temporary goes into the folder.
    """
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.setsid()
        (folder / "tmp").mkdir(exist_ok=True)
        os.chdir(folder)
        with (folder / "tmp" / ".said").open("wb") as said, Path(os.devnull).open("rb") as nothing:
            for number, file in enumerate((nothing, said, said)):
                os.dup2(file.fileno(), number)
        counter = Counter(at)
        sys.addaudithook(counter)
        env = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "tmp")}
        code = warm.run(["python", *command.arguments], str(folder), env)
        if counts:
            counts.write_text(str(counter.count))
    finally:
        os._exit(code)


def wait(pid: int, seconds: float = math.inf) -> int | None:
    """Return the exit code of a process, negative for a signal, or None if it has not ended after some seconds."""
    end = time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end:
            return None
        time.sleep(POLL_S)


def run(command: Command, folder: Path, counts: Path | None = None) -> None:
    """Run a command to its end, which must be a good one."""
    if wait(start(command, folder, counts)):
        raise SystemExit(f"{' '.join(command.arguments)}: {(folder / 'tmp' / '.said').read_text(encoding='utf-8')}")


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
    # what a command that is told to end leaves, nobody may ever remove
    told = way in ("TERM", "INT")
    left = [name for name in killed if told and is_temporary(name) and "/kept/" not in name and name not in before]
    # what is done need not be done again
    code = None if killed == undisturbed.files else wait(start(command, folder))
    files = read_files(folder)
    differs = [name for name in undisturbed.files if files.get(name) != undisturbed.files[name]]
    left += sorted(set(files) - set(undisturbed.files)) + find_shared(processes)
    return Outcome(half, [f"exit code {code}"] * bool(code) + differs, alive + left)


def kill(pid: int, way: str, seconds: float) -> list[int]:
    """Kill a process after some seconds in one of the `WAYS`; return the ids of its session, none if it had ended."""
    if way == "change":
        return [pid] if wait(pid) == -signal.SIGKILL else []
    if wait(pid, seconds) is not None:
        return []
    session = [process.pid for process in find_session(pid)]
    (os.killpg if "group" in way else os.kill)(pid, signal.Signals[f"SIG{way.split()[0]}"])
    return session if wait(pid) else []


def find_shared(processes: list[int]) -> list[str]:
    """Return what is called after some processes in the memory that processes share."""
    names = [path.name for path in SHARED.glob("*")]
    return [name for name in names if set(re.findall(r"\d+", name)) & set(map(str, processes))]


def wait_for_end(session: int) -> list[list[str]]:
    """Wait until all processes of a session have ended; return the command lines of those that do not, and end them."""
    end = time.monotonic() + END_S
    while (alive := find_session(session)) and time.monotonic() < end:
        time.sleep(0.02)
    lines = []
    for process in alive:
        lines.append(process.cmdline())
        process.kill()
    return lines


def find_session(session: int) -> list[psutil.Process]:
    """Return the processes of a session."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, ProcessLookupError):
            continue
    return found


def copy(source: Path, target: Path) -> Path:
    """Copy a folder, in place of what was there."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)
    return target


def read_files(folder: Path) -> dict[str, str]:
    """Return a digest of each file in a folder, and of each empty folder; of what is kept for another run, its name."""
    files = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_socket():
            files[name] = ""
        elif path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                files[f"{name}/"] = ""
        elif not name.startswith((".git/logs/", ".git/index", ".dvc/tmp/", "tmp/.said")):
            files[name] = "" if path.suffix in (".lock", ".db") else digest(path)
    return files


def digest(path: Path) -> str:
    """Return the digest of a file, without the times that `CLOCK` lists."""
    content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
    if path.name in CLOCK and (about := json.loads(content)):
        content = json.dumps({name: value for name, value in about.items() if name not in CLOCK[path.name]}).encode()
    return hashlib.sha256(content).hexdigest()


def find_half(files: dict[str, str], before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return the files that are neither as before nor as after, but those that the next run removes."""
    return [
        name for name, content in files.items()
        if content not in (before.get(name), after.get(name)) and not is_temporary(name)
    ]  # fmt: skip


def is_temporary(name: str) -> bool:
    """Say whether a file is part of something that is not finished."""
    return any(part.endswith(TEMPORARY) or part.startswith(".export-") for part in name.rstrip("/").split("/"))


def draw(seed: str, count: int) -> Sequence[float]:
    """Return so many random moments, as shares of a run."""
    rng = random.Random(seed)
    return [rng.random() for _ in range(count)]


def warm_up() -> None:
    """Import what takes long, for all commands that are forked from here."""
    if not SETTLED:
        raise SystemExit("the processor's variables must be set from the start: env $(python -m stages) python -m …")
    for name in warm.IMPORTED:
        # an extra of DVC's may be missing
        with suppress(ImportError):
            importlib.import_module(name)
