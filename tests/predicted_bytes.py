"""Prints the SHA-256 of what each kind of model predicts, of how likely errors are judged to be, and of neighbours.

`tests/test_processor.py` runs it on emulated processors.
"""

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from benchmarks import judging
from stages.crossval_predict.__main__ import main
from stages.crossval_predict.folds import prepared
from stages.find_issues.settings import Settings
from stages.inspect.neighbours import find_neighbours
from tests.data_sets import make_digits, make_table, write_data, write_params

# of which an emulated processor trains a few in the time that it takes to import torch
ROWS, PICTURES = 120, 24
WORDS = [
    "card",
    "pay",
    "top",
    "up",
    "move",
    "fee",
    "lost",
    "pin",
    "cash",
    "refund",
    "rate",
    "swap",
    "late",
    "no",
    "cap",
]
NETWORK = {"max_epochs": 2, "batch_size": 8, "lr": 0.01, "train_shift": 1, "predict_shift": 1}
MODELS: dict[str, dict[str, Any]] = {
    "cnn": NETWORK,
    "wide_cnn": NETWORK,
    "tutorial_cnn": {"max_epochs": 1, "optimizer": "sgd", "schedule": "constant"},
    "logistic_regression": {},
    "gradient_boosting": {"arguments": {"max_iter": 20}},
    "extra_trees": {"arguments": {"n_estimators": 20}},
    "tfidf": {},
}


def make_data(model: str) -> tuple[Any, dict[str, Any]]:
    """Return labels and content of the kind of data that a model is for."""
    if "cnn" in model:
        labels, content = make_digits(PICTURES)
        # 8×8 is too small for the tutorial's network
        times = 2 if model == "tutorial_cnn" else 1
        return labels, {"images": content["images"].repeat(times, axis=2).repeat(times, axis=3)}
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.arange(ROWS) % 3)
    if model == "tfidf":
        texts = [" ".join(rng.choice(WORDS[4 * label : 4 * label + 7], 6)) for label in labels]
        return labels, {"texts": texts}
    columns = {f"column {k}": list(rng.normal(labels * (k == 0), 1)) for k in range(4)}
    return labels, make_table(columns)


def predict(model: str, settings: dict[str, Any]) -> np.ndarray:
    """Cross-validate in a temporary folder, and return the probabilities."""
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        labels, content = make_data(model)
        write_data(Path(name), labels, content, folds=2 * np.arange(len(labels))[:, None] // len(labels))
        write_params(Path(name), model=model, **settings)
        prepared.SHARED = Path(name)
        main("toy")
        pred_probs: np.ndarray = np.load("data/toy/predictions/pred_probs.npy")
        os.chdir("/")
    return pred_probs


def judge() -> np.ndarray:
    """Return the probability that each label is wrong, of labels of which a good model contradicts some."""
    true = np.arange(ROWS) % 4
    labels = np.where(np.arange(ROWS) < 12, (true + 1) % 4, true)
    unsure = np.random.default_rng(0).uniform(0.05, 0.8, (ROWS, 1))
    pred_probs = (unsure / 4 + (1 - unsure) * np.eye(4)[true]).astype(np.float32)
    error_prob = judging.judge(labels, pred_probs, Settings()).error_prob
    # a model that was taken for worthless would show nothing
    assert len(set(error_prob)) > 5
    return error_prob


def digest(*arrays: np.ndarray) -> str:
    """Return the SHA-256 of arrays."""
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()


def leave_out_compiler() -> None:
    """Spare torch the import of its compiler, of which nothing is used: emulated, it takes longer than the training."""
    compiler: Any = ModuleType("torch._dynamo")
    compiler.disable = lambda function, *_, **__: function
    compiler.graph_break = lambda: None
    sys.modules["torch._dynamo"] = torch._dynamo = compiler


if __name__ == "__main__":
    leave_out_compiler()
    os.environ["CLEAN_LABELS_WORKERS"] = "1"
    for name, settings in MODELS.items():
        print(f"{name}: {digest(predict(name, settings))}", flush=True)
    print(f"judged: {digest(judge())}", flush=True)
    features = np.random.default_rng(0).normal(size=(200, 100)).astype(np.float32)
    print(f"neighbours: {digest(*find_neighbours(features, 10))}", flush=True)
