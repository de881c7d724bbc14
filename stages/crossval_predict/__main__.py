"""Predict every row by a network that has not seen it: ``python -m stages.crossval_predict DATASET``.

Writes ``data/<dataset>/predictions/``: ``pred_probs.npy`` (n, K) float32, ``folds.npy`` (n,) int64 and
``curves.csv``, a row for each fold and epoch.

Where the work is done is no part of the result, so it comes from the environment: ``CLEAN_LABELS_WORKERS``, how
many folds to train at once (as many as there are cores), and ``CLEAN_LABELS_DEVICE`` (cuda where there is one).
"""

import shutil

import numpy as np

from stages.artifacts import data_folder, load_array, read_json, replacing, write_table
from stages.command import InputError, run_stage
from stages.crossval_predict.folds import assign_folds, check_validation
from stages.crossval_predict.parallel import Run, accuracy, choose_device, choose_workers, predict_folds
from stages.crossval_predict.settings import Settings
from stages.crossval_predict.training import NETWORKS
from stages.params import read_section


def main(dataset: str) -> str:
    """Cross-validate and return a line that gives the out-of-sample accuracy."""
    settings = read_section(dataset, "crossval_predict", Settings)
    prepared = data_folder(dataset) / "prepared"
    images, labels = load_array(prepared / "images.npy"), load_array(prepared / "labels.npy")
    check_images(images, settings.model)
    folds = assign_folds(np.asarray(labels), read_json(prepared / "classes.json"), settings.folds, settings.seed)
    check_validation(labels, folds, settings.validation)
    device = choose_device()
    kept_in = data_folder(dataset) / "finished_folds"
    run = Run(images, labels, folds, settings, device, choose_workers(settings.folds, device), kept_in)
    pred_probs, curves = predict_folds(run)
    check_finite(pred_probs, folds)
    with replacing(data_folder(dataset) / "predictions") as (folder,):
        folder.mkdir()
        np.save(folder / "pred_probs.npy", pred_probs)
        np.save(folder / "folds.npy", folds)
        write_table(folder / "curves.csv", curves)
    shutil.rmtree(kept_in)
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


def check_finite(pred_probs: np.ndarray, folds: np.ndarray) -> None:
    """Refuse the predictions of networks whose weights have run off to infinity."""
    diverged = np.unique(folds[~np.isfinite(pred_probs).all(axis=1)]) + 1
    if len(diverged):
        raise InputError(
            f"params.yaml: crossval_predict.lr: training diverged in fold(s) {', '.join(map(str, diverged))}, "
            "where the network predicts NaN; lower it"
        )


if __name__ == "__main__":
    run_stage("crossval_predict", main)
