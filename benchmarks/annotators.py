"""How well a consensus of several annotators is found: ``python -m benchmarks.annotators [NAME ...]``.

The names are digits, breast_cancer, mnist and banking77, and size.
Annotators are simulated, because the truth must be known: 30 of them, of whom 3 give any class at random, 3 mix up two
classes four times in five, and all others are right with a probability between .6 and .98. Each row has 1 to 5 labels.
``size`` is what `benchmarks.consensus_size` measures.
"""

import sys
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy.stats import t as student
from sklearn.datasets import load_breast_cancer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.preprocessing import StandardScaler

from benchmarks.conditions import print_conditions
from benchmarks.consensus_size import print_sizes
from benchmarks.known_data import list_pictures, list_texts
from stages.artifacts.annotations import Annotations, vote
from stages.consensus.choice import CROWDLAB, DAWID_SKENE, MAJORITY, find_consensus
from stages.consensus.estimate import Estimate

SEEDS = 5
N_ANNOTATORS, N_SPAMMERS, N_MIXING, MOST_LABELS = 30, 3, 3, 5
WORST, BEST, MIXED_UP = 0.6, 0.98, 0.8
# symmetry and fractal dimension, as their errors are given: they hardly tell the classes
WEAK_COLUMNS = [18, 19]
METHODS = (MAJORITY, DAWID_SKENE, CROWDLAB)
CHOSEN = "chosen"


def simulate(true: np.ndarray, n_classes: int, rng: np.random.Generator, single: float = 0) -> Annotations:
    """Let annotators label rows whose classes are known; a share of the rows has one label alone."""
    quality = rng.uniform(WORST, BEST, N_ANNOTATORS)
    quality[:N_SPAMMERS] = 1 / n_classes
    counts = np.where(rng.random(len(true)) < single, 1, rng.integers(1, MOST_LABELS + 1, len(true)))
    rows = np.repeat(np.arange(len(true)), counts)
    who = np.concatenate([np.sort(rng.choice(N_ANNOTATORS, count, replace=False)) for count in counts])
    wrong = (true[rows] + rng.integers(1, n_classes, len(rows))) % n_classes
    labels = np.where(rng.random(len(rows)) < quality[who], true[rows], wrong)
    for mixing in range(N_SPAMMERS, N_SPAMMERS + N_MIXING):
        one, other = rng.choice(n_classes, 2, replace=False)
        mixed = (who == mixing) & np.isin(true[rows], [one, other]) & (rng.random(len(rows)) < MIXED_UP)
        labels[mixed] = one + other - true[rows][mixed]
    names = [f"a{number:02}" for number in range(N_ANNOTATORS)]
    return Annotations(rows.astype(np.int32), who.astype(np.int32), labels.astype(np.int32), names, len(true))


def load(name: str) -> tuple[dict[str, Any], np.ndarray]:
    """Return what a good and a weak model see of each row, maybe a fair one too, and the rows' classes."""
    if name == "breast_cancer":
        columns, labels = load_breast_cancer(return_X_y=True)
        scaled = StandardScaler().fit_transform(columns)
        noisy = scaled + np.random.default_rng(0).normal(size=scaled.shape)
        return {"good": scaled, "fair": noisy, "weak": scaled[:, WEAK_COLUMNS]}, labels
    known = {"digits": "digits", "mnist": "mnist4000", "banking77": "bank3000"}[name]
    found = next(each for each in (list_texts() if name == "banking77" else list_pictures()) if each.name == known)
    if found.form == "picture":
        # a few pixels in the middle, spread over the picture
        middle = np.linspace(0, found.rows.shape[1] - 1, 9, dtype=int)[3:6]
        return {"good": found.rows, "weak": found.rows[:, middle]}, found.labels
    beginnings = [" ".join(text.split()[:2]) for text in found.rows]
    seen = {"good": found.rows, "weak": beginnings}
    return {model: TfidfVectorizer().fit_transform(texts) for model, texts in seen.items()}, found.labels


def predict(seen: Any, labels: np.ndarray, n_classes: int, seed: int) -> np.ndarray:
    """Predict each row out of sample by a logistic regression trained on some labels."""
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = cross_val_predict(LogisticRegression(C=3, max_iter=100), seen, labels, cv=folds, method="predict_proba")
    pred_probs = np.zeros((len(labels), n_classes), dtype=np.float32)
    pred_probs[:, np.unique(labels)] = found
    return pred_probs


def measure(said: Annotations, found: Estimate, true: np.ndarray) -> dict[str, float]:
    """Compare an estimate with the truth."""
    n_given = np.bincount(said.annotators, minlength=N_ANNOTATORS)
    right = np.bincount(said.annotators, said.labels == true[said.rows], N_ANNOTATORS) / np.maximum(n_given, 1)
    wrong = found.labels != true
    quality = found.distribution[np.arange(len(true)), found.labels]
    return {
        "accuracy": float(1 - wrong.mean()),
        "correlation": float(np.corrcoef(found.annotators, right)[0, 1]),
        "spammers last": float(found.annotators[:N_SPAMMERS].max() < found.annotators[N_SPAMMERS:].min()),
        "AP": float(average_precision_score(wrong, -quality)),
    }


def run_seed(
    seen: dict[str, Any], true: np.ndarray, seed: int, single: float
) -> Iterator[tuple[str, str, dict[str, float]]]:
    """Yield the model, the method and what it gives for one draw of annotators."""
    rng, n_classes = np.random.default_rng(seed), int(true.max()) + 1
    said = simulate(true, n_classes, rng, single)
    voted, _ = vote(said.rows, said.labels, said.n_rows)
    models = seen | {"useless": rng.normal(size=(len(true), 5))}
    for number, (model, columns) in enumerate(models.items()):
        pred_probs = predict(columns, voted, n_classes, seed)
        found = {method.name: method.run(said, pred_probs) for method in METHODS[0 if number == 0 else 2 :]}
        chosen = find_consensus(said, pred_probs, voted)
        yield from ((model, name, measure(said, each, true)) for name, each in found.items())
        measures = measure(said, chosen.estimate, true)
        yield model, CHOSEN, measures | {CROWDLAB.name: float(chosen.method is CROWDLAB)}
        if model == "good":
            again = CROWDLAB.run(said, predict(columns, found[CROWDLAB.name].labels, n_classes, seed))
            yield model, "crowdlab, second round", measure(said, again, true)


def compare(name: str, single: float = 0) -> None:
    """Print a table for a data set: means over the seeds, with 95 % intervals of the mean."""
    seen, true = load(name)
    found: dict[tuple[str, str], list[dict[str, float]]] = {}
    for seed in range(SEEDS):
        for model, method, measures in run_seed(seen, true, seed, single):
            found.setdefault((model, method), []).append(measures)
    print(
        f"{name}: {len(true):,} rows, {true.max() + 1} classes; {single:.0%} of the rows have one label; {SEEDS} seeds"
    )
    print("| model | consensus | accuracy | annotators: correlation | spammers last | AP of wrong labels |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for (model, method), runs in found.items():
        cells = [interval([run[key] for run in runs]) for key in ("accuracy", "correlation", "AP")]
        last = f"{sum(run['spammers last'] for run in runs):.0f} of {len(runs)}"
        if method == CHOSEN:
            method = f"{CHOSEN}, {CROWDLAB.name} in {sum(run[CROWDLAB.name] for run in runs):.0f}"
        about = "any" if method in (MAJORITY.name, DAWID_SKENE.name) else model
        print(f"| {about} | {method} | {cells[0]} | {cells[1]} | {last} | {cells[2]} |", flush=True)
    print()


def interval(values: Sequence[float] | np.ndarray) -> str:
    """Return the mean and how far its 95 % interval reaches, as text."""
    half = student.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return f"{np.mean(values):.3f} ± {half:.3f}"


if __name__ == "__main__":
    print_conditions()
    for wanted in sys.argv[1:] or ["digits", "size"]:
        if wanted == "size":
            print_sizes()
        else:
            compare(wanted)
            if wanted == "digits":
                compare(wanted, single=0.9)
