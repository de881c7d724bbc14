"""Trains one fold: a skorch classifier fed with whole-tensor batches, the same bytes wherever it runs."""

import os
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import LRScheduler
from skorch.dataset import ValidSplit
from skorch.helper import predefined_split
from skorch.history import History
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import Dataset, Subset, TensorDataset

from stages.crossval_predict.batches import MovedSubset, TensorBatches
from stages.crossval_predict.networks import CNN, TutorialCNN
from stages.crossval_predict.settings import Settings

NETWORKS: dict[str, tuple[type[CNN | TutorialCNN], type[nn.Module]]] = {
    "cnn": (CNN, nn.CrossEntropyLoss),
    "tutorial_cnn": (TutorialCNN, nn.NLLLoss),
}
OPTIMIZERS: dict[str, Any] = {"adamw": partial(torch.optim.AdamW, fused=True), "sgd": torch.optim.SGD}
PREDICT_BATCH = 1024
# Held-out rows that the curves are measured on after each epoch: enough for a curve, a small part of the time.
CURVE_ROWS = 2000
# The part of a one-cycle schedule in which the learning rate rises.
RISE = 0.2
CURVES = {"train_loss": "train_loss", "valid_loss": "valid_loss", "valid_accuracy": "valid_acc"}
KEPT_OF_HISTORY = ("epoch", "train_batch_count", *CURVES.values())


class FoldTraining:
    """The training of one fold, which can stop after any epoch and go on in another process with the same result.

    Parameters
    ----------
    data : TensorDataset
        All n pictures, (n, C, H, W) uint8, and labels, (n,) int64 from 0 to K - 1, on the device.
    held_out : ndarray of shape (n,), bool
        The fold's rows. All others are trained on, each class among them.
    seeds : tuple of int
        The numbers of the repeat and the fold: with ``settings.seed`` they fix every random choice.
    settings : Settings
        The network and how it is trained.
    device : str
        Where torch computes.
    state : dict, optional
        What `state` returned after an earlier epoch of the same fold.
    """

    def __init__(
        self,
        data: TensorDataset,
        held_out: np.ndarray,
        seeds: tuple[int, int],
        settings: Settings,
        device: str,
        state: dict[str, Any] | None = None,
    ) -> None:
        make_reproducible(device)
        self.settings, self.seeds = settings, seeds
        self.train, self.test = take_rows(data, ~held_out), take_rows(data, held_out)
        self.n_epochs, self.summed = 0, np.zeros((), np.float32)
        epochs_done = state["epochs"] if state else 0
        self.classifier = make_classifier(settings, data, self.train, self.test, epochs_done, device)
        self._seed()
        self.classifier.initialize()
        if state:
            self._restore(state)
        self.classifier.notify("on_train_begin", X=self.train, y=None)

    def train_epoch(self) -> dict[str, float]:
        """Train for one more epoch and return its losses and accuracy."""
        self.n_epochs += 1
        self._seed()
        self.classifier.fit_loop(self.train, y=_labels(self.train), epochs=1)
        if self.n_epochs > self.settings.max_epochs - self.settings.average_epochs:
            self.summed = self.summed + predict(self.classifier, self.test, self.settings.predict_shift)
        return {name: float(self.classifier.history[-1][key]) for name, key in CURVES.items()}

    def state(self) -> dict[str, Any]:
        """Return all that the next epoch depends on, as tensors and plain values."""
        history = [{key: float(row[key]) for key in KEPT_OF_HISTORY} for row in self.classifier.history]
        return {
            "epochs": self.n_epochs,
            "module": self.classifier.module_.state_dict(),
            "optimizer": self.classifier.optimizer_.state_dict(),
            "history": history,
            "summed": torch.as_tensor(self.summed),
        }

    def result(self) -> tuple[np.ndarray, pd.DataFrame]:
        """Return what the fold is trained for, after its last epoch.

        Returns
        -------
        pred_probs : ndarray of shape (n_held_out, K), float32
            The mean over the last ``settings.average_epochs`` epochs.
        curves : DataFrame with the columns repeat, fold, epoch, train_loss, valid_loss, valid_accuracy
            Losses are mean cross-entropies in nats.
        """
        history = self.classifier.history
        curves = {name: history[:, key] for name, key in CURVES.items()}
        repeat, fold = self.seeds
        epochs = range(1, len(history) + 1)
        pred_probs = np.asarray(self.summed / self.settings.average_epochs, dtype=np.float32)
        return pred_probs, pd.DataFrame({"repeat": repeat, "fold": fold, "epoch": epochs, **curves})

    def _restore(self, state: dict[str, Any]) -> None:
        self.classifier.module_.load_state_dict(state["module"])
        self.classifier.optimizer_.load_state_dict(state["optimizer"])
        self.classifier.history = History(state["history"])
        self.n_epochs, self.summed = state["epochs"], state["summed"].numpy()

    def _seed(self) -> None:
        """Start each epoch from a seed of its own, so that it needs none of the earlier ones' random state."""
        entropy = [self.settings.seed, *self.seeds, self.n_epochs]
        torch.manual_seed(int(np.random.SeedSequence(entropy).generate_state(1)[0]))


def take_rows(data: Dataset[Any], rows: np.ndarray) -> Subset[Any]:
    """Return the part of a data set that a boolean array, or one of row numbers, picks."""
    return Subset(data, np.flatnonzero(rows) if rows.dtype == bool else rows)  # type: ignore[arg-type]


def make_reproducible(device: str) -> None:
    """Have torch compute the same bytes whenever and wherever a fold is trained on this kind of device."""
    # the sum of a batch depends on how many threads share it, so every fold has one wherever it runs
    torch.set_num_threads(1)
    if device != "cpu":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)


def make_classifier(
    settings: Settings, data: TensorDataset, train: Subset[Any], test: Subset[Any], epochs_done: int, device: str
) -> NeuralNetClassifier:
    """Build the skorch classifier that ``settings`` describe, not yet initialised.

    ``test`` is what the curves are measured on where ``settings.validation`` is 0. ``epochs_done`` says where on the
    schedule it goes on.
    """
    network, criterion = NETWORKS[settings.model]
    images, labels = data.tensors
    n_classes = int(labels.max()) + 1
    return NeuralNetClassifier(
        network,
        module__shape=tuple(images.shape[1:]),
        module__n_classes=n_classes,
        criterion=criterion,
        optimizer=OPTIMIZERS[settings.optimizer],
        optimizer__weight_decay=settings.weight_decay,
        lr=settings.lr,
        batch_size=settings.batch_size,
        iterator_train=TensorBatches,
        iterator_train__shuffle=settings.shuffle,
        iterator_train__max_shift=settings.train_shift,
        iterator_valid=TensorBatches,
        iterator_valid__batch_size=PREDICT_BATCH,
        train_split=_validation(settings, test),
        callbacks=_schedule(settings, len(train), epochs_done),
        classes=np.arange(n_classes),
        device=device,
        verbose=0,
    )


def predict(classifier: NeuralNetClassifier, test: Subset[Any], shift: int) -> np.ndarray:
    """Return each row's probabilities: the mean over the picture and two copies, moved ``shift`` pixels either way."""
    offsets = [(0, 0), (shift, shift), (-shift, -shift)] if shift else [(0, 0)]
    summed: np.ndarray = sum(classifier.predict_proba(MovedSubset(test, *offset)) for offset in offsets)
    return summed / len(offsets)


def _labels(subset: Subset[Any]) -> np.ndarray:
    labels: np.ndarray = subset.dataset.tensors[1].cpu().numpy()[subset.indices]  # type: ignore[attr-defined]
    return labels


def _validation(settings: Settings, test: Subset[Any]) -> Any:
    if settings.validation == 0:
        # evenly spaced, so that rows sorted by class give every class its share
        return predefined_split(take_rows(test, np.linspace(0, len(test) - 1, min(CURVE_ROWS, len(test))).astype(int)))
    return ValidSplit(settings.validation, stratified=True, random_state=settings.seed)


def _schedule(settings: Settings, n_rows: int, epochs_done: int) -> list[tuple[str, LRScheduler]]:
    if settings.schedule == "constant":
        return []
    steps = -(-(n_rows - round(settings.validation * n_rows)) // settings.batch_size)
    # the scheduler's own bound on its steps leaves none for the call that skorch makes after the last batch
    total = steps * settings.max_epochs + 1
    one_cycle = LRScheduler(
        OneCycleLR, max_lr=settings.lr, total_steps=total, pct_start=RISE, anneal_strategy="linear",
        last_epoch=epochs_done * steps - 1, step_every="batch",
    )  # fmt: skip
    return [("one_cycle", one_cycle)]
