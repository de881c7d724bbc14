"""Trains the folds, several at once, and puts their predictions together."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import torch

from stages.command import InputError
from stages.crossval_predict.finished import describe_run, load_fold, save_fold
from stages.crossval_predict.progress import EpochLine, say, write_time
from stages.crossval_predict.settings import Settings
from stages.crossval_predict.training import fit_fold


@dataclass(frozen=True)
class Run:
    """What the folds of one run share.

    Attributes
    ----------
    images : ndarray of shape (n, C, H, W), uint8
        Memory-mapped, so that worker processes map the file and copy nothing.
    labels, folds : ndarray of shape (n,), int64
        The label of each row, and the fold in which it is held out.
    settings : Settings
        The network and how it is trained.
    device : str
        Where torch computes.
    workers : int
        How many folds to train at once.
    kept_in : Path
        The folder that keeps finished folds until the run is complete.
    """

    images: np.ndarray
    labels: np.ndarray
    folds: np.ndarray
    settings: Settings
    device: str
    workers: int
    kept_in: Path


def predict_folds(run: Run) -> tuple[np.ndarray, pd.DataFrame]:
    """Train a network for each fold that no earlier run has finished.

    Returns
    -------
    pred_probs : ndarray of shape (n, K), float32
        Row i comes from the network that was trained without fold ``folds[i]``.
    curves : DataFrame
        As `fit_fold` returns them, fold after fold.
    """
    n_folds = run.settings.folds
    say(f"training {run.settings.model} on {run.device}: {n_folds} folds, {run.workers} at a time", final=True)
    key = describe_run(run.images, run.labels, run.folds, run.settings, run.device)
    tasks = (joblib.delayed(predict_fold)(run, key, fold) for fold in range(n_folds))
    pred_probs = np.empty((len(run.labels), int(run.labels.max()) + 1), dtype=np.float32)
    curves: dict[int, pd.DataFrame] = {}
    for fold, probs, curve, note in joblib.Parallel(n_jobs=run.workers, return_as="generator_unordered")(tasks):
        held_out = run.folds == fold
        pred_probs[held_out], curves[fold] = probs, curve
        say(f"fold {fold + 1} of {n_folds}: accuracy {accuracy(probs, run.labels[held_out]):.4f}, {note}", final=True)
    return pred_probs, pd.concat([curves[fold] for fold in sorted(curves)])


def predict_fold(run: Run, key: str, fold: int) -> tuple[int, np.ndarray, pd.DataFrame, str]:
    """Take a fold from an earlier run or train it and keep it; return its number, its results and a note on it."""
    finished = load_fold(run.kept_in, key, fold)
    if finished:
        return fold, *finished, "kept from an earlier run"
    rounds_left = (run.settings.folds - 1 - fold) // run.workers
    start = time.perf_counter()
    pred_probs, curves = fit_fold(
        run.images, run.labels, run.folds == fold, fold, run.settings, run.device,
        EpochLine(fold, run.settings.folds, rounds_left),
    )  # fmt: skip
    save_fold(run.kept_in, key, fold, pred_probs, curves)
    return fold, pred_probs, curves, f"trained in {write_time(time.perf_counter() - start)}"


def choose_device() -> str:
    """Return the torch device that the environment names, else cuda where there is one, else cpu."""
    name = os.environ.get("CLEAN_LABELS_DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"CLEAN_LABELS_DEVICE={name!r}: torch cannot use it: {reason}") from None
    return name


def choose_workers(n_folds: int, device: str) -> int:
    """Return how many folds to train at once: the environment's choice, else one for each core, or one on a GPU."""
    text = os.environ.get("CLEAN_LABELS_WORKERS", "")
    if text and not (text.isascii() and text.isdigit() and int(text) > 0):
        raise InputError(f"CLEAN_LABELS_WORKERS={text!r}: give a whole number of at least 1")
    by_default = joblib.cpu_count() if device == "cpu" else 1
    return min(int(text or by_default), n_folds)


def accuracy(pred_probs: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of rows whose likeliest class is the given label."""
    return float(np.mean(pred_probs.argmax(axis=1) == labels))
