"""Which model suits a table: ``REAL_DATA=FOLDER python -m benchmarks.table_models KEPT [NAME …]``.

Eighteen small public tables, those in FOLDER/tables/ and scikit-learn's breast_cancer, iris and wine, which is in both,
are fetched and prepared by the product's own stages. Draws of 30, 60, 120 and 300 of their rows, and all rows or 1,000
of them, are dealt into five folds; classes with fewer rows are left out, as `rare_classes: leave_out` does. The
product's own encoders and classifiers then predict each row out of sample, in this process: from the labels as they
are, and with 10 % of them flipped in each of three ways (`stages.flip.noise`; hard are the rows that the models
together are least sure of).

For each model, and the means of several, it prints the accuracy, the accuracy on the true labels of what was trained on
flipped ones, the average precision of the default score at finding the flips, and the time of five folds on one core.
Differences are from what `auto` was before, gradient boosting with scikit-learn's 20 rows a leaf: paired, means over
the tables with a 95 % interval (Student's t), and the number of tables on which it is worse.

KEPT keeps what was predicted, so that a run that was stopped goes on where it was.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from benchmarks.conditions import print_conditions
from benchmarks.detection import half_interval
from benchmarks.judging import judge
from benchmarks.kept_runs import save_arrays
from benchmarks.workplace import prepare_block
from stages.crossval_predict.models.estimators import predict_fold
from stages.crossval_predict.models.fold import Fold
from stages.crossval_predict.models.inputs import FILES, Inputs
from stages.crossval_predict.models.tables import AUTO
from stages.crossval_predict.models.tables.gradient_boosting import LARGE_LEAF, find_leaf
from stages.crossval_predict.settings import Settings
from stages.find_issues.settings import Settings as Rules
from stages.flip.noise import KINDS, flip_labels
from stages.split.folds import assign_folds

MOST_ROWS = 1000
SIZES = (30, 60, 120, 300, MOST_ROWS)
SEEDS = range(1)
FOLDS, SHARE = 5, 0.1
BEFORE = "before"
LEARNERS: dict[str, dict[str, Any]] = {
    BEFORE: {"model": "gradient_boosting", "arguments": {"min_samples_leaf": LARGE_LEAF}},
    "gradient_boosting": {"model": "gradient_boosting"},
    "logistic_regression": {"model": "logistic_regression"},
    "extra_trees": {"model": "extra_trees"},
}
AFTER = "all three"
CANDIDATES = {name: (name,) for name in LEARNERS} | {
    "logistic and boosting": ("logistic_regression", "gradient_boosting"),
    "logistic and trees": ("logistic_regression", "extra_trees"),
    "boosting and trees": ("gradient_boosting", "extra_trees"),
    AFTER: AUTO,
}
MEASURES = ("accuracy", "accuracy after flips", *(f"flips found, {kind.replace('_', '-')}" for kind in KINDS))
Table = tuple[Inputs, np.ndarray]
Predicted = dict[str, np.ndarray]


def prepare(folder: Path, fetch: dict[str, Any]) -> Table:
    """Run the stages up to the prepared table, and return its rows and labels."""
    prepared = prepare_block(folder, "table", {"fetch": fetch})
    inputs = Inputs("table", {file: prepared.parent / file for file in FILES["table"]})
    # read while the folder is there
    inputs.columns, inputs.take(np.arange(1))
    return inputs, np.load(prepared / "labels.npy")


def draw_rows(labels: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Return the numbers of so many rows, less those of classes that have fewer of them than there are folds."""
    rows: np.ndarray = np.sort(np.random.default_rng(seed).permutation(len(labels))[:size])
    drawn: np.ndarray = rows[np.bincount(labels[rows])[labels[rows]] >= FOLDS]
    return drawn


def cross_validate(inputs: Inputs, rows: np.ndarray, labels: np.ndarray, seed: int) -> Predicted:
    """Return what each learner predicts of the rows, (n, K), and the seconds that it took."""
    folds = assign_folds(labels, np.arange(len(labels)), FOLDS, seed)[:, 0]
    n_classes = int(labels.max()) + 1
    of_all = np.full(rows.max() + 1, -1)
    of_all[rows] = labels
    predicted: Predicted = {}
    for learner, settings in LEARNERS.items():
        start = time.process_time()
        leaves = [find_leaf(labels[folds != number]) for number in range(FOLDS)]
        if learner == "gradient_boosting" and min(leaves) == LARGE_LEAF:
            # the same as before
            predicted |= {name.replace(BEFORE, learner): value for name, value in predicted.items()}
            continue
        probs = np.zeros((len(rows), n_classes), dtype=np.float32)
        for number in range(FOLDS):
            fold = Fold(0, number, rows[folds != number], rows[folds == number], n_classes)
            probs[folds == number] = predict_fold(inputs, of_all, fold, Settings(**settings))
        predicted |= {learner: probs, f"{learner}-seconds": np.array(time.process_time() - start)}
    return predicted


def run(path: Path, table: Table, size: int, seed: int) -> None:
    """Predict a draw of a table's rows with labels as they are and flipped, and keep all of it, unless it is kept."""
    inputs, labels = table
    rows = draw_rows(labels, size, seed)
    true = np.unique(labels[rows], return_inverse=True)[1]
    if path.exists() or not len(true) or true.max() == 0:
        return
    kept = {"true": true} | cross_validate(inputs, rows, true, seed)
    clean = np.mean([kept[learner] for learner in LEARNERS], axis=0)
    for kind in KINDS:
        given, flipped = flip_labels(true, kind, SHARE, seed, clean)
        kept |= {f"{kind}-given": given, f"{kind}-flipped": flipped}
        kept |= {f"{kind}-{name}": value for name, value in cross_validate(inputs, rows, given, seed).items()}
    save_arrays(path, kept)


def measure(path: Path) -> dict[str, list[float]]:
    """Return the `MEASURES` of each candidate, and its seconds, in one run."""
    kept = dict(np.load(path))
    measured = {}
    for name, learners in CANDIDATES.items():
        probs = {kind: np.mean([kept[f"{kind}{each}"] for each in learners], axis=0) for kind in ("", *named(KINDS))}
        right = [float((probs[kind].argmax(axis=1) == kept["true"]).mean()) for kind in probs]
        found = [find_flips(kept[f"{kind}given"], probs[kind], kept[f"{kind}flipped"]) for kind in named(KINDS)]
        seconds = float(sum(kept[f"{each}-seconds"] for each in learners))
        measured[name] = [right[0], float(np.mean(right[1:])), *found, seconds]
    return measured


def named(kinds: tuple[str, ...]) -> list[str]:
    """Return what the names of the arrays of each kind of noise begin with."""
    return [f"{kind}-" for kind in kinds]


def find_flips(given: np.ndarray, pred_probs: np.ndarray, flipped: np.ndarray) -> float:
    """Return the average precision of the default score at finding the flips."""
    judged = judge(given, pred_probs, Rules())
    return float(average_precision_score(flipped[judged.kept], -judged.scores))


def gather(kept: Path, names: list[str], size: int) -> dict[str, np.ndarray]:
    """Return what was measured of each candidate with so many rows, (tables, measures): the means over the draws."""
    all_paths = [[kept / f"{name}@{size}@{seed}.npz" for seed in SEEDS] for name in names]
    of_each = [[measure(path) for path in paths if path.exists()] for paths in all_paths]
    return {
        candidate: np.array([np.mean([run[candidate] for run in runs], axis=0) for runs in of_each if runs])
        for candidate in CANDIDATES
    }


def print_tables(measured: dict[int, dict[str, np.ndarray]]) -> None:
    """Print how each candidate does with each number of rows, and then what `auto` is and was, of all numbers."""
    for size, means in measured.items():
        print_table(name_size(size, means), "model", {name: (values, means[BEFORE]) for name, values in means.items()})
    changes = {name_size(size, means): (means[AFTER], means[BEFORE]) for size, means in measured.items()}
    print_table(f"{AFTER}, beside {BEFORE}", "rows", changes)


def name_size(size: int, means: dict[str, np.ndarray]) -> str:
    """Return how many rows of how many tables were drawn."""
    return f"{'all, at most 1,000,' if size == MOST_ROWS else size} of {len(means[BEFORE])} tables"


def print_table(title: str, head: str, rows: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Print a row for each pair of what was measured and what it is held against."""
    print(f"{title}:\n\n| {' | '.join([head, *MEASURES, 'time'])} |\n| --- |{' ---: |' * (len(MEASURES) + 1)}")
    for name, (values, before) in rows.items():
        cells = [compare(values[:, column], before[:, column]) for column in range(len(MEASURES))]
        print(f"| {' | '.join([name, *cells, f'{values[:, -1].mean():.1f} s'])} |")
    print(flush=True)


def compare(values: np.ndarray, before: np.ndarray) -> str:
    """Return the mean over the tables, and how it differs from what it was."""
    differences = values - before
    if not differences.any():
        return f"{values.mean():.3f}"
    half = half_interval(differences)
    return f"{values.mean():.3f} ({differences.mean():+.3f} ± {half:.3f}, worse on {(differences < 0).sum()})"


def main(kept: Path, names: list[str]) -> None:
    """Predict what is not kept, and print a table for each number of rows."""
    kept.mkdir(parents=True, exist_ok=True)
    paths = sorted((Path(os.environ["REAL_DATA"]) / "tables").resolve().glob("*.csv"))
    sources: dict[str, dict[str, Any]] = {path.stem: {"sources": [f"csv:{path}"], "label": "label"} for path in paths}
    sources |= {name: {"sources": [f"sklearn:{name}"]} for name in ("breast_cancer", "wine", "iris")}
    for name in names or sources:
        with tempfile.TemporaryDirectory() as folder:
            table = prepare(Path(folder), sources[name])
            for size in (size for size in SIZES if size == MOST_ROWS or size < len(table[1])):
                for seed in SEEDS:
                    run(kept / f"{name}@{size}@{seed}.npz", table, size, seed)
        print(name, file=sys.stderr, flush=True)
    print_tables({size: gather(kept, names or list(sources), size) for size in SIZES})


if __name__ == "__main__":
    if len(sys.argv) < 2 or "REAL_DATA" not in os.environ:
        raise SystemExit("usage: REAL_DATA=FOLDER python -m benchmarks.table_models KEPT [NAME …]")
    print_conditions()
    main(Path(sys.argv[1]), sys.argv[2:])
