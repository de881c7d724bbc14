"""Predict every row by a network that has not seen it: ``python -m stages.crossval_predict DATASET``.

Writes ``data/<dataset>/predictions/``: ``pred_probs.npy`` (n, K) float32, ``folds.npy`` (n,) int64 and
``curves.csv``, a row for each fold and epoch.

Where the work is done is no part of the result, so it comes from the environment: ``CLEAN_LABELS_WORKERS``, how
many folds to train at once (as many as there are cores), and ``CLEAN_LABELS_DEVICE`` (cuda where there is one).
"""

import os
import time

import joblib
import numpy as np
import pandas as pd
import torch

from stages.artifacts import data_folder, load_array, read_json, replacing, write_table
from stages.command import InputError, run
from stages.crossval_predict.folds import assign_folds, check_validation
from stages.crossval_predict.settings import Settings
from stages.crossval_predict.training import NETWORKS, fit_fold
from stages.params import read_section


def main(dataset: str) -> str:
    """Cross-validate and return a line that gives the out-of-sample accuracy."""
    settings = read_section(dataset, "crossval_predict", Settings)
    prepared = data_folder(dataset) / "prepared"
    images, labels = load_array(prepared / "images.npy"), load_array(prepared / "labels.npy")
    check_images(images, settings.model)
    folds = assign_folds(np.asarray(labels), read_json(prepared / "classes.json"), settings.folds, settings.seed)
    check_validation(labels, folds, settings.validation)
    with replacing(data_folder(dataset) / "predictions") as (folder,):
        pred_probs, curves = predict_folds(images, labels, folds, settings)
        folder.mkdir()
        np.save(folder / "pred_probs.npy", pred_probs)
        np.save(folder / "folds.npy", folds)
        write_table(folder / "curves.csv", curves)
    return f"out-of-sample accuracy {accuracy(pred_probs, labels):.4f} over {settings.folds} folds"


def check_images(images: np.ndarray, model: str) -> None:
    """Refuse pictures that are too small for the network."""
    smallest = NETWORKS[model][0].smallest_side
    if min(images.shape[2:]) < smallest:
        size = "×".join(map(str, images.shape[2:]))
        raise InputError(
            f"params.yaml: crossval_predict.model: {model!r} takes images of {smallest}×{smallest} and up, "
            f"these are {size}; choose another network, or enlarge the images at the source"
        )


def predict_folds(
    images: np.ndarray, labels: np.ndarray, folds: np.ndarray, settings: Settings
) -> tuple[np.ndarray, pd.DataFrame]:
    """Train a network for each fold, several at once, and put their predictions together.

    Returns
    -------
    pred_probs : ndarray of shape (n, K), float32
        Row i comes from the network that was trained without fold ``folds[i]``.
    curves : DataFrame
        As `fit_fold` returns them, fold after fold.
    """
    device = choose_device()
    workers = choose_workers(settings.folds, device)
    print(f"training {settings.model} on {device}: {settings.folds} folds, {workers} at a time", flush=True)
    tasks = (
        joblib.delayed(timed_fold)(images, labels, folds == fold, fold, settings, device)
        for fold in range(settings.folds)
    )
    pred_probs = np.empty((len(labels), int(labels.max()) + 1), dtype=np.float32)
    curves: dict[int, pd.DataFrame] = {}
    for fold, probs, curve, seconds in joblib.Parallel(n_jobs=workers, return_as="generator_unordered")(tasks):
        pred_probs[folds == fold], curves[fold] = probs, curve
        correct = accuracy(probs, labels[folds == fold])
        print(f"fold {fold + 1} of {settings.folds}: accuracy {correct:.4f} in {seconds:.0f} s", flush=True)
    check_finite(pred_probs, folds)
    return pred_probs, pd.concat([curves[fold] for fold in sorted(curves)])


def timed_fold(
    images: np.ndarray, labels: np.ndarray, held_out: np.ndarray, fold: int, settings: Settings, device: str
) -> tuple[int, np.ndarray, pd.DataFrame, float]:
    """Run `fit_fold` and say which fold it was and how many seconds it took."""
    start = time.perf_counter()
    probs, curve = fit_fold(images, labels, held_out, fold, settings, device)
    return fold, probs, curve, time.perf_counter() - start


def check_finite(pred_probs: np.ndarray, folds: np.ndarray) -> None:
    """Refuse the predictions of networks whose weights have run off to infinity."""
    diverged = np.unique(folds[~np.isfinite(pred_probs).all(axis=1)]) + 1
    if len(diverged):
        raise InputError(
            f"params.yaml: crossval_predict.lr: training diverged in fold(s) {', '.join(map(str, diverged))}, "
            "where the network predicts NaN; lower it"
        )


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


if __name__ == "__main__":
    run("crossval_predict", main)
