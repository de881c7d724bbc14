"""Runs the real cross-validation on other labels, beside the data set and away from its results."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from stages.command import InputError

ROOT = Path(__file__).parents[2]


@contextmanager
def open_workplace(prepared: Path, dataset: str, labels: np.ndarray) -> Iterator[Path]:
    """Make a temporary repository's folder in which a data set has other labels, and yield it.

    Parameters
    ----------
    prepared : Path
        The folder that `preprocess` left, whose other files are linked and not copied.
    dataset : str
        The data set's name.
    labels : ndarray of shape (n,), int64
        The labels that it shall have.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data" / dataset / "prepared"
        folder.mkdir(parents=True)
        for file in prepared.iterdir():
            if file.name != "labels.npy":
                (folder / file.name).symlink_to(file.resolve())
        np.save(folder / "labels.npy", labels)
        # what a model of one's own must be listed in
        (Path(name) / "dvc.yaml").symlink_to(ROOT / "dvc.yaml")
        yield Path(name)


def predict(folder: Path, dataset: str, section: dict[str, Any]) -> None:
    """Deal the rows anew and cross-validate, by a section ``crossval_predict`` of params.yaml.

    Raises
    ------
    InputError
        With what the stages say, when they cannot.
    """
    (folder / "params.yaml").write_text(yaml.safe_dump({dataset: {"crossval_predict": section}}), encoding="utf-8")
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    for stage in ("split", "crossval_predict"):
        command = [sys.executable, "-m", f"stages.{stage}", dataset]
        done = subprocess.run(command, cwd=folder, env=env, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip().splitlines()
            raise InputError(f"with labels flipped on purpose: {said[-1] if said else f'{stage} failed'}")
