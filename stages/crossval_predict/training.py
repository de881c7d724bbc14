"""Trains one fold: a skorch classifier fed with whole-tensor batches, the same bytes wherever it runs."""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import Callback, LRScheduler
from skorch.dataset import ValidSplit
from skorch.helper import predefined_split
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import Subset, TensorDataset

from stages.crossval_predict.networks import CNN, TutorialCNN
from stages.crossval_predict.settings import Settings

NETWORKS: dict[str, tuple[type[CNN | TutorialCNN], type[nn.Module]]] = {
    "cnn": (CNN, nn.CrossEntropyLoss),
    "tutorial_cnn": (TutorialCNN, nn.NLLLoss),
}
OPTIMIZERS = {"adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}
PREDICT_BATCH = 1024
WHITE = 255
CURVES = {"train_loss": "train_loss", "valid_loss": "valid_loss", "valid_accuracy": "valid_acc"}


class TensorBatches:
    """Batches cut from whole tensors at once: skorch's iterator without a loop over samples.

    Parameters
    ----------
    dataset : TensorDataset or Subset of one
        Pictures as uint8, scaled to [0, 1] batch by batch, and labels.
    batch_size : int
        Rows in a batch.
    shuffle : bool
        Whether each pass draws a new order from torch's generator.
    """

    def __init__(self, dataset: Any, batch_size: int, shuffle: bool = False) -> None:
        self.rows = torch.arange(len(dataset))
        if isinstance(dataset, Subset):
            self.rows, dataset = torch.as_tensor(dataset.indices), dataset.dataset
        self.images, self.labels = dataset.tensors
        self.batch_size, self.shuffle = batch_size, shuffle

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        rows = self.rows[torch.randperm(len(self.rows))] if self.shuffle else self.rows
        for batch in rows.split(self.batch_size):  # type: ignore[no-untyped-call]
            yield self.images[batch].float().div_(WHITE), self.labels[batch]

    def __len__(self) -> int:
        return -(-len(self.rows) // self.batch_size)


def fit_fold(
    images: np.ndarray,
    labels: np.ndarray,
    held_out: np.ndarray,
    fold: int,
    settings: Settings,
    device: str,
    progress: Callback | None = None,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Train on all rows but the held-out ones and predict those.

    Parameters
    ----------
    images : ndarray of shape (n, C, H, W), uint8
        May be memory-mapped.
    labels : ndarray of shape (n,), int64
        From 0 to K - 1, each class among the rows that are trained on.
    held_out : ndarray of shape (n,), bool
        The fold's rows.
    fold : int
        The fold's number; with ``settings.seed`` it fixes every random choice.
    settings : Settings
        The network and how it is trained.
    device : str
        Where torch computes.
    progress : skorch Callback, optional
        Told of each epoch.

    Returns
    -------
    pred_probs : ndarray of shape (n_held_out, K), float32
    curves : DataFrame with the columns fold, epoch, train_loss, valid_loss, valid_accuracy
        Losses are mean cross-entropies in nats.
    """
    # the sum of a batch depends on how many threads share it, so every fold has one wherever it runs
    torch.set_num_threads(1)
    if device != "cpu":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
    torch.manual_seed(int(np.random.SeedSequence([settings.seed, fold]).generate_state(1)[0]))
    train, test = (
        TensorDataset(torch.from_numpy(images[rows]).to(device), torch.from_numpy(labels[rows]).to(device))
        for rows in (~held_out, held_out)
    )
    n_classes = int(labels.max()) + 1
    classifier = make_classifier(settings, images.shape[1:], n_classes, len(train), test, device)
    if progress:
        classifier.callbacks.append(("progress", progress))
    classifier.fit(train, y=labels[~held_out])
    pred_probs = classifier.predict_proba(test).astype(np.float32)
    return pred_probs, read_curves(classifier, fold)


def make_classifier(
    settings: Settings, shape: tuple[int, ...], n_classes: int, n_rows: int, test: TensorDataset, device: str
) -> NeuralNetClassifier:
    """Build the skorch classifier that ``settings`` describe, not yet trained.

    ``test`` is what the curves are measured on where ``settings.validation`` is 0.
    """
    network, criterion = NETWORKS[settings.model]
    n_train = n_rows - round(settings.validation * n_rows)
    return NeuralNetClassifier(
        network,
        module__shape=shape,
        module__n_classes=n_classes,
        criterion=criterion,
        optimizer=OPTIMIZERS[settings.optimizer],
        optimizer__weight_decay=settings.weight_decay,
        lr=settings.lr,
        max_epochs=settings.max_epochs,
        batch_size=settings.batch_size,
        iterator_train=TensorBatches,
        iterator_train__shuffle=settings.shuffle,
        iterator_valid=TensorBatches,
        iterator_valid__batch_size=PREDICT_BATCH,
        train_split=_validation(settings, test),
        callbacks=_schedule(settings, n_train),
        classes=np.arange(n_classes),
        device=device,
        verbose=0,
    )


def read_curves(classifier: NeuralNetClassifier, fold: int) -> pd.DataFrame:
    """Return a trained classifier's losses and accuracy, a row for each epoch; times are left out."""
    curves = {name: classifier.history[:, key] for name, key in CURVES.items()}
    epochs = classifier.history[:, "epoch"]
    return pd.DataFrame({"fold": fold, "epoch": epochs, **curves})


def _validation(settings: Settings, test: TensorDataset) -> Any:
    if settings.validation == 0:
        return predefined_split(test)
    return ValidSplit(settings.validation, stratified=True, random_state=settings.seed)


def _schedule(settings: Settings, n_train: int) -> list[tuple[str, LRScheduler]]:
    if settings.schedule == "constant":
        return []
    steps = -(-n_train // settings.batch_size) * settings.max_epochs
    # the scheduler's own bound on its steps leaves none for the call that skorch makes after the last batch
    one_cycle = LRScheduler(OneCycleLR, max_lr=settings.lr, total_steps=steps + 1, step_every="batch")
    return [("one_cycle", one_cycle)]
