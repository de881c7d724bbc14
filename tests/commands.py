"""Runs commands as users type them, those of Python in processes that start warm."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from tests import warm

SHIM = """#!{python} -IS
import sys
sys.path.insert(0, {tests!r})
import warm
warm.main({socket!r}, {python!r}, sys.argv)
"""
# byte-code is written, as users have it
UNSET = {"PYTHONDONTWRITEBYTECODE"}
# forking a process with torch in it is for Linux alone
CAN_FORK = sys.platform == "linux"


def run_command(command: tuple[str, ...], folder: Path, env: dict[str, str]) -> tuple[int, str]:
    """Run a command, and return its exit code and all that it printed."""
    programs = [str(start_server())] if CAN_FORK else []
    path = os.pathsep.join([*programs, str(Path(sys.executable).parent), env["PATH"]])
    env = {key: value for key, value in env.items() if key not in UNSET} | {"PATH": path}
    with tempfile.TemporaryFile() as printed, Path(os.devnull).open("rb") as nothing:
        if CAN_FORK and warm.is_warm(list(command)):
            outputs = [nothing.fileno(), printed.fileno(), printed.fileno()]
            code = warm.call(f"{programs[0]}/socket", list(command), str(folder), env, outputs)
        else:
            code = subprocess.run(
                command, cwd=folder, env=env, stdin=nothing, stdout=printed, stderr=printed, check=False
            ).returncode
        printed.seek(0)
        return code, printed.read().decode()


@cache
def start_server() -> Path:
    """Start the server of warm processes, once in this process, and return the folder of its socket and programs."""
    folder = Path(tempfile.mkdtemp(prefix="warm-"))
    socket = str(folder / "socket")
    for name in ("python", "dvc"):
        shim = SHIM.format(python=sys.executable, tests=str(Path(__file__).parent), socket=socket)
        (folder / name).write_text(shim)
        (folder / name).chmod(0o755)
    # what the tests have set is not the server's: each command brings its own environment
    env = {key: value for key, value in os.environ.items() if key not in {*UNSET, "PYTHONPATH"}}
    process = subprocess.Popen(
        [sys.executable, warm.__file__, socket], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip

    def stop() -> None:
        process.communicate()
        shutil.rmtree(folder)

    assert process.stdout
    if process.stdout.readline() != b"ready\n":
        raise RuntimeError(f"the server of warm processes ended with exit code {process.wait()}")
    atexit.register(stop)
    return folder
