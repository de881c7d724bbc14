"""Keeps each fold as it is finished, so that a run that was killed does not train it again.

The folds lie in ``data/<dataset>/finished_folds/``, beside DVC's outputs, which it clears before a run. Once the stage
has succeeded its result is in DVC's own cache and they are removed; ``rm -r data/*/finished_folds`` does so by hand.
"""

import hashlib
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from stages.crossval_predict.settings import Settings

CODE = ("networks.py", "training.py", "settings.py")


def describe_run(images: np.ndarray, labels: np.ndarray, folds: np.ndarray, settings: Settings, device: str) -> str:
    """Return the SHA-256 of everything that determines the predictions of a run's folds.

    Parameters
    ----------
    images, labels, folds : ndarray
        What is trained on, and which fold holds each row out.
    settings : Settings
        The network and how it is trained.
    device : str
        Where torch computes: another device rounds differently.
    """
    digest = hashlib.sha256(f"{torch.__version__} {device} {settings.model_dump_json()}".encode())
    for array in (images, labels, folds):
        digest.update(f"{array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    for name in CODE:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


def load_fold(folder: Path, run: str, fold: int) -> tuple[np.ndarray, pd.DataFrame] | None:
    """Return a fold's predictions and curves as an earlier run kept them, or None where it did not."""
    try:
        with np.load(_path(folder, run, fold)) as kept:
            curves = {name: kept[name] for name in kept.files if name != "pred_probs"}
            return kept["pred_probs"], pd.DataFrame(curves)
    except (OSError, ValueError, zipfile.BadZipFile):
        return None


def save_fold(folder: Path, run: str, fold: int, pred_probs: np.ndarray, curves: pd.DataFrame) -> None:
    """Keep a finished fold: under a name of this process's own first, as another may be keeping the same one."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {str(name): curves[name].to_numpy() for name in curves}
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".partial", delete=False) as file:
        partial = Path(file.name)
    try:
        with partial.open("wb") as file:
            np.savez(file, pred_probs=pred_probs, **arrays)
        partial.replace(_path(folder, run, fold))
    except BaseException:
        partial.unlink()
        raise


def _path(folder: Path, run: str, fold: int) -> Path:
    return folder / f"{run[:32]}-{fold}.npz"
