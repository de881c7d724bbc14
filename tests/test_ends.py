"""A stage that is ended, however that is done, takes its helpers with it, and the next run clears what it left."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
import yaml

from stages.artifacts.files import write_table
from stages.workers.traces import clear_traces, list_traces
from tests.commands import ROOT, Process, start_python
from tests.data_sets import make_table, start_training, write_data, write_params
from tests.web import answer_by

LABELS = np.arange(120) % 2
END_S = 15
# long enough that no test waits for its end, and in a library's code, where nothing looks for signals
ENDLESS = """
import time
from sklearn.linear_model import LogisticRegression
class Endless(LogisticRegression):
    def fit(self, X, y):
        print("fitting", flush=True)
        time.sleep(300)
"""
FLIPPING = """
import numpy as np
from pathlib import Path
from stages.command.run import run_stage
from stages.workplace.place import open_workplace, run_stages
def main(dataset):
    Path("flipped.partial").mkdir()
    labels = np.load("data/toy/prepared/labels.npy")
    with open_workplace(Path("data/toy/prepared"), "toy", labels, place=Path("flipped.partial")) as folder:
        sections = {"split": {"folds": 3}, "crossval_predict": {"model": "endless_model:Endless"}}
        run_stages(folder, "toy", sections, ("split", "crossval_predict"), "endless")
run_stage("flip", main)
"""
# one of two workers has nothing to do
WAITING = """
import time
from stages.command.run import run_stage
from stages.workers.pool import start_workers
def main(dataset):
    with start_workers(2, "stages.workers.progress", lambda: None) as workers:
        list(workers.call(time.sleep, [(300,)]))
run_stage("crossval_predict", main)
"""
SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A folder with a data set whose model never learns."""
    write_data(tmp_path, LABELS, make_table({"a": np.random.default_rng(0).normal(size=len(LABELS))}))
    write_params(tmp_path, model="endless_model:Endless")
    np.save(tmp_path / "data/toy/prepared/contents.npy", np.arange(len(LABELS)))
    write_table(tmp_path / "data/toy/prepared/ids.csv", pd.DataFrame({"id": np.arange(len(LABELS))}))
    (tmp_path / "endless_model.py").write_text(ENDLESS)
    return tmp_path


def wait_for(is_so: Callable[[], object], seconds: float = END_S) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def are_waiting(pid: int, count: int) -> bool:
    """Say whether a process has so many below it, and none of them is still starting."""
    helpers = psutil.Process(pid).children(recursive=True)
    try:
        before = [helper.cpu_times()[:2] for helper in helpers]
        time.sleep(1)
        return len(helpers) >= count and before == [helper.cpu_times()[:2] for helper in helpers]
    except psutil.NoSuchProcess:
        return False


def end(process: Process, sign: int) -> None:
    """End a process, and see that all that it started ends, too."""
    helpers = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(sign)
    assert process.wait(END_S) == (-sign if sign == signal.SIGKILL else 130)
    assert not psutil.wait_procs(helpers, timeout=END_S)[1]
    assert process.stdout is not None
    assert "Traceback" not in process.stdout.read()
    process.stdout.close()


# what answers SIGTERM and SIGINT is the same in all stages: each is sent once
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_their_stage(endless: Path, sign: int) -> None:
    process = start_training(endless, workers=2)
    count = 0
    assert process.stdout is not None
    for line in process.stdout:
        count += line.count("fitting")
        if count == 2:
            break
    # what is called after a process that lives stays
    assert list(clear(endless, process.pid))
    end(process, sign)
    assert list(clear(endless, process.pid)) == []


def clear(folder: Path, pid: int) -> list[Path]:
    """Do what the next run in a folder does before it has workers, and return what is left of a process."""
    with contextlib.chdir(folder):
        clear_traces()
    return list(list_traces(str(pid)))


def test_what_another_process_with_the_same_id_has_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # a note of a process that has ended, whose id is that of one that lives
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stages.workers.traces.SHARED", tmp_path)
    note, trace = tmp_path / f".dvc/tmp/workers/{os.getppid()}.lock", tmp_path / f"sem.loky-{os.getppid()}-a"
    note.parent.mkdir(parents=True)
    for path in (note, trace):
        path.touch()
    clear_traces()
    assert trace.exists()

    def find_none(process: int, sign: int) -> None:
        raise ProcessLookupError

    monkeypatch.setattr("os.kill", find_none)
    clear_traces()
    assert not trace.exists()
    assert not note.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_what_a_process_has_that_has_ended_and_was_not_waited_for_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stages.workers.traces.SHARED", tmp_path)
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        # ended, but for its exit code
        process.stdout.read()
        while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        note, trace = tmp_path / f".dvc/tmp/workers/{process.pid}.lock", tmp_path / f"sem.loky-{process.pid}-a"
        note.parent.mkdir(parents=True)
        for path in (note, trace):
            path.touch()
        clear_traces()
        assert not trace.exists()


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_workers_without_work_end_with_their_stage(tmp_path: Path, sign: int) -> None:
    process = start(tmp_path, "-c", WAITING)
    # two workers, what forks them, and what counts their semaphores
    wait_for(lambda: are_waiting(process.pid, 4), 60)
    end(process, sign)
    assert clear(tmp_path, process.pid) == []


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_the_stages_that_flip_runs_end_with_it(endless: Path, sign: int) -> None:
    process = start(endless, "-c", FLIPPING)
    assert process.stdout is not None
    assert any("fitting" in line for line in process.stdout)
    end(process, sign)
    left = list((endless / "flipped.partial").iterdir())
    # what a kill leaves lies where the next run removes it
    assert bool(left) is (sign == signal.SIGKILL)


def start(folder: Path, *arguments: str, **env: str) -> Process:
    """Start Python in a folder."""
    env = {"CLEAN_LABELS_WORKERS": "2", "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", **env}
    return start_python(*arguments, "toy", folder=folder, env=env)


@pytest.fixture
def silent() -> Iterator[str]:
    """A host that sends half of a table and falls silent."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "3000000")
            self.end_headers()
            self.wfile.write(bytes(2_000_000))
            self.rfile.read()

        def log_message(self, *args: object) -> None:
            pass

    with answer_by(Handler) as address:
        yield address


@pytest.mark.parametrize(
    ("kind", "sign"),
    [*((kind, signal.SIGKILL) for kind in ("csv", "idx", "images", "npz")), *(("csv", sign) for sign in SIGNALS[1:])],
)
def test_what_a_fetch_leaves_the_next_one_removes(tmp_path: Path, silent: str, kind: str, sign: int) -> None:
    block = {"fetch": {"sources": [f"{kind}:{silent}/a"], "label": "y" if kind == "csv" else None}}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({"toy": block}))
    (tmp_path / "tmp").mkdir()
    process = start(tmp_path, "-m", "stages.fetch", TMPDIR=str(tmp_path / "tmp"))
    temporary = tmp_path / "data/toy/fetch.partial"
    wait_for(lambda: any(path.is_file() and path.stat().st_size for path in temporary.rglob("*")), 20)
    end(process, sign)
    assert temporary.exists() is (sign == signal.SIGKILL)
    assert not list((tmp_path / "tmp").iterdir())
    block["fetch"] = {"sources": ["sklearn:iris"]}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({"toy": block}))
    assert start(tmp_path, "-m", "stages.fetch").wait() == 0
    assert sorted(path.name for path in (tmp_path / "data/toy").iterdir()) == ["decisions.csv", "raw"]
