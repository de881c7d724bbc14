"""Trains a fold, or a part of it, in whichever process it comes to."""

import time
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stages.crossval_predict.folds.kept import load_state, save_state
from stages.crossval_predict.folds.plan import Piece
from stages.crossval_predict.folds.prepared import Prepared, open_arrays, open_inputs
from stages.crossval_predict.folds.progress import EpochLine
from stages.crossval_predict.folds.run import Run, check_code
from stages.crossval_predict.models.fold import Fold, no_curves, take_fold
from stages.crossval_predict.models.own import ARGUMENTS, MODEL, naming

# torch and scikit-learn are imported within functions: the process that hands out the work needs neither
if TYPE_CHECKING:
    from torch.utils.data import TensorDataset

    from stages.crossval_predict.models.fine_tuned import PictureData
    from stages.crossval_predict.models.training import FoldTraining

Fitted = tuple[np.ndarray, pd.DataFrame]
# An epoch that ends this long after the last one that was kept is kept too.
KEEP_EVERY_S = 30


def fit_piece(run: Run, piece: Piece) -> tuple[int, np.ndarray, pd.DataFrame, float] | None:
    """Train a piece of a fold, and predict the rows that the fold holds out if that was its last piece.

    Returns
    -------
    index : int
        Which of the run's folds.
    pred_probs : ndarray of shape (n_held_out, K), float32
        The probabilities.
    curves : DataFrame
        A row for each epoch of a network, none for an estimator.
    seconds : float
        How long this piece took.
    None
        If the fold has epochs left, which another piece trains.
    """
    check_code(run)
    start = time.perf_counter()
    fold = take_fold(open_arrays(run.prepared), *run.seeds(piece.index))
    fitted = fit_network(run, piece, fold) if run.model.is_network else fit_estimator(run, piece, fold)
    return (piece.index, *fitted, time.perf_counter() - start) if fitted else None


def fit_estimator(run: Run, piece: Piece, fold: Fold) -> Fitted:
    """Fit a scikit-learn classifier and predict."""
    from stages.crossval_predict.models.estimators import predict_fold

    settings = run.model.settings
    where = f"{ARGUMENTS}: {settings.model} with these" if settings.arguments else f"{MODEL}: {settings.model}"
    with naming(f"{where} cannot be fitted in {run.name(piece.index)}"):
        labels = open_arrays(run.prepared).labels
        return predict_fold(open_inputs(run.prepared), labels, fold, settings), no_curves()


def fit_network(run: Run, piece: Piece, fold: Fold) -> Fitted | None:
    """Train a network, from where the fold's training stopped last, until the piece ends."""
    kept = time.perf_counter()
    path = run.state_file(piece.index) if run.share_disk else None
    training = begin_fold(run, piece.index, fold)
    n_epochs = run.model.settings.max_epochs
    line = EpochLine(run.name(piece.index), n_epochs, piece.epochs_after)
    while training.n_epochs < piece.until:
        line.show(training.n_epochs + 1, piece.until, training.train_epoch())
        due = training.n_epochs == piece.until or time.perf_counter() - kept > KEEP_EVERY_S
        if path and due and training.n_epochs < n_epochs:
            save_state(path, training.state())
            kept = time.perf_counter()
    return training.result() if training.n_epochs == n_epochs else None


def begin_fold(run: Run, index: int, fold: Fold) -> "FoldTraining":
    """Build a fold's training, in the state that an earlier piece or run kept, if there is one."""
    from stages.crossval_predict.models.training import FoldTraining

    state = load_state(run.state_file(index)) if run.share_disk else None
    device = run.model.device
    data = load_data(run.prepared, device) if run.prepared.view == "picture" else stream_data(run)
    return FoldTraining(data, fold, run.model.settings, device, state)


@cache
def load_data(prepared: Prepared, device: str) -> "TensorDataset":
    """Return the pictures and labels as tensors: mapped from the file on a CPU, moved once to another device."""
    import torch
    from torch.utils.data import TensorDataset

    arrays = open_inputs(prepared).images, open_arrays(prepared).labels
    return TensorDataset(*(torch.from_numpy(array).to(device) for array in arrays))


def stream_data(run: Run) -> "PictureData":
    """Return pictures as they came, which are decoded when they are asked for, and labels."""
    import torch

    from stages.crossval_predict.models.fine_tuned import PictureData

    labels = torch.from_numpy(np.array(open_arrays(run.prepared).labels))
    return PictureData(open_inputs(run.prepared).read_picture, labels, run.model.settings, run.model.device)
