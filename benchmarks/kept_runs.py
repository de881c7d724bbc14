"""Runs of the real `crossval_predict` that a folder keeps, so that a stopped benchmark goes on where it was."""

import resource
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.workplace import find_prepared, open_workplace, train
from stages.artifacts.files import replacing


@dataclass(frozen=True)
class KeptRun:
    """What one run of `split` and `crossval_predict` gave.

    Attributes
    ----------
    pred_probs : ndarray of shape (n, K), float32
        Out-of-sample probabilities.
    seconds : float
        The processor time of both processes, imports included.
    """

    pred_probs: np.ndarray
    seconds: float


def read_run(
    folder: Path, dataset: str, changed: dict[str, Any], seed: int, labels: np.ndarray, noise: str = ""
) -> KeptRun:
    """Return a run, which is trained first if the folder does not have it.

    Parameters
    ----------
    folder : Path
        Keeps a file for each run.
    dataset : str
        Whose prepared rows and block of params.yaml are taken.
    changed : dict
        The settings that differ from the block's.
    seed : int
        Of the folds and of the training.
    labels : ndarray of shape (n,), int64
        What to train on.
    noise : str
        A name for these labels, if they are not the given ones.
    """
    settings = [f"{key}-{value}" for key, value in changed.items()]
    path = folder / f"{'-'.join([dataset, *filter(None, [noise]), *settings, str(seed)])}.npz"
    if not path.exists():
        before = _children_seconds()
        with open_workplace(find_prepared(dataset), labels) as workplace:
            pred_probs = train(workplace, dataset, workers=1, **changed, seed=seed).pred_probs
        save_arrays(path, {"pred_probs": pred_probs, "seconds": _children_seconds() - before})
    run = np.load(path)
    return KeptRun(run["pred_probs"], float(run["seconds"]))


def average(runs: list[KeptRun]) -> KeptRun:
    """Return the mean of some runs, and the time that all of them took."""
    return KeptRun(np.mean([run.pred_probs for run in runs], axis=0), sum(run.seconds for run in runs))


def save_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays by name into an npz file, whole or not at all."""
    with replacing(path) as (partial,), partial.open("wb") as file:
        np.savez(file, **arrays)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
