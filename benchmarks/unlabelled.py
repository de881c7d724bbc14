"""What a label teaches by the order of the tab Unlabelled: ``python -m benchmarks.unlabelled FOLDER``.

FOLDER holds ``phoneme.csv`` of the UCI tables, with the column ``label``. A third of the rows is kept for the test, 60
of the others have a label at first, and the rest have none. As the pipeline does, each of five folds of the labelled
rows trains a model, and a row without a label is predicted by the model of the fold that it is dealt to. Then so many
rows are given their true labels, and a model is trained on all labelled rows and tested.

The orders: at random; ``score``, that of cleanlab's `get_active_learning_scores`; ``least confident``, the highest
probability alone; ``mean``, that score of the mean of the five models' probabilities; ``margin``, the least distance
between the two highest; and ``rounds``, the score again after every 50 labels, with models trained anew. All orders of
a seed share the rows of the test and the first labels. The gain is that over random, in percentage points, with its
95 % interval over the seeds.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from cleanlab.multiannotator import get_active_learning_scores
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold, train_test_split

from benchmarks.conditions import print_conditions
from benchmarks.detection import half_interval
from benchmarks.known_models import OF_NUMBERS

SEEDS = range(10)
FIRST, LABELS, ROUND, FOLDS = 60, (50, 100, 200), 50, 5
TEST_SHARE = 1 / 3
Predict = Callable[[], Any]
Rows = np.ndarray


def read_sources(folder: Path) -> dict[str, tuple[np.ndarray, np.ndarray, Predict]]:
    """Return features, labels and what makes a model, by the name of a data set."""
    digits = load_digits()
    table = pd.read_csv(folder / "phoneme.csv")
    features, labels = table.drop(columns="label").to_numpy(float), pd.factorize(table["label"])[0]
    return {
        "digits, logistic regression": (digits.data, digits.target, OF_NUMBERS["lr"]),
        "phoneme, extra trees": (features, labels, OF_NUMBERS["et"]),
    }


def predict(
    features: np.ndarray, labels: np.ndarray, labelled: Rows, wanted: Rows, make: Predict, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the probabilities of the rows that are wanted: of the fold that each is dealt to, and the folds' mean."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(labelled, labels[labelled])
    probs = np.stack([
        make().fit(features[labelled[train]], labels[labelled[train]]).predict_proba(features[wanted])
        for train, _ in folds
    ])  # fmt: skip
    dealt = np.random.default_rng(seed).permutation(np.arange(len(wanted)) % FOLDS)
    return probs[dealt, np.arange(len(wanted))], probs.mean(axis=0)


def order(probs: np.ndarray, by: str) -> Rows:
    """Return the places of rows, those to label first."""
    highest = np.sort(probs, axis=1)
    scores: dict[str, Predict] = {
        "score": lambda: get_active_learning_scores(pred_probs_unlabeled=probs)[1],
        "least confident": lambda: highest[:, -1],
        "margin": lambda: highest[:, -1] - highest[:, -2],
    }
    return np.argsort(scores[by](), kind="stable")


def choose(
    features: np.ndarray, labels: np.ndarray, first: Rows, rest: Rows, make: Predict, seed: int
) -> dict[str, Rows]:
    """Return the rows of ``rest`` in the order in which they are labelled, by the name of the order."""
    dealt, mean = predict(features, labels, first, rest, make, seed)
    orders = {by: rest[order(dealt, by)] for by in ("score", "least confident", "margin")}
    orders["mean"] = rest[order(mean, "score")]
    orders["random"] = np.random.default_rng(seed).permutation(rest)
    taken = np.empty(0, dtype=np.int64)
    while len(taken) < max(LABELS):
        left = np.setdiff1d(rest, taken)
        probs, _ = predict(features, labels, np.concatenate([first, taken]), left, make, seed)
        taken = np.concatenate([taken, left[order(probs, "score")[:ROUND]]])
    return orders | {"rounds": taken}


def run(features: np.ndarray, labels: np.ndarray, make: Predict, seed: int) -> dict[tuple[str, int], float]:
    """Return the accuracy on the rows kept for the test, by order and number of new labels."""
    rows = np.arange(len(labels))
    rest, test = train_test_split(rows, test_size=TEST_SHARE, stratify=labels, random_state=seed)
    rest, first = train_test_split(rest, test_size=FIRST, stratify=labels[rest], random_state=seed)

    def score(trained: Rows) -> float:
        return float((make().fit(features[trained], labels[trained]).predict(features[test]) == labels[test]).mean())

    measured = {("none", 0): score(first)}
    orders = choose(features, labels, first, rest, make, seed)
    if (orders["score"] != orders["least confident"]).any():
        print("the score and the highest probability alone give other orders")
    for name, ordered in orders.items():
        measured |= {(name, count): score(np.concatenate([first, ordered[:count]])) for count in LABELS}
    return measured


def main(folder: Path) -> None:
    """Measure and print a table for each data set."""
    print_conditions()
    for name, (features, labels, make) in read_sources(folder).items():
        runs = pd.DataFrame([run(features, labels, make, seed) for seed in SEEDS])
        print(f"{name}: {runs[('none', 0)].mean():.1%} with the first {FIRST} labels, {len(SEEDS)} seeds\n")
        print(f"| order | {' | '.join(f'{count} labels more' for count in LABELS)} |")
        print(f"| --- |{' ---: |' * len(LABELS)}")
        for by in ("random", "score", "least confident", "mean", "margin", "rounds"):
            print(f"| {by} | {' | '.join(describe(runs, by, count) for count in LABELS)} |")
        print()


def describe(runs: pd.DataFrame, by: str, count: int) -> str:
    """Return the mean accuracy, and beside it the gain over random labels."""
    accuracy = runs[(by, count)]
    if by == "random":
        return f"{accuracy.mean():.1%}"
    gain = (accuracy - runs[("random", count)]).to_numpy()
    return f"{accuracy.mean():.1%} ({100 * gain.mean():+.1f} ± {100 * half_interval(gain):.1f})"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
