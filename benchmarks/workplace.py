"""A folder in which a benchmark runs the real `crossval_predict`, beside the data that are there already."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from stages.artifacts.files import write_json, write_table
from stages.artifacts.kind import write_kind
from stages.crossval_predict.settings import SectionSettings
from stages.split import settings as split
from stages.workplace import place

ROOT = place.ROOT
DATASET = "data"


@dataclass(frozen=True)
class Trained:
    """What one run of the stage gave.

    Attributes
    ----------
    seconds : float
        Of the whole process, its imports included.
    training_seconds : float
        From the line that says that training begins to the one of the last fold.
    pred_probs : ndarray of shape (n, K), float32
        Out-of-sample probabilities.
    """

    seconds: float
    training_seconds: float
    pred_probs: np.ndarray


@contextmanager
def open_workplace(examples: np.ndarray | Path, labels: np.ndarray) -> Iterator[Path]:
    """Make a temporary folder with a prepared data set called ``data`` in it.

    ``examples`` are pictures, (n, C, H, W) uint8, whose classes are named by their numbers, or a folder that
    `preprocess` left, of which all but the labels is taken.
    """
    with tempfile.TemporaryDirectory() as name:
        prepared = examples if isinstance(examples, Path) else write_prepared(Path(name), examples, labels)
        with place.open_workplace(prepared, DATASET, labels) as folder:
            yield folder


def write_prepared(folder: Path, images: np.ndarray, labels: np.ndarray) -> Path:
    """Write pictures and the names of their classes as `preprocess` leaves them, and return the folder."""
    np.save(folder / "images.npy", images)
    np.save(folder / "contents.npy", np.arange(len(labels)))
    write_table(folder / "ids.csv", pd.DataFrame({"id": np.arange(len(labels))}))
    write_kind(folder, "picture")
    write_json(folder / "classes.json", [str(label) for label in range(int(labels.max()) + 1)])
    return folder


def prepare_block(folder: Path, dataset: str, block: dict[str, Any]) -> Path:
    """Fetch, prepare and embed a data set by a block of params.yaml, and return the folder that `preprocess` leaves."""
    place.write_block(folder, dataset, block)
    for stage in ("fetch", "preprocess", "embed"):
        with place.start_stage(folder, stage, dataset, stdout=subprocess.DEVNULL) as process:
            assert process.wait() == 0
    return folder / "data" / dataset / "prepared"


def train(folder: Path, dataset: str, workers: int | None = None, **changed: Any) -> Trained:
    """Deal the rows and run the stage with the settings of a block of params.yaml, some of them changed.

    A changed ``seed`` is that of the folds and of the training.
    """
    block = read_block(dataset)
    keys = {"split": set(split.Settings.model_fields), "crossval_predict": set(SectionSettings.model_fields)}
    sections = {
        name: {**(block.get(name) or {}), **{key: value for key, value in changed.items() if key in known}}
        for name, known in keys.items()
    }
    place.write_block(folder, DATASET, sections)
    # what an earlier call has kept must be trained again, to be timed
    shutil.rmtree(folder / "data" / DATASET / "kept", ignore_errors=True)
    env = {**os.environ, **({"CLEAN_LABELS_WORKERS": str(workers)} if workers else {})}
    with place.start_stage(folder, "split", DATASET, stdout=subprocess.DEVNULL) as dealing:
        assert dealing.wait() == 0
    start = time.perf_counter()
    with place.start_stage(folder, "crossval_predict", DATASET, env=env, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        # a log has lines for epochs too, the last of them before that of the last fold
        said = [time.perf_counter() for line in process.stdout if line.startswith(("training", "fold"))]
    assert process.returncode == 0
    seconds = time.perf_counter() - start
    pred_probs = np.load(folder / "data" / DATASET / "predictions" / "pred_probs.npy")
    return Trained(seconds, said[-1] - said[0], pred_probs)


def read_block(dataset: str) -> dict[str, Any]:
    """Return a data set's block of params.yaml."""
    block: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))[dataset]
    return block


def find_prepared(dataset: str) -> Path:
    """Return the folder that `preprocess` left for a data set."""
    folder = ROOT / "data" / dataset / "prepared"
    if not folder.exists():
        raise SystemExit(f"{folder} is not there: put {dataset} in `datasets` and run `dvc repro preprocess@{dataset}`")
    return folder


def read_prepared(dataset: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a data set's pictures and labels, as `preprocess` left them."""
    folder = find_prepared(dataset)
    return np.load(folder / "images.npy"), np.load(folder / "labels.npy")


def accuracy(trained: Trained, labels: np.ndarray) -> float:
    """Return the share of rows whose likeliest class is their label."""
    return float((trained.pred_probs.argmax(axis=1) == labels).mean())


def name_settings(changed: dict[str, Any]) -> str:
    """Return the settings that differ from the shipped ones, as params.yaml has them."""
    return ", ".join(f"{key}: {value}" for key, value in changed.items()) or "as shipped"
