"""Asks DVC in the background which stages would run again, and why."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from review.appending import read_status
from review.start.pipeline import LAST, PIPELINE_FILE
from stages.artifacts.files import data_folder
from stages.command.at_work import list_work
from stages.command.params import PARAMS_FILE

WATCHED = (PARAMS_FILE, PIPELINE_FILE, Path("dvc.lock"))
# what DVC says of a stage that looks each time whether there is something new
EACH_TIME = "always changed"
# files are looked at when nobody has written to them for so long: who decides row by row is not asked after each
QUIET_S = 2
# code and sources may change too, so an answer is asked for again when the page is opened after so long
OLD_AFTER_S = 10


class Freshness:
    """What `dvc status` last said, and a process that asks it anew when something has changed.

    Parameters
    ----------
    is_running : callable
        Says whether a job runs, during which no answer would last.
    """

    def __init__(self, is_running: Callable[[], object]) -> None:
        self._is_running = is_running
        self._lock = threading.Lock()
        self._asked: object = None
        self._since = 0.0
        self._process: subprocess.Popen[str] | None = None
        self._said: dict[str, Any] | None = None

    def look(self, datasets: list[str]) -> dict[str, Any] | None:
        """Return the last answer, or None while there is none; ask if the files are not those that it is about."""
        files = [read_status(path) for path in (*WATCHED, *(data_folder(name) / "decisions.csv" for name in datasets))]
        seen = (datasets, files)
        is_quiet = time.time() - max(status.mtime for status in files) / 1e9 > QUIET_S
        is_due = bool(datasets) and is_quiet and not is_dvc_busy()
        with self._lock:
            if is_due and self._asked != seen and self._process is None and not self._is_running():
                self._asked, self._said, self._since = seen, None, time.monotonic()
                self._process = start_asking(datasets)
                threading.Thread(target=self._wait, args=(self._process, datasets, seen), daemon=True).start()
            return self._said

    def forget(self) -> None:
        """Ask again at the next look, unless the answer is new."""
        with self._lock:
            if time.monotonic() - self._since > OLD_AFTER_S:
                self._asked = None

    def ask_anew(self) -> None:
        """Ask again at the next look, and drop an answer that is on its way."""
        with self._lock:
            self._asked = None

    def _wait(self, process: subprocess.Popen[str], datasets: list[str], asked: object) -> None:
        printed, complaints = process.communicate()
        with self._lock:
            self._process = None
            self._said = read_answer(printed, complaints, datasets) if self._asked is asked else None


def is_dvc_busy() -> bool:
    """Say whether a DVC command writes something, such as a stage of a `dvc repro` in a terminal."""
    return any(work.writes for work in list_work())


def start_asking(datasets: list[str]) -> subprocess.Popen[str]:
    """Start a process that asks DVC about all stages of some data sets."""
    command = [sys.executable, "-m", "review.start.asking", *(f"{LAST}@{name}" for name in datasets)]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        errors="replace", start_new_session=True,
    )  # fmt: skip


def read_answer(printed: str, complaints: str, datasets: list[str]) -> dict[str, Any]:
    """Return by data set which stages would run and what has changed, or why that is not known."""
    try:
        stages = json.loads(printed)
    except ValueError:
        errors = [line.removeprefix("ERROR: ") for line in complaints.splitlines() if line.startswith("ERROR: ")]
        reason = " ".join(errors) or "`dvc status` failed"
        return {name: {"known": False, "reason": reason} for name in datasets}
    stale: dict[str, dict[str, list[str]]] = {name: {} for name in datasets}
    for place, changes in stages.items():
        stage, _, dataset = place.partition("@")
        if dataset in stale and EACH_TIME not in changes:
            stale[dataset][stage] = [file for change in changes for file in list_files(change)]
    return {
        name: {
            "known": True,
            "stages": sorted(stages),
            "files": sorted({file for files in stages.values() for file in files}),
            # decisions.csv is what `clean` applies
            "decided": str(data_folder(name) / "decisions.csv") in stages.get("clean", []),
        }
        for name, stages in stale.items()
    }


def list_files(change: dict[str, Any] | str) -> list[str]:
    """Return the files, and keys of params.yaml, that a stage is no longer up to date with."""
    if isinstance(change, str):
        return [change]
    return [
        file if isinstance(state, str) else f"{file}: {', '.join(state)}"
        for changed in change.values() if isinstance(changed, dict)
        for file, state in changed.items()
    ]  # fmt: skip
