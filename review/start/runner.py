"""Runs the steps of a job, one after the other: ``python -m review.start.runner FOLDER``, started by `Slot`.

It outlives the server that started it. If it is killed itself, its stages end with it: their standard input ends.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

from review.start.jobs import to_arguments, to_text
from review.start.slot import ENDED, JOB, now, write_running
from stages.artifacts.files import read_json, replacing, write_json
from stages.command.at_work import wait_for_others
from stages.command.environment import make_environment
from stages.command.parent import BY_STDIN


class Runner:
    """Runs commands, and hands an interrupt on to all processes of the one that is running."""

    def __init__(self) -> None:
        self.stopped = False
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, command: tuple[str, ...]) -> int:
        """Run a command and return its exit code; one of DVC's begins when no other is at work."""
        print(f"$ {to_text(command)}", flush=True)
        if command[0] == "dvc":
            wait_for_others(lambda line: print(line, flush=True), lambda: self.stopped)
        if self.stopped:
            return 1
        # lines come as they are written; a group of their own is what Ctrl+C in a terminal interrupts
        env = make_environment(**{BY_STDIN: "1"})
        self._process = subprocess.Popen(to_arguments(command), env=env, stdin=subprocess.PIPE, process_group=0)
        if self.stopped:
            self._interrupt()
        return self._process.wait()

    def stop(self, _: int, __: FrameType | None) -> None:
        """Interrupt what runs, and run nothing after it."""
        self.stopped = True
        self._interrupt()

    def _interrupt(self) -> None:
        if self._process and self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGINT)


def main(home: Path) -> None:
    """Run the steps that a job's folder names until one fails, and write down how it ended."""
    runner = Runner()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, runner.stop)
    write_running(home.parent, {"dataset": home.name, "pid": os.getpid()})
    code = 0
    for step in read_json(home / JOB)["steps"]:
        if runner.stopped or code:
            break
        code = runner.run(tuple(step["command"]))
        if code and step["otherwise"] and not runner.stopped:
            code = runner.run(tuple(step["otherwise"]))
    with replacing(home / ENDED) as (partial,):
        write_json(partial, {"code": code, "stopped": runner.stopped, "time": now()})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
