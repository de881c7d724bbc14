"""Trains one fold: a skorch classifier fed with whole-tensor batches, the same bytes wherever it runs."""

import os
from typing import Any

import numpy as np
import pandas as pd
import torch
from skorch import NeuralNetClassifier
from skorch.history import History
from torch.utils.data import Subset, TensorDataset

from stages.crossval_predict.models.batches import MovedSubset, take_rows
from stages.crossval_predict.models.classifier import make_classifier
from stages.crossval_predict.models.fine_tuned import PictureData
from stages.crossval_predict.models.fold import MEASURED, Fold
from stages.crossval_predict.settings import Settings

# as skorch's history has them
CURVES = dict(zip(MEASURED, ("train_loss", "valid_loss", "valid_acc"), strict=True))
KEPT_OF_HISTORY = ("epoch", "train_batch_count", *CURVES.values())


class FoldTraining:
    """The training of one fold, which can stop after any epoch and go on in another process with the same result.

    Parameters
    ----------
    data : TensorDataset or PictureData
        All n pictures, (n, C, H, W) uint8, and labels, (n,) int64 from 0 to K - 1, on the device. A row whose label
        is -1 is predicted but never trained on.
    fold : Fold
        The rows to train on and to predict; its numbers and ``settings.seed`` fix every random choice.
    settings : Settings
        The network and how it is trained.
    device : str
        Where torch computes.
    state : dict, optional
        What `state` returned after an earlier epoch of the same fold.
    """

    def __init__(
        self,
        data: TensorDataset | PictureData,
        fold: Fold,
        settings: Settings,
        device: str,
        state: dict[str, Any] | None = None,
    ) -> None:
        make_reproducible(device)
        self.settings, self.seeds = settings, (fold.repeat, fold.fold)
        self.train, self.test = take_rows(data, fold.train), take_rows(data, fold.test)
        labelled = fold.test[data.tensors[1].cpu().numpy()[fold.test] >= 0]
        self.n_epochs, self.summed = 0, np.zeros((), np.float32)
        epochs_done = state["epochs"] if state else 0
        self.classifier = make_classifier(
            settings, self.train, take_rows(data, labelled), fold.n_classes, epochs_done, device
        )
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


def make_reproducible(device: str) -> None:
    """Have torch compute the same bytes whenever and wherever a fold is trained on this kind of device."""
    # the sum of a batch depends on how many threads share it, so every fold has one wherever it runs
    torch.set_num_threads(1)
    if device != "cpu":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)


def predict(classifier: NeuralNetClassifier, test: Subset[Any], shift: int) -> np.ndarray:
    """Return each row's probabilities: the mean over the picture and two copies, moved ``shift`` pixels either way."""
    offsets = [(0, 0), (shift, shift), (-shift, -shift)] if shift else [(0, 0)]
    summed: np.ndarray = sum(classifier.predict_proba(MovedSubset(test, *offset)) for offset in offsets)
    return summed / len(offsets)


def _labels(subset: Subset[Any]) -> np.ndarray:
    labels: np.ndarray = subset.dataset.tensors[1].cpu().numpy()[subset.indices]  # type: ignore[attr-defined]
    return labels
