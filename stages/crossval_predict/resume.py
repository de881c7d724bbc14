"""Keeps what is trained as it comes, so that a run that was killed does not train it again.

It lies in ``data/<dataset>/resume/``, beside DVC's outputs, which it clears before a run: a file for each finished
fold, and one for a fold in the middle of its training, each under the key of everything that determines it. Once the
stage has succeeded its result is in DVC's own cache and the folder is removed; ``rm -r data/*/resume`` does so by
hand.
"""

import hashlib
import io
import pickle
import tempfile
import time
import zipfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from stages.command.processor import describe_processor

CODE = (
    "batches.py", "classifier.py", "encoders.py", "estimators.py", "inputs.py", "networks.py", "rows.py", "settings.py",
    "training.py",
)  # fmt: skip
PACKAGES = ("numpy", "pandas", "scikit-learn", "scipy", "skorch", "torch")
KEEP_OTHERS_S = 7 * 24 * 3600


def describe_code() -> str:
    """Return the SHA-256 of the modules that train and predict, the versions of what they use, and the processor."""
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in PACKAGES).encode())
    digest.update(describe_processor().encode())
    for name in CODE:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


def prune(folder: Path, *keys: str) -> None:
    """Remove what runs without these keys left a week ago or earlier, and what was never written to its end."""
    for path in folder.glob("*"):
        old = time.time() - path.stat().st_mtime > KEEP_OTHERS_S
        if path.suffix == ".partial" or (old and not path.name.startswith(keys)):
            path.unlink(missing_ok=True)


def load_fold(path: Path) -> tuple[np.ndarray, pd.DataFrame] | None:
    """Return a fold's predictions and curves as an earlier run kept them, or None where it did not."""
    try:
        with np.load(path) as kept:
            curves = {name: kept[name] for name in kept.files if name != "pred_probs"}
            return kept["pred_probs"], pd.DataFrame(curves)
    except (OSError, ValueError, zipfile.BadZipFile):
        return None


def save_fold(path: Path, pred_probs: np.ndarray, curves: pd.DataFrame) -> None:
    """Keep a finished fold."""
    arrays: dict[str, Any] = {str(name): curves[name].to_numpy() for name in curves}
    _write(path, lambda file: np.savez(file, pred_probs=pred_probs, **arrays))


def load_state(path: Path) -> dict[str, Any] | None:
    """Return the state in which a fold's training stopped, or None where none is kept."""
    import torch

    try:
        state: dict[str, Any] = torch.load(path, weights_only=True)
        return state
    except (OSError, EOFError, RuntimeError, ValueError, pickle.UnpicklingError):
        return None


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Keep a fold in the middle of its training."""
    import torch

    # torch tells of a full disk by an error that has nothing to do with it, so it writes to memory first
    buffer = io.BytesIO()
    torch.save(state, buffer)
    _write(path, lambda file: file.write(buffer.getvalue()))


def _write(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write under a name of this process's own first, as another may be keeping the same fold."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".partial", delete=False) as file:
        partial = Path(file.name)
    try:
        with partial.open("wb") as opened:
            write(opened)
        partial.replace(path)
    except BaseException:
        partial.unlink()
        raise
