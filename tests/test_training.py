"""A fold is trained on whole-tensor batches, and may stop after any epoch and go on elsewhere."""

import subprocess
import sys
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import Subset, TensorDataset

from stages.command.errors import InputError
from stages.crossval_predict.folds.kept import load_state, save_state
from stages.crossval_predict.folds.look import check_images
from stages.crossval_predict.models.batches import MovedSubset, TensorBatches, shift_images, take_rows
from stages.crossval_predict.models.classifier import find_network, make_classifier, without_compiler
from stages.crossval_predict.models.fold import Fold
from stages.crossval_predict.models.networks import cnn, tutorial_cnn
from stages.crossval_predict.models.registry import NETWORKS
from stages.crossval_predict.models.training import FoldTraining
from stages.crossval_predict.settings import Settings
from stages.workers.pool import choose_device

HELD_OUT = np.arange(120) % 4 == 0


def make_data(n_rows: int = 120) -> TensorDataset:
    """Make pictures that show their label as a bright row among noise."""
    labels = np.arange(n_rows) % 3
    images = np.random.default_rng(0).integers(0, 60, (n_rows, 1, 8, 8), dtype=np.uint8)
    images[np.arange(n_rows), 0, labels * 2, :] += 150
    return TensorDataset(torch.from_numpy(images), torch.from_numpy(labels))


def begin(chosen: Settings, state: dict[str, Any] | None = None) -> FoldTraining:
    fold = Fold(0, 2, np.flatnonzero(~HELD_OUT), np.flatnonzero(HELD_OUT), 3)
    return FoldTraining(make_data(), fold, chosen, "cpu", state)


def finish(training: FoldTraining) -> tuple[np.ndarray, pd.DataFrame]:
    while training.n_epochs < training.settings.max_epochs:
        training.train_epoch()
    return training.result()


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


@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(4, 6), st.integers(4, 7))
def test_pictures_are_moved_by_whole_pixels(down: int, right: int, height: int, width: int) -> None:
    images = torch.rand(2, 3, height, width)
    moved = shift_images(images, down, right)
    rows, columns = np.indices((height, width))
    expected = images[:, :, np.clip(rows - down, 0, height - 1), np.clip(columns - right, 0, width - 1)]
    torch.testing.assert_close(moved, expected, rtol=0, atol=0)


def test_training_batches_are_moved_within_the_limit() -> None:
    images = torch.zeros(400, 1, 9, 9, dtype=torch.uint8)
    images[:, 0, 4, 4] = 255
    data = TensorDataset(images, torch.zeros(400, dtype=torch.int64))
    torch.manual_seed(0)
    places = {tuple(batch[0, 0].nonzero()[0].tolist()) for batch, _ in TensorBatches(data, 2, max_shift=1)}
    assert places == set(product((3, 4, 5), (3, 4, 5)))
    (batch, _), *_ = TensorBatches(MovedSubset(take_rows(data, np.arange(400)), -2, 1), 5)
    assert batch[:, 0, 2, 5].tolist() == [1] * 5


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_take_every_size_from_their_smallest(name: str) -> None:
    network: Any = find_network(name)[0]
    sizes = [network.smallest_side, 15, 16, 17, 28, 33, 64]
    for channels, height, width in product((1, 3, 5), sizes, sizes):
        shape = (channels, height, width)
        assert network(shape, 7)(torch.rand(2, *shape)).shape == (2, 7)


def test_images_too_small_are_refused() -> None:
    with pytest.raises(InputError, match="'tutorial_cnn' takes images of 10×10 and up, these are 8×9"):
        check_images((1, 8, 9), Settings(model="tutorial_cnn"))
    with pytest.raises(InputError, match="predict_shift: 8 pixels would move a picture of 8×9 away; lower it"):
        check_images((1, 8, 9), Settings(model="cnn", predict_shift=8))


def test_the_tutorial_network_is_the_tutorials() -> None:
    kinds = [layer for layer in tutorial_cnn.Network((1, 28, 28), 10).modules() if not list(layer.children())]
    assert [type(layer).__name__ for layer in kinds] == [
        "Conv2d", "ReLU", "BatchNorm2d", "MaxPool2d", "Conv2d", "ReLU", "BatchNorm2d", "MaxPool2d",
        "Flatten", "Linear", "ReLU", "Linear", "Softmax",
    ]  # fmt: skip
    assert [str(kinds[i].weight.shape) for i in (0, 4, 9, 11)] == [
        "torch.Size([6, 1, 3, 3])", "torch.Size([16, 6, 3, 3])", "torch.Size([128, 400])", "torch.Size([10, 128])",
    ]  # fmt: skip


def test_the_large_map_of_a_large_picture_is_averaged() -> None:
    sizes = [sum(p.numel() for p in cnn.Network((3, side, side), 10).parameters()) for side in (224, 448, 896)]
    assert sizes[0] == sizes[1] == sizes[2]


@pytest.mark.parametrize("schedule", ["one_cycle", "constant"])
@pytest.mark.parametrize("validation", [0.0, 0.2])
def test_a_fold_learns_and_says_how(schedule: str, validation: float) -> None:
    chosen = Settings(model="cnn", max_epochs=6, batch_size=16, lr=0.005, schedule=schedule, validation=validation)  # type: ignore[arg-type]
    pred_probs, curves = finish(begin(chosen))
    assert pred_probs.shape == (30, 3)
    assert pred_probs.dtype == np.float32
    np.testing.assert_allclose(pred_probs.sum(axis=1), 1, atol=1e-5)
    assert (pred_probs.argmax(axis=1) == make_data().tensors[1][HELD_OUT].numpy()).all()
    assert list(curves.columns) == ["repeat", "fold", "epoch", "train_loss", "valid_loss", "valid_accuracy"]
    assert list(curves["epoch"]) == [1, 2, 3, 4, 5, 6]
    assert curves["train_loss"].iloc[-1] < curves["train_loss"].iloc[0]


@pytest.mark.parametrize(
    "chosen",
    [
        Settings(model="cnn", max_epochs=4, batch_size=16, average_epochs=3, train_shift=1, predict_shift=1),
        Settings(
            model="cnn",
            max_epochs=4,
            batch_size=16,
            optimizer="sgd",
            schedule="constant",
            shuffle=False,
            validation=0.2,
        ),
    ],
)
@pytest.mark.parametrize("stop", [1, 2, 3])
def test_a_fold_that_stops_and_goes_on_gives_the_same_bytes(chosen: Settings, stop: int, tmp_path: Path) -> None:
    pred_probs, curves = finish(begin(chosen))
    first = begin(chosen)
    for _ in range(stop):
        first.train_epoch()
    save_state(tmp_path / "state", first.state())
    torch.manual_seed(99)
    resumed, resumed_curves = finish(begin(chosen, load_state(tmp_path / "state")))
    assert resumed.tobytes() == pred_probs.tobytes()
    pd.testing.assert_frame_equal(resumed_curves, curves, check_exact=True)


def test_a_damaged_state_is_as_good_as_none(tmp_path: Path) -> None:
    assert load_state(tmp_path / "state") is None
    save_state(tmp_path / "state", begin(Settings(model="cnn")).state())
    content = (tmp_path / "state").read_bytes()
    for damaged in (b"", content[:100], content[:-100], b"no state"):
        (tmp_path / "state").write_bytes(damaged)
        assert load_state(tmp_path / "state") is None


def test_the_last_epochs_are_averaged() -> None:
    training = begin(Settings(model="cnn", max_epochs=3, average_epochs=2, batch_size=16))
    predicted = []
    for _ in range(3):
        training.train_epoch()
        predicted.append(training.classifier.predict_proba(training.test))
    np.testing.assert_allclose(training.result()[0], np.mean(predicted[1:], axis=0), atol=1e-6)


def test_a_moved_picture_has_its_say() -> None:
    plain, moved = (finish(begin(Settings(model="cnn", max_epochs=2, predict_shift=shift)))[0] for shift in (0, 1))
    assert plain.shape == moved.shape
    np.testing.assert_allclose(moved.sum(axis=1), 1, atol=1e-5)
    assert not np.allclose(plain, moved)


@pytest.mark.parametrize(("max_epochs", "batch_size"), [(1, 90), (2, 90), (2, 45), (4, 90), (5, 90)])
def test_a_few_steps_are_enough_for_a_schedule(max_epochs: int, batch_size: int) -> None:
    pred_probs, _ = finish(begin(Settings(model="cnn", max_epochs=max_epochs, batch_size=batch_size)))
    assert np.isfinite(pred_probs).all()


def test_a_validation_split_is_kept_out_of_training() -> None:
    data = make_data()
    train, test = take_rows(data, ~HELD_OUT), take_rows(data, HELD_OUT)
    classifier = make_classifier(Settings(model="cnn", validation=0.2), train, test, 3, 0, "cpu")
    kept, valid = classifier.get_split_datasets(train, data.tensors[1][~HELD_OUT].numpy())
    assert (len(kept), len(valid)) == (72, 18)
    rows = [{int(np.asarray(train.indices)[row]) for row in part.indices} for part in (kept, valid)]
    assert not rows[0] & rows[1]
    assert rows[0] | rows[1] == set(np.flatnonzero(~HELD_OUT))


@pytest.mark.parametrize("optimizer", [torch.optim.AdamW, torch.optim.SGD])
def test_an_optimizer_without_the_compiler_gives_the_same_bytes(optimizer: type[torch.optim.Optimizer]) -> None:
    torch.manual_seed(0)
    networks = [torch.nn.Linear(5, 3), torch.nn.Linear(5, 3)]
    networks[1].load_state_dict(networks[0].state_dict())
    images = torch.rand(8, 5)
    for network, kind in zip(networks, (optimizer, without_compiler(optimizer)), strict=True):
        steps = kind(network.parameters(), lr=0.1, weight_decay=0.01)
        for _ in range(3):
            steps.zero_grad()
            network(images).square().sum().backward()
            steps.step()
    assert torch.equal(networks[0].weight, networks[1].weight)


def test_training_does_not_import_the_compiler() -> None:
    script = (
        "import sys; from tests.test_training import *; begin(Settings(model='cnn', max_epochs=1)).train_epoch(); "
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_device_that_torch_lacks_is_named() -> None:
    with pytest.raises(InputError, match="CLEAN_LABELS_DEVICE='abacus': torch cannot use it"):
        choose_device("abacus")
