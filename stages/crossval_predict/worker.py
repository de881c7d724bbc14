"""Trains a fold, or a part of it, in whichever process it comes to."""

import time
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.utils.data import TensorDataset

from stages.command.errors import InputError
from stages.crossval_predict.classifier import NETWORKS, find_network
from stages.crossval_predict.imports import ARGUMENTS, MODEL, check_arguments, naming
from stages.crossval_predict.inputs import load_images
from stages.crossval_predict.plan import Piece
from stages.crossval_predict.prepared import Prepared, open_arrays
from stages.crossval_predict.progress import EpochLine
from stages.crossval_predict.resume import load_state, save_state
from stages.crossval_predict.rows import take_fold
from stages.crossval_predict.run import Run, check_code
from stages.crossval_predict.settings import Settings
from stages.crossval_predict.training import FoldTraining

# An epoch that ends this long after the last one that was kept is kept too.
KEEP_EVERY_S = 30


def train_piece(run: Run, piece: Piece, epochs_after: int) -> tuple[np.ndarray, pd.DataFrame, float] | None:
    """Train one fold, from where its training stopped last, until the piece ends.

    Parameters
    ----------
    run : Run
        What it shares with the other folds.
    piece : Piece
        Which fold, and until which epoch.
    epochs_after : int
        How many epochs the run goes on for once the piece has ended.

    Returns
    -------
    pred_probs, curves
        As `FoldTraining.result` returns them.
    seconds : float
        How long this piece took.
    None
        When the fold has epochs left, which another piece trains.
    """
    check_code(run)
    start = kept = time.perf_counter()
    path = run.state_file(piece.index) if run.share_disk else None
    training = begin_fold(run, piece.index, path)
    line = EpochLine(run.name(piece.index), run.settings.max_epochs, epochs_after)
    while training.n_epochs < piece.until:
        line.show(training.n_epochs + 1, piece.until, training.train_epoch())
        finished = training.n_epochs == run.settings.max_epochs
        due = training.n_epochs == piece.until or time.perf_counter() - kept > KEEP_EVERY_S
        if path and due and not finished:
            save_state(path, training.state())
            kept = time.perf_counter()
    if training.n_epochs < run.settings.max_epochs:
        return None
    return *training.result(), time.perf_counter() - start


def begin_fold(run: Run, index: int, path: Path | None) -> FoldTraining:
    """Build a fold's training, in the state that is kept at ``path`` where there is one."""
    data = load_data(run.prepared, run.model.device)
    fold = take_fold(open_arrays(run.prepared), *run.seeds(index))
    state = load_state(path) if path else None
    return FoldTraining(data, fold, run.settings, run.model.device, state)


@cache
def load_data(prepared: Prepared, device: str) -> TensorDataset:
    """Return the pictures and labels as tensors: mapped from the file on a CPU, moved once to another device."""
    arrays = load_images(prepared), open_arrays(prepared).labels
    return TensorDataset(*(torch.from_numpy(array).to(device) for array in arrays))


def choose_device(name: str | None) -> str:
    """Return the torch device that the environment names, else cuda where there is one, else cpu."""
    name = name or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"CLEAN_LABELS_DEVICE={name!r}: torch cannot use it: {reason}") from None
    return name


def check_run(run: Run) -> None:
    """Refuse a network that cannot take the run's pictures."""
    check_code(run)
    check_network(load_images(run.prepared).shape[1:], open_arrays(run.prepared).n_classes, run.settings)


def check_network(shape: tuple[int, ...], n_classes: int, settings: Settings) -> None:
    """Refuse pictures of (C, H, W) that the network cannot take, and a network of one's own that gives no logits."""
    check_images(shape, settings)
    if settings.model in NETWORKS:
        return
    network, _ = find_network(settings.model)
    given = {"shape": shape, "n_classes": n_classes}
    check_arguments(settings, network, given)
    with naming(f"{ARGUMENTS}: {settings.model} cannot be built with these and {', '.join(given)}"):
        built = network(**given, **settings.arguments)
    with naming(f"{MODEL}: {settings.model} fails on pictures of shape {shape}"), torch.no_grad():
        output = built.eval()(torch.zeros(2, *shape))
    if not isinstance(output, torch.Tensor) or output.shape != (2, n_classes):
        found = tuple(getattr(output, "shape", ())) or type(output).__name__
        raise InputError(
            f"{MODEL}: {settings.model} gives {found} for two pictures, where there must be a logit for each of "
            f"{n_classes} classes, {(2, n_classes)}"
        )


def check_images(shape: tuple[int, ...], settings: Settings) -> None:
    """Refuse pictures of (C, H, W) that are too small for the network, or for the shifts."""
    sides = shape[1:]
    smallest = getattr(find_network(settings.model)[0], "smallest_side", 1)
    size = "×".join(map(str, sides))
    if min(sides) < smallest:
        raise InputError(
            f"params.yaml: crossval_predict.model: {settings.model!r} takes images of {smallest}×{smallest} and up, "
            f"these are {size}; choose another network, or enlarge the images at the source"
        )
    for key in ("train_shift", "predict_shift"):
        shift = getattr(settings, key)
        if shift >= min(sides):
            raise InputError(
                f"params.yaml: crossval_predict.{key}: {shift} pixels would move a picture of {size} away; lower it"
            )
