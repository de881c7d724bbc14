"""Builds the skorch classifier of a fold: its network, its batches and its schedule."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import LRScheduler
from skorch.dataset import ValidSplit
from skorch.helper import predefined_split
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import Subset

from stages.crossval_predict.models import fine_tuned
from stages.crossval_predict.models.batches import EvenBatches, TensorBatches, take_rows
from stages.crossval_predict.models.own import find_class
from stages.crossval_predict.models.registry import NETWORKS, is_fine_tuned, load_model
from stages.crossval_predict.settings import Settings

# torch wraps these to hide them from its compiler. The first call of one imports the compiler, which takes a second.
HIDDEN_METHODS = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")
PREDICT_BATCH = 1024
# Held-out rows that the curves are measured on after each epoch: enough for a curve, a small part of the time.
CURVE_ROWS = 2000
# The part of a one-cycle schedule in which the learning rate rises.
RISE = 0.2


def without_compiler(optimizer: type[Optimizer]) -> Any:
    """Return the optimizer with its methods as they are before torch wraps them: same result, no import."""
    plain = {name: inspect.unwrap(getattr(optimizer, name)) for name in HIDDEN_METHODS}
    step = torch.no_grad()(inspect.unwrap(optimizer.step))
    return type(optimizer.__name__, (optimizer,), {**plain, "step": step})


OPTIMIZERS: dict[str, Any] = {
    "adamw": partial(without_compiler(torch.optim.AdamW), fused=True),
    "sgd": without_compiler(torch.optim.SGD),
}


def find_network(name: str) -> tuple[Callable[..., nn.Module], type[nn.Module]]:
    """Return the network of a name or an import path, and the loss that its output is for: logits if it is your own."""
    if is_fine_tuned(name):
        return partial(fine_tuned.Network, name), nn.CrossEntropyLoss
    if name not in NETWORKS:
        return find_class(name), nn.CrossEntropyLoss
    module = load_model(name)
    return module.Network, module.LOSS


def make_classifier(
    settings: Settings,
    train: Subset[Any],
    test: Subset[Any],
    n_classes: int,
    epochs_done: int,
    device: str,
) -> NeuralNetClassifier:
    """Build the skorch classifier that ``settings`` describe, not yet initialised.

    ``test`` is what the curves are measured on where ``settings.validation`` is 0. ``epochs_done`` says where on the
    schedule it goes on.
    """
    network, criterion = find_network(settings.model)
    images = train.dataset.tensors[0]  # type: ignore[attr-defined]
    classifier = NeuralNetClassifier(
        network,
        module__shape=tuple(images.shape[1:]),
        module__n_classes=n_classes,
        **{f"module__{name}": value for name, value in settings.arguments.items()},
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
    return classifier.set_params(**_train_further(settings)) if is_fine_tuned(settings.model) else classifier


def _train_further(settings: Settings) -> dict[str, Any]:
    """Return what a pretrained network is trained with in place of what others are."""
    return {
        # the body; what is left is the head, which has the learning rate as it is
        "optimizer__param_groups": [(fine_tuned.BODY, {"lr": settings.lr * fine_tuned.BODY_RATE})],
        "iterator_train": EvenBatches,
        # pictures are large, and so is what the network makes of each
        "iterator_valid__batch_size": settings.batch_size,
    }


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
    # a rise that ends on the step on which it begins has torch divide by zero
    rise = RISE if RISE * total != 1 else 2 / total
    further = is_fine_tuned(settings.model)
    one_cycle = LRScheduler(
        OneCycleLR, total_steps=total, pct_start=rise, last_epoch=epochs_done * steps - 1, step_every="batch",
        # in the order of the optimizer's groups
        max_lr=[settings.lr * fine_tuned.BODY_RATE, settings.lr] if further else settings.lr,
        anneal_strategy="cos" if further else "linear",
    )  # fmt: skip
    return [("one_cycle", one_cycle)]
