"""Small data sets as `preprocess` and `split` leave them, for tests to train on."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.datasets import load_digits

from stages.artifacts.files import write_json
from stages.artifacts.kind import write_kind
from stages.crossval_predict.__main__ import main
from stages.find_issues.votes import Neighbours
from tests.commands import Process, start_python
from tests.conftest import Clone

KINDS = ("numeric", "boolean", "date")


def write_data(folder: Path, given_labels: Any, content: dict[str, Any], **changed: Any) -> None:
    """Write ``data/toy`` with its ``content``: images, features and columns, or texts.

    ``changed`` are the arrays in training/ that are not the plain ones: the given labels, three folds in turn, and the
    rows as they come.
    """
    prepared, training = folder / "data/toy/prepared", folder / "data/toy/training"
    prepared.mkdir(parents=True)
    training.mkdir()
    (folder / "data/toy/features").mkdir()
    write_json(folder / "data/toy/features/source.json", {"name": "none", "metric": "euclidean", "pretrained": False})
    n_rows = len(given_labels)
    plain = {"labels": given_labels, "folds": np.arange(n_rows)[:, None] % 3, "order": np.arange(n_rows)}
    for name, array in {**plain, **changed}.items():
        np.save(training / f"{name}.npy", np.asarray(array, dtype=np.int64))
    np.save(prepared / "labels.npy", np.asarray(given_labels, dtype=np.int64))
    write_json(prepared / "classes.json", [f"class {number}" for number in range(max(given_labels) + 1)])
    for name in content.keys() & {"images", "features"}:
        np.save(prepared / f"{name}.npy", content[name])
    write_kind(prepared, "picture" if "images" in content else "text" if "texts" in content else "table")
    if "columns" in content:
        write_json(prepared / "columns.json", content["columns"])
    if "texts" in content:
        texts = pd.DataFrame({"text": content["texts"]})
        texts.to_csv(prepared / "rows.csv", index=False, lineterminator="\n")


def write_params(folder: Path, **section: Any) -> None:
    """Write params.yaml with what ``toy`` is trained by."""
    (folder / "params.yaml").write_text(yaml.safe_dump({"toy": {"crossval_predict": section}}))


def forget(folder: Path, dataset: str = "toy") -> None:
    """Remove the folds that are kept, so that they are trained again."""
    shutil.rmtree(folder / "data" / dataset / "kept")


def make_table(columns: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a table: each column a list of numbers, or of texts; None is missing."""
    described, numbers = [], []
    for name, values in columns.items():
        if name == "category" or any(isinstance(value, str) for value in values):
            categories = sorted({value for value in values if value is not None})
            described.append({"name": name, "kind": "categorical", "categories": categories})
            numbers.append([np.nan if value is None else categories.index(value) for value in values])
        else:
            described.append({"name": name, "kind": KINDS[len(described) % len(KINDS)]})
            numbers.append([np.nan if value is None else value for value in values])
    return {"features": np.array(numbers, dtype=np.float64).T, "columns": described}


def make_neighbours(true: np.ndarray, count: int = 10) -> Neighbours:
    """Return any rows of a row's true class, (n,) int64, as those nearest to it; no two rows are the same."""
    nearest, shuffled = np.empty((len(true), count), dtype=np.int64), np.random.default_rng(0).permutation(len(true))
    for label in np.unique(true):
        rows = shuffled[true[shuffled] == label]
        nearest[rows] = rows[(np.arange(len(rows))[:, None] + np.arange(1, count + 1)) % len(rows)]
    return Neighbours(nearest, np.arange(len(true)))


def make_digits(n_rows: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the labels and the content of some of the digits."""
    digits = load_digits()
    images = (digits.images[:n_rows, None] * (255 / 16)).astype(np.uint8)
    return digits.target[:n_rows], {"images": images}


def train(folder: Path, monkeypatch: pytest.MonkeyPatch, **section: Any) -> np.ndarray:
    """Run the stage in this process and return the probabilities."""
    write_params(folder, **section)
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr("stages.crossval_predict.folds.prepared.SHARED", folder)
    monkeypatch.setenv("CLEAN_LABELS_WORKERS", "1")
    main("toy")
    pred_probs: np.ndarray = np.load(folder / "data/toy/predictions/pred_probs.npy")
    return pred_probs


def start_training(folder: Path, workers: int = 1, **env: str) -> Process:
    """Start the stage in a process of its own."""
    env = {"CLEAN_LABELS_WORKERS": str(workers), **env}
    return start_python("-m", "stages.crossval_predict", "toy", folder=folder, env=env)


def train_digits(clone: Clone, **env: str) -> Process:
    """Start the stage on the digits of a clone."""
    return start_python("-m", "stages.crossval_predict", "digits", folder=clone.folder, env={**env, "PYTHONPATH": ""})


def finish(process: Process, code: int = 0) -> str:
    """Return what the stage printed, and check its exit code."""
    printed, _ = process.communicate()
    assert process.returncode == code, printed
    return printed
