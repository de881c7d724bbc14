"""Folds are trained by the workers of a Dask scheduler with the same bytes, even when one of them dies."""

import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml

from stages.command.errors import InputError
from stages.workers.cluster import check_threads, connect
from tests.commands import Process, start_python
from tests.conftest import ROOT, Clone, copy_working_tree
from tests.data_sets import forget, make_table, train_digits, write_data, write_params

Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a `dask` command in a folder; all are ended after the test."""
    started: list[Process] = []

    def start(folder: Path, *arguments: str) -> Process:
        env = {"PYTHONPATH": os.environ.get("PYTHONPATH", ""), "DASK_LOGGING__DISTRIBUTED": "info"}
        with (tmp_path / f"dask-{len(started)}.log").open("w") as log:
            process = start_python("-m", "dask", *arguments, folder=folder, env=env, log=log)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def start_scheduler(start: Start, folder: Path) -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start(folder, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    return f"tcp://127.0.0.1:{port}"


@pytest.fixture
def scheduler(start: Start) -> str:
    return start_scheduler(start, ROOT)


def start_worker(start: Start, folder: Path, scheduler: str, *arguments: str) -> Process:
    once = ("--nworkers", "1", "--nthreads", "1", "--no-dashboard", "--no-nanny", "--host", "127.0.0.1")
    return start(folder, "worker", scheduler, *once, *arguments)


def wait_for_workers(clone: Clone, scheduler: str) -> None:
    """Wait until two workers have joined."""
    code = f"from distributed import Client; Client({scheduler!r}).wait_for_workers(2, timeout=60)"
    clone.run(sys.executable, "-c", code)


def read_results(clone: Clone) -> tuple[bytes, ...]:
    folder = clone.path("data/digits/predictions")
    return tuple((folder / name).read_bytes() for name in ("pred_probs.npy", "folds.npy", "curves.csv"))


def test_a_worker_killed_in_the_middle_costs_only_its_fold(clone: Clone, start: Start, scheduler: str) -> None:
    clone.set_param("crossval_predict", "max_epochs", 3)
    clone.set_param("split", "repeats", 1)
    clone.stage("split")
    clone.stage("crossval_predict")
    alone = read_results(clone)
    shutil.rmtree(clone.path("data/digits/predictions"))
    forget(clone.folder, "digits")
    victim, _ = (start_worker(start, clone.folder, scheduler) for _ in range(2))
    wait_for_workers(clone, scheduler)
    process = train_digits(clone, CLEAN_LABELS_SCHEDULER=scheduler)
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if re.match("fold . of 5: accuracy", line) and victim.poll() is None:
            victim.kill()
            victim.wait()
    assert process.wait() == 0, printed
    assert "5 folds, 2 at a time" in printed
    assert victim.returncode == -signal.SIGKILL
    assert sorted(re.findall("fold (.) of 5: accuracy", printed)) == list("12345")
    assert read_results(clone) == alone


def test_a_worker_without_the_data_pulls_them_through_dvc(
    clone: Clone, start: Start, scheduler: str, tmp_path: Path
) -> None:
    clone.set_param("crossval_predict", "max_epochs", 1)
    clone.run("dvc", "remote", "add", "--default", "teststore", str(tmp_path / "store"))
    clone.commit("Name a remote, train for less")
    clone.stage("crossval_predict")
    alone = read_results(clone)
    clone.run("git", "clone", "--quiet", str(clone.folder), str(tmp_path / "other"))
    forget(clone.folder, "digits")
    start_worker(start, tmp_path / "other", scheduler)
    # the worker sees this machine's disk, so the folder that it is told of must not be there
    hide = "import stages.crossval_predict.folds.prepared as p; p.SHARED = p.Path('nowhere')"
    command = [sys.executable, "-c", f"{hide}; from stages.crossval_predict.__main__ import main; main('digits')"]
    printed = clone.run(*command, code=1, CLEAN_LABELS_SCHEDULER=scheduler)
    assert "a worker has no nowhere/data/digits with the content to train on" in printed
    clone.run("dvc", "push")
    clone.run(*command, CLEAN_LABELS_SCHEDULER=scheduler)
    assert read_results(clone) == alone


OWN = """
from sklearn.linear_model import LogisticRegression
class Own(LogisticRegression):
    pass
"""


@pytest.fixture
def table(tmp_path: Path) -> Clone:
    """A clone with a table in it, which DVC has, and a classifier of one's own."""
    clone = Clone(tmp_path / "table")
    copy_working_tree(clone.folder)
    labels = np.arange(60) % 2
    columns = {"a": labels + np.arange(60) / 100, "b": [None, "x", "y"] * 20}
    write_data(clone.folder, labels, make_table(columns))
    write_params(clone.folder, model="own_model:Own")
    clone.path("own_model.py").write_text(OWN)
    made = {"preprocess": "prepared", "split": "training"}
    stages = {stage: {"cmd": "true", "outs": [f"data/${{item}}/{folder}"]} for stage, folder in made.items()}
    stages["crossval_predict"] = {"cmd": "true", "deps": ["own_model.py"]}
    pipeline = {"stages": {stage: {"foreach": ["toy"], "do": do} for stage, do in stages.items()}}
    clone.path("dvc.yaml").write_text(yaml.safe_dump(pipeline))
    clone.path("dvc.lock").unlink()
    clone.path(".dvc/config").write_text("[core]\n    analytics = false\n")
    clone.run("git", "init", "--quiet", "--initial-branch=main")
    clone.run("dvc", "remote", "add", "--default", "teststore", str(tmp_path / "store"))
    clone.run("dvc", "commit", "--force", "preprocess@toy", "split@toy")
    clone.commit("Have a table")
    return clone


def test_a_table_is_pulled_and_fitted_elsewhere_by_a_class_of_ones_own(
    table: Clone, start: Start, scheduler: str, tmp_path: Path
) -> None:
    table.stage("crossval_predict", "toy")
    path = table.path("data/toy/predictions/pred_probs.npy")
    alone = path.read_bytes()
    table.run("dvc", "push")
    table.run("git", "clone", "--quiet", str(table.folder), str(tmp_path / "other"))
    forget(table.folder)
    start_worker(start, tmp_path / "other", scheduler)
    hide = "import stages.crossval_predict.folds.prepared as p; p.SHARED = p.Path('nowhere')"
    command = [sys.executable, "-c", f"{hide}; from stages.crossval_predict.__main__ import main; main('toy')"]
    path.unlink()
    table.run(*command, CLEAN_LABELS_SCHEDULER=scheduler)
    assert path.read_bytes() == alone


def test_workers_with_different_versions_of_ones_own_class_are_named(
    table: Clone, start: Start, scheduler: str, tmp_path: Path
) -> None:
    other = table.copy_to(tmp_path / "other")
    other.path("own_model.py").write_text(f"{OWN}# another version\n")
    for folder in (table.folder, other.folder):
        start_worker(start, folder, scheduler)
    wait_for_workers(table, scheduler)
    printed = table.stage("crossval_predict", "toy", code=2, CLEAN_LABELS_SCHEDULER=scheduler)
    assert "a worker has another version of stages/crossval_predict, of own_model:Own, or of the packages" in printed
    # distributed may log that a connection was closed, with a traceback of its own
    assert "/stages/" not in printed


def test_a_worker_of_another_version_is_named(clone: Clone, start: Start, scheduler: str, tmp_path: Path) -> None:
    other = clone.copy_to(tmp_path / "other")
    forget(clone.folder, "digits")
    with other.path("stages/crossval_predict/models/training.py").open("a") as file:
        file.write("\n# another version\n")
    start_worker(start, other.folder, scheduler)
    printed = clone.stage("crossval_predict", code=2, CLEAN_LABELS_SCHEDULER=scheduler)
    assert "a worker has another version of stages/crossval_predict" in printed
    assert "Traceback" not in printed


def test_a_scheduler_that_runs_elsewhere_is_named(clone: Clone, start: Start, tmp_path: Path) -> None:
    scheduler = start_scheduler(start, tmp_path)
    start_worker(start, clone.folder, scheduler)
    printed = clone.stage("crossval_predict", code=2, CLEAN_LABELS_SCHEDULER=scheduler)
    assert "cannot import this repository's stages; start each in a clone's root" in printed
    assert "Traceback" not in printed


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stages.workers.cluster.TIMEOUT_S", 1)
    for address in ("tcp://127.0.0.1:9", "nonsense://1"):
        with (
            pytest.raises(InputError, match=f"SCHEDULER='{address}': no scheduler answers"),
            connect("SCHEDULER", address, int),
        ):
            pass


def test_a_scheduler_without_workers_is_named(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stages.workers.cluster.TIMEOUT_S", 6)
    with pytest.raises(InputError, match="the scheduler has no workers"), connect("SCHEDULER", scheduler, int):
        pass


def test_workers_of_several_threads_are_refused() -> None:
    check_threads("SCHEDULER", {"tcp://a": 1, "tcp://b": 1})
    with pytest.raises(InputError, match="SCHEDULER: the worker tcp://b has several threads; start each with --nthr"):
        check_threads("SCHEDULER", {"tcp://a": 1, "tcp://b": 4})
