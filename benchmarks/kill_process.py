"""A command in a process of its own, forked from this one, and how it is killed."""

import importlib
import math
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.workplace import ROOT
from stages.command.processor import SETTLED
from tests import warm

# a process has so long to end after the one that it worked for: one that imports torch sees it only then
END_S = 60
POLL_S = 0.002
# what is killed: the process alone, its group, or the process alone by a signal that it may answer
WAYS = ("KILL", "KILL group", "KILL", "KILL group", "TERM", "KILL", "KILL group", "INT")
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.truncate"}
# a tag says when it was made
ENVIRONMENT = {
    "CLEAN_LABELS_WORKERS": "2", "OMP_NUM_THREADS": "1", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "DVC_NO_ANALYTICS": "1",
}  # fmt: skip


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


def warm_up() -> None:
    """Import what takes long, for all commands that are forked from here."""
    if not SETTLED:
        raise SystemExit("the processor's variables must be set from the start: env $(python -m stages) python -m …")
    for name in warm.IMPORTED:
        # an extra of DVC's may be missing
        with suppress(ImportError):
            importlib.import_module(name)


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


def kill(pid: int, way: str, seconds: float) -> list[int]:
    """Kill a process after some seconds in one of the `WAYS`; return the ids of its session, none if it had ended."""
    if way == "change":
        return [pid] if wait(pid) == -signal.SIGKILL else []
    if wait(pid, seconds) is not None:
        return []
    session = [process.pid for process in find_session(pid)]
    sign = signal.Signals[f"SIG{way.split()[0]}"]
    try:
        (os.killpg if "group" in way else os.kill)(pid, sign)
    except ProcessLookupError:
        # it has just begun, and has no group of its own yet
        os.kill(pid, sign)
    return session if wait(pid) else []


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
