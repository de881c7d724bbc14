"""The place where a job runs: one at a time, whichever server asks, and found again by one that is started later.

A job is a process of its own, `review.start.runner`. It holds a lock for as long as it lives, which the system lets go
however it ends. So what runs is known without asking a server, and a server that ends takes nothing with it.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from review.start.jobs import JOBS
from review.start.pipeline import Stage
from stages.artifacts.files import read_json, replacing, write_json
from stages.command.errors import InputError
from stages.command.local import local_folder

JOB, LOG, ENDED, RUNNING = "job.json", "log", "ended.json", "running.json"
# until a job's process has been started and can be interrupted
READY_WITHIN_S = 30
# somebody else may look for a moment whether the place is free
FREE_WITHIN_S = 1


class Slot:
    """The jobs of a repository: the one that runs, and the last one of each data set."""

    def __init__(self) -> None:
        self.folder = local_folder() / "jobs"
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()

    def home(self, dataset: str) -> Path:
        """Return the folder of a data set's last job."""
        return self.folder / dataset

    def start(self, dataset: str, name: str, form: str, stages: list[Stage]) -> None:
        """Start a job.

        Raises
        ------
        InputError
            If one is running, or the form is not one of the job's.
        """
        job, home = JOBS[name], self.home(dataset)
        if form not in job.list_forms(dataset):
            raise InputError(f"{name}: {dataset} has no form {form!r}; there are: {', '.join(job.list_forms(dataset))}")
        steps = job.list_steps(dataset, form, home)
        with self._starting, self._taken() as lock:
            write_running(self.folder, {"dataset": dataset, "pid": None})
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True)
            may_run = [stage.name for stage in job.list_stages(stages)]
            about = {"job": name, "form": form, "started": now(), "stages": may_run}
            write_json(home / JOB, {**about, "steps": [vars(step) for step in steps]})
            self._spawn(home, lock)

    def _spawn(self, home: Path, lock: int) -> None:
        with (home / LOG).open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "review.start.runner", str(home)],
                # not ended by Ctrl+C, which ends the server, nor with its terminal
                start_new_session=True, pass_fds=[lock], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def stop(self, dataset: str) -> None:
        """Interrupt the job of a data set as Ctrl+C would.

        Raises
        ------
        InputError
            If it is not running.
        """
        last = time.monotonic() + READY_WITHIN_S
        while (running := self.find_running()) and running["dataset"] == dataset and time.monotonic() < last:
            if running["pid"]:
                os.kill(running["pid"], signal.SIGINT)
                return
            time.sleep(0.1)
        raise InputError(f"nothing runs on {dataset}")

    def find_running(self) -> dict[str, Any] | None:
        """Return the data set on which a job runs, and its process; None if none runs."""
        if self._process:
            # or it would stay as a dead process until the server ends
            self._process.poll()
        try:
            with self._open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
        except FileNotFoundError:
            return None
        except BlockingIOError:
            running: dict[str, Any] = read_json(self.folder / RUNNING)
            return running

    def read_job(self, dataset: str) -> dict[str, Any] | None:
        """Return what is known of a data set's last job, with ``ended`` if it has ended by itself."""
        home = self.home(dataset)
        if not (home / JOB).exists():
            return None
        job: dict[str, Any] = read_json(home / JOB)
        return {**job, "ended": read_json(home / ENDED) if (home / ENDED).exists() else None}

    def _open(self) -> Any:
        return (self.folder / "lock").open("rb")

    @contextmanager
    def _taken(self) -> Iterator[int]:
        """Hold the lock until the block ends; a process that is given it holds it on."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "lock").touch()
        with self._open() as file:
            last = time.monotonic() + FREE_WITHIN_S
            while not _lock(file):
                if time.monotonic() > last:
                    raise InputError(f"{self._name_running()}: wait for its end, or stop it")
                time.sleep(0.05)
            yield file.fileno()

    def _name_running(self) -> str:
        running = self.find_running() or {"dataset": "another data set"}
        job = self.read_job(running["dataset"]) or {"job": "a job"}
        return f"one thing at a time: {job['job']} is at work on {running['dataset']}"


def write_running(folder: Path, about: dict[str, Any]) -> None:
    """Write down on which data set a job runs, and its process."""
    with replacing(folder / RUNNING) as (partial,):
        write_json(partial, about)


def now() -> str:
    """Return the time, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _lock(file: Any) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
