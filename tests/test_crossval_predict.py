"""Every row is predicted once, by a network that has not seen it, with the same bytes wherever it runs."""

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import Subset, TensorDataset

import stages.crossval_predict.__main__ as stage
from stages.artifacts import load_array
from stages.command import InputError
from stages.crossval_predict import parallel, progress
from stages.crossval_predict.finished import describe_run, load_fold, save_fold
from stages.crossval_predict.folds import assign_folds, check_validation
from stages.crossval_predict.networks import CNN, TutorialCNN
from stages.crossval_predict.settings import Settings
from stages.crossval_predict.training import NETWORKS, TensorBatches, fit_fold, make_classifier
from tests.conftest import Clone


@given(st.lists(st.integers(0, 3), min_size=60, max_size=90), st.integers(2, 4), st.integers(0, 9))
def test_folds_hold_a_share_of_every_class(drawn: list[int], n_folds: int, seed: int) -> None:
    labels = np.array([*drawn, *range(4), *range(4), *range(4), *range(4)])
    folds = assign_folds(labels, list("abcd"), n_folds, seed)
    for label in range(4):
        per_fold = np.bincount(folds[labels == label], minlength=n_folds)
        assert per_fold.max() - per_fold.min() <= 1
        assert len(per_fold) == n_folds


def test_rare_classes_are_all_named() -> None:
    labels = np.array([0] * 9 + [1] * 4 + [2] * 2)
    message = r"folds: 5 is more than the rows of 2 class\(es\): 'b' \(4\), 'c' \(2\); lower it, to no less than 2"
    with pytest.raises(InputError, match=message):
        assign_folds(labels, ["a", "b", "c"], 5, seed=0)


@pytest.mark.parametrize(("validation", "n_rows"), [(0.01, 200), (0.5, 4)])
def test_a_validation_share_without_a_row_for_each_class_is_named(validation: float, n_rows: int) -> None:
    labels = np.arange(n_rows) % 2
    folds = np.arange(n_rows) // 2 % 2
    with pytest.raises(InputError, match=rf"validation: {validation} keeps back too few of the"):
        check_validation(labels, folds, validation)
    check_validation(labels, folds, 0.0)


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 50), st.booleans(), st.booleans())
def test_batches_hold_every_row_once(n_rows: int, batch_size: int, shuffle: bool, part: bool) -> None:
    whole = TensorDataset(torch.arange(n_rows, dtype=torch.uint8).reshape(-1, 1, 1, 1), torch.arange(n_rows))
    rows = list(range(0, n_rows, 2)) if part else list(range(n_rows))
    batches = TensorBatches(Subset(whole, rows) if part else whole, batch_size, shuffle)
    drawn = list(batches)
    assert len(drawn) == len(batches)
    assert Counter(row for _, labels in drawn for row in labels.tolist()) == Counter(rows)
    for images, labels in drawn:
        torch.testing.assert_close(images.ravel() * 255, labels.float())


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_take_every_size_from_their_smallest(name: str) -> None:
    network = NETWORKS[name][0]
    sizes = [network.smallest_side, 15, 16, 17, 28, 33, 64]
    for channels, height, width in product((1, 3, 5), sizes, sizes):
        shape = (channels, height, width)
        assert network(shape, 7)(torch.rand(2, *shape)).shape == (2, 7)


def test_images_too_small_are_refused() -> None:
    with pytest.raises(InputError, match="'tutorial_cnn' takes images of 10×10 and up, these are 8×9"):
        stage.check_images(np.zeros((1, 1, 8, 9)), "tutorial_cnn")


def test_the_tutorial_network_is_the_tutorials() -> None:
    kinds = [layer for layer in TutorialCNN((1, 28, 28), 10).modules() if not list(layer.children())]
    assert [type(layer).__name__ for layer in kinds] == [
        "Conv2d", "ReLU", "BatchNorm2d", "MaxPool2d", "Conv2d", "ReLU", "BatchNorm2d", "MaxPool2d",
        "Flatten", "Linear", "ReLU", "Linear", "Softmax",
    ]  # fmt: skip
    assert [str(kinds[i].weight.shape) for i in (0, 4, 9, 11)] == [
        "torch.Size([6, 1, 3, 3])", "torch.Size([16, 6, 3, 3])", "torch.Size([128, 400])", "torch.Size([10, 128])",
    ]  # fmt: skip


def test_the_large_map_of_a_large_picture_is_averaged() -> None:
    sizes = [sum(p.numel() for p in CNN((3, side, side), 10).parameters()) for side in (28, 56, 224)]
    assert sizes[0] == sizes[1] == sizes[2]


@pytest.mark.parametrize("schedule", ["one_cycle", "constant"])
@pytest.mark.parametrize("validation", [0.0, 0.2])
def test_a_fold_learns_and_says_how(schedule: str, validation: float) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 3
    images = rng.integers(0, 60, (120, 1, 8, 8), dtype=np.uint8)
    images[np.arange(120), 0, labels * 2, :] += 150
    held_out = np.arange(120) % 4 == 0
    chosen = Settings(max_epochs=6, batch_size=16, lr=0.005, schedule=schedule, validation=validation)  # type: ignore[arg-type]
    pred_probs, curves = fit_fold(images, labels, held_out, 2, chosen, "cpu")
    assert pred_probs.shape == (30, 3)
    assert pred_probs.dtype == np.float32
    np.testing.assert_allclose(pred_probs.sum(axis=1), 1, atol=1e-5)
    assert (pred_probs.argmax(axis=1) == labels[held_out]).all()
    assert list(curves.columns) == ["fold", "epoch", "train_loss", "valid_loss", "valid_accuracy"]
    assert list(curves["epoch"]) == [1, 2, 3, 4, 5, 6]
    assert curves["train_loss"].iloc[-1] < curves["train_loss"].iloc[0]


def test_a_validation_split_is_kept_out_of_training() -> None:
    data = TensorDataset(torch.zeros(100, 1, 8, 8, dtype=torch.uint8), torch.arange(100) % 2)
    classifier = make_classifier(Settings(validation=0.25), (1, 8, 8), 2, 100, data, "cpu")
    train, valid = classifier.get_split_datasets(data, np.arange(100) % 2)
    assert (len(train), len(valid)) == (75, 25)
    assert not set(train.indices) & set(valid.indices)


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "²"])
def test_a_number_of_workers_that_is_none_is_named(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEAN_LABELS_WORKERS", text)
    with pytest.raises(InputError, match=r"CLEAN_LABELS_WORKERS='.*': give a whole number of at least 1"):
        parallel.choose_workers(5, "cpu")


def test_workers_are_one_for_a_core_and_one_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLEAN_LABELS_WORKERS", raising=False)
    assert parallel.choose_workers(2, "cuda") == 1
    assert 1 <= parallel.choose_workers(2, "cpu") <= 2
    monkeypatch.setenv("CLEAN_LABELS_WORKERS", "64")
    assert parallel.choose_workers(5, "cpu") == 5


def test_a_device_that_torch_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEAN_LABELS_DEVICE", "abacus")
    with pytest.raises(InputError, match="CLEAN_LABELS_DEVICE='abacus': torch cannot use it"):
        parallel.choose_device()


def test_divergence_is_named() -> None:
    pred_probs = np.array([[0.5, 0.5], [np.nan, np.nan], [1, 0]])
    with pytest.raises(InputError, match=r"crossval_predict.lr: training diverged in fold\(s\) 2, .* lower it"):
        stage.check_finite(pred_probs, np.array([0, 1, 2]))


def test_the_shipped_network_is_accurate_on_the_digits(shared_clone: Clone) -> None:
    folder = shared_clone.path("data/digits")
    pred_probs, labels = load_array(folder / "predictions/pred_probs.npy"), load_array(folder / "prepared/labels.npy")
    folds = load_array(folder / "predictions/folds.npy")
    assert parallel.accuracy(pred_probs, labels) > 0.98
    assert pred_probs.shape == (1797, 10)
    assert set(folds) == {0, 1, 2, 3, 4}
    curves = pd.read_csv(folder / "predictions/curves.csv")
    assert len(curves) == 5 * curves["epoch"].max()


def test_one_worker_or_two_give_the_same_bytes(clone: Clone) -> None:
    path = clone.path("data/digits/predictions/pred_probs.npy")
    clone.set_param("crossval_predict", "max_epochs", 1)
    results = []
    for workers in ("1", "2"):
        clone.stage("crossval_predict", CLEAN_LABELS_WORKERS=workers)
        results.append(path.read_bytes())
    assert results[0] == results[1]
    clone.set_param("crossval_predict", "seed", 1)
    clone.stage("crossval_predict")
    assert path.read_bytes() != results[0]


def kill_after(clone: Clone, line: bytes) -> None:
    """Start the stage and kill it as soon as it prints a line with these bytes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "stages.crossval_predict", "digits"], cwd=clone.folder, stdout=subprocess.PIPE,
        env={**os.environ, "CLEAN_LABELS_WORKERS": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    assert any(line in printed for printed in process.stdout)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_folds_finished_before_a_kill_are_not_trained_again(clone: Clone) -> None:
    path = clone.path("data/digits/predictions/pred_probs.npy")
    curves = clone.path("data/digits/predictions/curves.csv")
    before = path.read_bytes()
    clone.set_param("crossval_predict", "max_epochs", 2)
    for fold in (1, 2, 4):
        kill_after(clone, f"fold {fold} of 5: accuracy".encode())
        assert path.read_bytes() == before
    printed = clone.stage("crossval_predict")
    assert printed.count("kept from an earlier run") >= 4
    assert not clone.path("data/digits/finished_folds").exists()
    resumed = path.read_bytes(), curves.read_bytes()
    assert "kept" not in clone.stage("crossval_predict")
    assert (path.read_bytes(), curves.read_bytes()) == resumed
    assert resumed[0] != before


def test_a_kept_fold_is_known_by_all_that_determines_it() -> None:
    images, labels, folds = np.zeros((4, 1, 8, 8), np.uint8), np.arange(4) % 2, np.arange(4) // 2
    known = describe_run(images, labels, folds, Settings(), "cpu")
    others = [
        describe_run(images + np.uint8(1), labels, folds, Settings(), "cpu"),
        describe_run(images.reshape(4, 1, 4, 16), labels, folds, Settings(), "cpu"),
        describe_run(images, 1 - labels, folds, Settings(), "cpu"),
        describe_run(images, labels, 1 - folds, Settings(), "cpu"),
        describe_run(images, labels, folds, Settings(seed=1), "cpu"),
        describe_run(images, labels, folds, Settings(), "cuda"),
    ]
    assert len({known, *others}) == 7
    assert describe_run(images.copy(), labels.copy(), folds.copy(), Settings(), "cpu") == known


def test_a_kept_fold_comes_back_whole_or_not_at_all(tmp_path: Path) -> None:
    pred_probs = np.random.default_rng(0).random((5, 3), dtype=np.float32)
    curves = pd.DataFrame({"fold": 1, "epoch": [1, 2], "train_loss": [0.123456789, 0.1]})
    assert load_fold(tmp_path / "kept", "key", 1) is None
    save_fold(tmp_path / "kept", "key", 1, pred_probs, curves)
    loaded = load_fold(tmp_path / "kept", "key", 1)
    assert loaded is not None
    np.testing.assert_array_equal(loaded[0], pred_probs)
    pd.testing.assert_frame_equal(loaded[1], curves)
    assert load_fold(tmp_path / "kept", "key", 2) is None
    (path,) = (tmp_path / "kept").iterdir()
    path.write_bytes(path.read_bytes()[:-40])
    assert load_fold(tmp_path / "kept", "key", 1) is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (99, "99 s"), (100, "2 min"), (3600, "60 min"), (7500, "2 h 5 min")]
)
def test_times_are_written_as_people_say_them(seconds: float, text: str) -> None:
    assert progress.write_time(seconds) == text


@pytest.mark.parametrize(("terminal", "expected"), [(False, "a\nb\n"), (True, "\r\x1b[2Ka\r\x1b[2Kb\n")])
def test_a_terminal_is_written_over_and_a_log_is_not(
    terminal: bool, expected: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    progress.say("a")
    progress.say("b", final=True)
    assert capsys.readouterr().out == expected


def test_epochs_are_counted_with_the_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LOG_EVERY_S", 0)
    images, labels = np.zeros((40, 1, 8, 8), np.uint8), np.arange(40) % 2
    fit_fold(images, labels, np.arange(40) < 8, 1, Settings(max_epochs=2), "cpu", progress.EpochLine(1, 5, 1))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert re.fullmatch(r"fold 2 of 5, epoch 1 of 2: loss [\d.]+, accuracy 0\.\d{4}, \d+ s left", lines[0])
