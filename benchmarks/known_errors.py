"""Make runs whose wrong labels are known: ``REAL_DATA=… python -m benchmarks.known_errors FOLDER [NAME …]``.

It makes labels of pictures, tables, texts and noise wrong in the seven ways of `benchmarks.known_noise`, and has three
drawn models of each data set predict them out of sample, from strong ones to ones that have learnt next to nothing.
FOLDER gets a file for each run, named for data set, noise, share and model, with ``P``, the probabilities, ``g``, the
labels as given, ``f``, which of them are wrong, and ``N``, each row's nearest rows. What is there is not made again. It
takes hours of a core; names of data sets make it fewer. `benchmarks.known_networks` adds the networks.
"""

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import NearestNeighbors

from benchmarks.conditions import print_conditions
from benchmarks.kept_runs import save_arrays
from benchmarks.known_data import Known, list_known
from benchmarks.known_models import list_models
from benchmarks.known_noise import NOISES, Given, make_wrong

FOLDS, NEAREST = 5, 10
MODELS_OF_EACH = 3
REFERENCE_SEED = 99
# boosting takes minutes on so many pictures
MANY_PICTURES = 2500


def make_runs(folder: Path, known: Known) -> None:
    """Make all runs of a data set that the folder lacks."""
    vectors, reference = known.describe(known.rows), None
    for number, (kind, share) in enumerate(NOISES):
        if known.name.startswith("random") and kind not in ("none", "uniform"):
            continue
        for model in draw_models(known, number):
            path = folder / f"{known.name}-{kind}-{share}-{model}.npz"
            if path.exists():
                continue
            if reference is None:
                name = "lr" if known.form == "text" else "et"
                reference = predict(list_models(known.form)[name], known.rows, known.labels, REFERENCE_SEED)
            given = make_wrong(known.rows, known.labels, kind, share, number, reference, vectors)
            if given is not None:
                write_run(path, known, given, model, number)


def draw_models(known: Known, number: int) -> list[str]:
    """Return the names of the models that predict a data set with the noise of that number."""
    rng = np.random.default_rng([number, len(known.name), len(known.labels)])
    drawn = rng.permutation(sorted(list_models(known.form)))[:MODELS_OF_EACH]
    slow = known.form == "picture" and len(known.labels) > MANY_PICTURES
    return [str(name) for name in drawn if not (slow and name == "gb")]


def write_run(path: Path, known: Known, given: Given, model: str, seed: int) -> None:
    """Predict a data set as it is given, and write the run."""
    pred_probs = predict(list_models(known.form)[model], given.rows, given.labels, seed)
    nearest = find_nearest(known.describe(given.rows), "cosine" if known.form == "text" else "euclidean")
    save_run(path, pred_probs, given.labels, given.wrong, nearest)


def save_run(path: Path, pred_probs: np.ndarray, labels: np.ndarray, wrong: np.ndarray, nearest: np.ndarray) -> None:
    """Write a run whole, and say so."""
    save_arrays(path, {"P": pred_probs, "g": labels, "f": wrong, "N": nearest})
    print(path.stem, f"agrees with {(pred_probs.argmax(axis=1) == labels).mean():.3f}", flush=True)


def predict(make: Callable[[], Any], rows: np.ndarray, labels: np.ndarray, seed: int) -> np.ndarray:
    """Return out-of-sample probabilities, (n, K) float32; of a class that a fold lacks they are 0."""
    n_folds = max(2, min(FOLDS, np.bincount(labels).min()))
    pred_probs = np.zeros((len(labels), labels.max() + 1), np.float32)
    for training, test in StratifiedKFold(n_folds, shuffle=True, random_state=seed).split(labels, labels):
        model = make().fit(rows[training], labels[training])
        pred_probs[np.ix_(test, model.classes_)] = model.predict_proba(rows[test])
    return pred_probs


def find_nearest(vectors: Any, metric: str) -> np.ndarray:
    """Return the numbers of the rows nearest to each, (n, k) int64, the nearest first."""
    n_nearest = min(NEAREST, vectors.shape[0] - 1)
    search = NearestNeighbors(n_neighbors=n_nearest + 1, metric=metric).fit(vectors)
    found: np.ndarray = search.kneighbors(vectors, return_distance=False)[:, 1:]
    return found


def main(folder: Path, names: list[str]) -> None:
    """Make the runs of the named data sets, of all of them by default."""
    folder.mkdir(parents=True, exist_ok=True)
    # a model that has not converged is one of the weak ones
    warnings.simplefilter("ignore", ConvergenceWarning)
    for known in list_known():
        if not names or known.name in names:
            make_runs(folder, known)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit("usage: REAL_DATA=… python -m benchmarks.known_errors FOLDER [NAME …]")
    print_conditions()
    main(Path(sys.argv[1]), sys.argv[2:])
