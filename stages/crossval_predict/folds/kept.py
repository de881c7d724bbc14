"""Keeps what is trained as it comes, so that no fold is trained twice.

It lies in ``data/<dataset>/kept/``: a file for each finished fold, and one for a fold in the middle of its training.
`stages.workers.keeping` says for how long; ``rm -r data/*/kept`` forgets it.
"""

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.workers.keeping import write_kept


def load_fold(path: Path) -> tuple[np.ndarray, pd.DataFrame] | None:
    """Return a fold's predictions and curves as an earlier run kept them, or None if it did not."""
    try:
        with np.load(path) as kept:
            curves = {name: kept[name] for name in kept.files if name != "pred_probs"}
            return kept["pred_probs"], pd.DataFrame(curves)
    except (OSError, ValueError, zipfile.BadZipFile):
        return None


def save_fold(path: Path, pred_probs: np.ndarray, curves: pd.DataFrame) -> None:
    """Keep a finished fold."""
    arrays: dict[str, Any] = {str(name): curves[name].to_numpy() for name in curves}
    write_kept(path, lambda file: np.savez(file, pred_probs=pred_probs, **arrays))


def load_state(path: Path) -> dict[str, Any] | None:
    """Return the state in which a fold's training stopped, or None if none is kept."""
    import torch

    try:
        state: dict[str, Any] = torch.load(path, weights_only=True)
        return state
    except (OSError, EOFError, RuntimeError, ValueError, pickle.UnpicklingError):
        return None


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Keep a fold in the middle of its training."""
    import torch

    # if the disk is full, torch raises an error that has nothing to do with it, so it writes to memory first
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_kept(path, lambda file: file.write(buffer.getvalue()))
