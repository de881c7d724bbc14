"""Every row is predicted once, by a network that has not seen it, with the same bytes wherever it runs."""

import os
import re
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.artifacts.files import create_array, load_array
from stages.command.errors import InputError
from stages.crossval_predict.folds import progress
from stages.crossval_predict.folds.checks import check_rows, check_validation
from stages.crossval_predict.folds.gather import accuracy
from stages.crossval_predict.folds.kept import load_fold, save_fold
from stages.crossval_predict.folds.plan import plan_pieces
from stages.crossval_predict.folds.prepared import Prepared
from stages.crossval_predict.folds.run import Model, Run
from stages.crossval_predict.models.fold import Arrays, held_out_rows, take_fold
from stages.crossval_predict.models.origin import Origin
from stages.crossval_predict.settings import Settings
from stages.workers import keeping, pool
from stages.workers.keeping import KEEP_S, LOCK, prune, using
from stages.workers.progress import say, write_time
from tests.conftest import Clone
from tests.data_sets import finish, forget, make_digits, start_training, train, train_digits, write_data, write_params


def make_arrays(labels: np.ndarray, folds: np.ndarray) -> Arrays:
    return Arrays(labels, labels, folds[:, None], np.arange(len(labels)))


@pytest.mark.parametrize(("validation", "n_rows"), [(0.01, 200), (0.5, 4)])
def test_a_validation_share_without_a_row_for_each_class_is_named(validation: float, n_rows: int) -> None:
    arrays = make_arrays(np.arange(n_rows) % 2, np.arange(n_rows) // 2 % 2)
    with pytest.raises(InputError, match=rf"validation: {validation} keeps back too few of the"):
        check_validation(arrays, validation)
    check_validation(arrays, 0.0)


def test_rows_come_in_their_order_without_those_that_are_left_out() -> None:
    labels, order = np.array([0, 1, -1, 2, 0, 2]), np.array([5, 3, 1, 2, 4, 0])
    arrays = Arrays(np.array([0, 1, 3, 2, 0, 2]), labels, np.array([[0], [0], [0], [1], [1], [1]]), order)
    fold = take_fold(arrays, 0, 0)
    assert fold.train.tolist() == [5, 3, 4]
    assert fold.test.tolist() == held_out_rows(arrays, 0, 0).tolist() == [1, 2, 0]
    assert fold.n_classes == 4
    assert take_fold(arrays, 0, 1).train.tolist() == [1, 0]


def test_a_class_may_be_left_out_but_not_all_but_one() -> None:
    folds, classes = np.arange(6) % 2, ["a", "b", "c"]
    check_rows(make_arrays(np.array([0, 0, 1, 1, -1, -1]), folds), classes)
    with pytest.raises(InputError, match="fewer than two classes have rows to train on"):
        check_rows(make_arrays(np.array([0, 0, -1, -1, -1, -1]), folds), classes)
    with pytest.raises(InputError, match="no row is left to learn 'b' from in some fold"):
        check_rows(make_arrays(np.array([0, 0, 1, -1, -1, -1]), folds), classes)


def test_no_folds_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels, content = make_digits(60)
    write_data(tmp_path, labels, content, folds=np.empty((60, 0)))
    with pytest.raises(InputError, match=r"split.folds: 0 .*; set it to 2 or more, or name a file .* in crossval_"):
        train(tmp_path, monkeypatch)


def test_divergence_is_named(clone: Clone) -> None:
    clone.set_param("crossval_predict", "lr", 1e30)
    printed = clone.stage("crossval_predict", code=2)
    assert "error: params.yaml: crossval_predict.lr: training diverged in fold 1 of 5, repeat 1 of 2, wh" in printed
    assert printed.count("error") == 1


def test_the_shipped_network_is_accurate_on_the_digits(shared_clone: Clone) -> None:
    folder = shared_clone.path("data/digits")
    pred_probs, labels = load_array(folder / "predictions/pred_probs.npy"), load_array(folder / "prepared/labels.npy")
    folds = load_array(folder / "predictions/folds.npy")
    assert accuracy(pred_probs, labels) > 0.98
    assert pred_probs.shape == (1797, 10)
    assert folds.shape == (1797, 2)
    assert set(folds[:, 0]) == {0, 1, 2, 3, 4}
    curves = pd.read_csv(folder / "predictions/curves.csv")
    assert len(curves) == 2 * 5 * curves["epoch"].max()


def test_any_number_of_workers_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels, content = make_digits(300)
    write_data(tmp_path, labels, content, folds=np.arange(300)[:, None] % 5)
    section: dict[str, Any] = {"model": "cnn", "max_epochs": 2}
    other_seed, alone = (train(tmp_path, monkeypatch, **section, seed=seed) for seed in (1, 0))
    assert not np.array_equal(other_seed, alone)
    for count in (2, 3):
        forget(tmp_path)
        assert f"5 folds, {count} at a time" in finish(start_training(tmp_path, count))
        np.testing.assert_array_equal(np.load(tmp_path / "data/toy/predictions/pred_probs.npy"), alone)


def test_repeats_are_averaged(clone: Clone) -> None:
    folder = clone.path("data/digits/predictions")
    clone.set_param("crossval_predict", "max_epochs", 1)
    clone.set_param("split", "repeats", 1)
    clone.stage("split")
    clone.stage("crossval_predict")
    once = np.load(folder / "pred_probs.npy")
    clone.set_param("split", "repeats", 2)
    clone.stage("split")
    assert "fold 5 of 5, repeat 2 of 2: accuracy" in clone.stage("crossval_predict")
    twice, folds, curves = np.load(folder / "pred_probs.npy"), np.load(folder / "folds.npy"), folder / "curves.csv"
    np.testing.assert_allclose(twice.sum(axis=1), 1, atol=1e-5)
    assert folds.shape == (1797, 2)
    assert len(pd.read_csv(curves)) == 2 * 5
    second = 2 * twice - once
    assert second.min() > -1e-5
    assert not np.allclose(second, once, atol=1e-3)


def kill_after(clone: Clone, line: str) -> None:
    """Start the stage and kill it as soon as it prints a line with this text."""
    process = train_digits(clone, CLEAN_LABELS_WORKERS="1")
    assert process.stdout is not None
    assert any(line in printed for printed in process.stdout)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_folds_finished_before_a_kill_are_not_trained_again(clone: Clone) -> None:
    path = clone.path("data/digits/predictions/pred_probs.npy")
    curves = clone.path("data/digits/predictions/curves.csv")
    before = path.read_bytes()
    clone.set_param("crossval_predict", "max_epochs", 2)
    for fold in (2, 4):
        kill_after(clone, f"fold {fold} of 5, repeat 1 of 2: accuracy")
        assert path.read_bytes() == before
    printed = clone.stage("crossval_predict")
    assert re.search("[45] of 10 folds kept from an earlier run", printed)
    # what a fold needs while it is trained goes once it is finished
    assert not list(clone.path("data/digits/kept").glob("*.pt"))
    resumed = path.read_bytes(), curves.read_bytes()
    forget(clone.folder, "digits")
    assert "kept" not in clone.stage("crossval_predict")
    assert (path.read_bytes(), curves.read_bytes()) == resumed
    assert resumed[0] != before


def test_a_killed_worker_is_named_and_its_work_kept(clone: Clone) -> None:
    clone.set_param("split", "repeats", 1)
    clone.stage("split")
    clone.set_param("crossval_predict", "max_epochs", 4)
    process = train_digits(clone, CLEAN_LABELS_WORKERS="2")
    assert process.stdout is not None
    for line in process.stdout:
        if re.match("fold . of 5: accuracy", line):
            break
    server = clone.run("pgrep", "--parent", str(process.pid), "--full", "forkserver").strip()
    clone.run("pkill", "-KILL", "--parent", server)
    printed = process.stdout.read()
    assert process.wait() == 2
    assert "error: a worker process was killed" in printed
    assert "Traceback" not in printed
    assert "kept from an earlier run" in clone.stage("crossval_predict")


def test_a_kept_fold_comes_back_whole_or_not_at_all(tmp_path: Path) -> None:
    pred_probs = np.random.default_rng(0).random((5, 3), dtype=np.float32)
    curves = pd.DataFrame({"fold": 1, "epoch": [1, 2], "train_loss": [0.123456789, 0.1]})
    path = tmp_path / "kept" / "fold.npz"
    assert load_fold(path) is None
    save_fold(path, pred_probs, curves)
    loaded = load_fold(path)
    assert loaded is not None
    np.testing.assert_array_equal(loaded[0], pred_probs)
    pd.testing.assert_frame_equal(loaded[1], curves)
    assert list(path.parent.iterdir()) == [path]
    path.write_bytes(path.read_bytes()[:-40])
    assert load_fold(path) is None


@pytest.mark.parametrize("shape", [(3, 2), (1, 5, 2), (70, 300_000)])
def test_an_array_in_a_file_is_zeros_until_it_is_written_to(tmp_path: Path, shape: tuple[int, ...]) -> None:
    array = create_array(tmp_path / "array.npy", shape)
    assert array.shape == shape
    assert not array.any()
    array[:1] = 7
    array.flush()
    assert (np.load(tmp_path / "array.npy")[:1] == 7).all()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (99, "99 s"), (100, "2 min"), (3600, "60 min"), (7500, "2 h 5 min")]
)
def test_times_are_written_as_people_say_them(seconds: float, text: str) -> None:
    assert write_time(seconds) == text


@pytest.mark.parametrize(("terminal", "expected"), [(False, "a\nb\n"), (True, "\r\x1b[2Ka\r\x1b[2Kb\n")])
def test_a_terminal_is_written_over_and_a_log_is_not(
    terminal: bool, expected: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    say("a")
    say("b", final=True)
    assert capsys.readouterr().out == expected


def test_epochs_are_counted_with_the_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LOG_EVERY_S", 0)
    line = progress.EpochLine("fold 2 of 5", n_epochs=12, epochs_after=12)
    monkeypatch.setattr(line, "start", time.perf_counter() - 8)
    line.show(3, 6, {"valid_loss": 0.25, "valid_accuracy": 0.9})
    assert capsys.readouterr().out == "fold 2 of 5, epoch 3 of 12: loss 0.2500, accuracy 0.9000, 2 min left\n"


@given(st.integers(1, 12), st.integers(1, 9), st.integers(1, 8), st.booleans())
def test_pieces_cover_every_epoch_once_and_leave_no_worker_idle(
    n_folds: int, n_epochs: int, n_workers: int, split: bool
) -> None:
    pieces = plan_pieces(range(n_folds), n_epochs, n_workers, split=split)
    length = max(piece.end for piece in pieces)
    assert all(piece.epochs_after == length - piece.end for piece in pieces)
    assert [piece.start for piece in pieces] == sorted(piece.start for piece in pieces)
    for index in range(n_folds):
        done = 0
        for piece in (piece for piece in pieces if piece.index == index):
            assert piece.start >= done
            assert piece.until - (piece.end - piece.start) in (0, *(p.until for p in pieces if p.index == index))
            done = piece.end
        assert sum(piece.end - piece.start for piece in pieces if piece.index == index) == n_epochs
    busy = [sum(piece.start <= epoch < piece.end for piece in pieces) for epoch in range(pieces[-1].end)]
    assert max(busy) <= n_workers
    whole_rounds = -(-n_folds // n_workers) * n_epochs
    at_best = max(n_epochs, -(-n_folds * n_epochs // n_workers))
    assert max(piece.end for piece in pieces) == (at_best if split else whole_rounds)


def test_five_folds_keep_two_workers_busy_for_two_and_a_half() -> None:
    pieces = plan_pieces(range(5), 4, 2, split=True)
    assert [(piece.index, piece.until, piece.start, piece.end) for piece in pieces] == [
        (0, 4, 0, 4), (2, 2, 0, 2), (3, 4, 2, 6), (1, 4, 4, 8), (4, 4, 6, 10), (2, 4, 8, 10),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "²"])
def test_a_number_of_workers_that_is_none_is_named(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEAN_LABELS_WORKERS", text)
    with pytest.raises(InputError, match=r"CLEAN_LABELS_WORKERS='.*': give a whole number of at least 1"):
        pool.count_workers(5)


def test_workers_are_one_for_a_core_and_one_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLEAN_LABELS_WORKERS", raising=False)
    assert 1 <= pool.count_workers(2) <= 2
    several = pool.Workers(5)
    assert pool.for_device(several, "cuda") == pool.Workers(1)
    assert pool.for_device(several, "cpu") == several
    monkeypatch.setenv("CLEAN_LABELS_WORKERS", "64")
    assert pool.count_workers(5) == 5
    assert pool.for_device(several, "cuda") == several


def make_run(
    content: str = "content",
    device: str = "cpu",
    code: str = "code",
    origin: str = "",
    is_network: bool = True,
    **section: Any,
) -> Run:
    model = Model(Settings(**section), is_network, Origin(origin), device)
    return Run(Prepared("digits", "picture", "folder", (), content, {}), model, 5, 1, True, code)


def test_a_kept_fold_is_known_by_all_that_decides_it() -> None:
    others = [make_run(content="other"), make_run(seed=1), make_run(device="cuda"), make_run(code="other")]
    others += [make_run(origin="other"), make_run(arguments={"hidden": 3}), make_run(arguments={"hidden": 4})]
    others += [make_run(lr=0.1)]
    assert len({make_run().key, *(run.key for run in others)}) == 9
    elsewhere = replace(
        make_run(),
        share_disk=False,
        prepared=Prepared("digits", "picture", "elsewhere", (), "content", {"prepared": "hash"}),
    )
    assert elsewhere.key == make_run().key
    # that of a network in the same list of models
    assert make_run(is_network=False, lr=0.1).key == make_run(is_network=False).key


def fill(folder: Path, *names: str, days: int = 0) -> None:
    for name in names:
        (folder / name).write_bytes(b"0123456789")
        used = time.time() - days * 24 * 3600 - 60
        os.utime(folder / name, (used, used))


def list_names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_no_run_has_used_for_a_week_is_pruned(tmp_path: Path) -> None:
    fill(tmp_path, "mine-0.npz", "old-0.pt", days=7)
    fill(tmp_path, "other-0.npz", "half.partial")
    prune(tmp_path, "mine")
    assert list_names(tmp_path) == {"mine-0.npz", "other-0.npz"}
    # now it has been used
    prune(tmp_path, "other")
    assert list_names(tmp_path) == {"mine-0.npz", "other-0.npz"}
    assert time.time() - (tmp_path / "mine-0.npz").stat().st_mtime < KEEP_S


def test_what_was_used_longest_ago_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "KEEP_BYTES", 25)
    for days, name in enumerate("abcd"):
        fill(tmp_path, f"{name}-0.npz", days=days)
    prune(tmp_path, "d")
    assert list_names(tmp_path) == {"a-0.npz", "b-0.npz", "d-0.npz"}


def test_nothing_is_pruned_while_another_run_uses_it(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with using(folder, "mine"):
        fill(folder, "mine-0.npz", "half.partial", days=8)
        with using(folder, "other"):
            assert list_names(folder) == {LOCK, "mine-0.npz", "half.partial"}
    with using(folder, "other"):
        assert list_names(folder) == {LOCK}


def test_two_runs_at_once_lose_nothing(tmp_path: Path) -> None:
    labels, content = make_digits(240)
    write_data(tmp_path, labels, content)
    write_params(tmp_path, model="cnn", max_epochs=2)
    # their predictions have one name, which the last to write has; DVC runs one at a time
    for process in (start_training(tmp_path), start_training(tmp_path)):
        process.communicate()
    assert "3 of 3 folds kept from an earlier run" in finish(start_training(tmp_path))
    together = (tmp_path / "data/toy/predictions/pred_probs.npy").read_bytes()
    forget(tmp_path)
    finish(start_training(tmp_path))
    assert (tmp_path / "data/toy/predictions/pred_probs.npy").read_bytes() == together
