"""Runs commands as users type them, those of Python in processes that start warm."""

import atexit
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import IO

from tests import warm

ROOT = Path(__file__).parent.parent
SHIM = """#!{python} -IS
import sys
sys.path.insert(0, {tests!r})
import warm
warm.main({socket!r}, {python!r}, sys.argv)
"""
ENDS_WITHIN_S = 300
# forking a process with torch in it is for Linux alone
CAN_FORK = sys.platform == "linux"


def run_command(command: tuple[str, ...], folder: Path, env: dict[str, str]) -> tuple[int, str]:
    """Run a command, and return its exit code and all that it printed."""
    env = {**env, "PATH": find_programs(env["PATH"])}
    with tempfile.TemporaryFile() as printed, Path(os.devnull).open("rb") as nothing:
        if CAN_FORK and warm.is_warm(list(command)):
            outputs = [nothing.fileno(), printed.fileno(), printed.fileno()]
            code = warm.call(start_server("stages"), list(command), str(folder), env, outputs)
        else:
            code = subprocess.run(
                command, cwd=folder, env=env, stdin=nothing, stdout=printed, stderr=printed, check=False
            ).returncode
        printed.seek(0)
        return code, printed.read().decode()


def find_programs(path: str) -> str:
    """Return the value of PATH with which DVC and the stages that it starts are warm."""
    if CAN_FORK:
        start_server("stages")
    return os.pathsep.join([*([str(make_programs())] if CAN_FORK else []), str(Path(sys.executable).parent), path])


class Forked:
    """A command in a process that starts warm, with what tests need of `subprocess.Popen`.

    Parameters
    ----------
    server : str
        ``stages`` or ``review``, see `start_server`.
    command, folder, env
        As `warm.start` has them.
    outputs : (int, int)
        The file descriptors of its standard output and error.
    """

    def __init__(
        self, server: str, command: list[str], folder: Path, env: Mapping[str, str], outputs: tuple[int, int]
    ) -> None:
        with Path(os.devnull).open("rb") as nothing:
            files = [nothing.fileno(), *outputs]
            self.pid, self.connection = warm.start(start_server(server), command, str(folder), dict(env), files)
        self.returncode: int | None = None
        self.stdout: IO[str] | None = None

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self.returncode if self.ends_within(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ends, and return its exit code, or the signal that ended it, below 0."""
        if not self.ends_within(timeout):
            raise subprocess.TimeoutExpired("a command that starts warm", timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def communicate(self) -> tuple[str, None]:
        """Wait until it ends, and return what it printed."""
        assert self.stdout is not None
        printed = self.stdout.read()
        self.wait()
        return printed, None

    def ends_within(self, seconds: float | None) -> bool:
        """Say whether it has ended after so many seconds."""
        if self.returncode is None and select.select([self.connection], [], [], seconds)[0]:
            self.returncode = warm.read_code(self.connection.recv(warm.LENGTH_BYTES))
            self.connection.close()
        return self.returncode is not None

    def send_signal(self, sign: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sign)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


Process = Forked | subprocess.Popen[str]


def start_python(
    *arguments: str,
    folder: Path,
    env: Mapping[str, str] | None = None,
    server: str = "stages",
    log: IO[str] | None = None,
) -> Process:
    """Start Python, by default with this repository's code; all that it prints is its ``stdout``, or goes to a log."""
    command, env = [sys.executable, *arguments], {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
    if not CAN_FORK:
        return subprocess.Popen(
            command, cwd=folder, env=env, text=True, stdout=log or subprocess.PIPE, stderr=subprocess.STDOUT
        )
    if log:
        return Forked(server, command, folder, env, (log.fileno(), log.fileno()))
    read, write = os.pipe()
    process = Forked(server, command, folder, env, (write, write))
    os.close(write)
    process.stdout = os.fdopen(read)
    return process


def run_python(
    *arguments: str, folder: Path, env: Mapping[str, str] | None = None, server: str = "stages"
) -> "subprocess.CompletedProcess[str]":
    """Run Python, by default with this repository's code, and tell what it printed as output and as error."""
    command, env = [sys.executable, *arguments], {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
    if not CAN_FORK:
        return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    # not files, whose size a test may limit
    (printed, write), (complained, write_errors) = os.pipe(), os.pipe()
    process = Forked(server, command, folder, env, (write, write_errors))
    for end in (write, write_errors):
        os.close(end)
    with os.fdopen(printed) as output, os.fdopen(complained) as errors, ThreadPoolExecutor() as threads:
        said = threads.submit(output.read)
        error = errors.read()
        return subprocess.CompletedProcess(command, process.wait(ENDS_WITHIN_S), said.result(), error)


@cache
def make_programs() -> Path:
    """Make a folder with ``python`` and ``dvc`` that ask the server for stages, and room for the servers' sockets."""
    folder = Path(tempfile.mkdtemp(prefix="warm-"))
    socket = str(folder / "stages")
    for name in ("python", "dvc"):
        shim = SHIM.format(python=sys.executable, tests=str(Path(__file__).parent), socket=socket)
        (folder / name).write_text(shim)
        (folder / name).chmod(0o755)
    atexit.register(shutil.rmtree, folder)
    return folder


@cache
def start_server(name: str) -> str:
    """Start a server of warm processes, once in this process, and return its socket.

    ``stages`` has imported none of this repository's modules, ``review`` all that the review page needs of them.
    """
    socket = str(make_programs() / name)
    # what the tests have set is not the server's: each command brings its own environment
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    process = subprocess.Popen(
        [sys.executable, warm.__file__, socket], cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout
    if process.stdout.readline() != b"ready\n":
        raise RuntimeError(f"the server of warm processes ended with exit code {process.wait()}")
    atexit.register(process.communicate)
    return socket
