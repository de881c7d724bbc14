"""Whether a consensus is better if reviewers' verdicts count as annotations.

``python -m benchmarks.reviewers_as_annotators``

Simulated annotators as in `benchmarks.annotators`, with good, weak and useless models, and one reviewer of a known
quality who decides on the rows with the worst consensus, or on any. Where the reviewer errs, a wrong consensus is
confirmed, or a right one changed to any other class. The verdicts then count as an annotator's whose quality is not
estimated but known. Prints for CROWDLAB and for Dawid and Skene what that adds: to the accuracy on rows on which nobody
decided, and to the correlation of the annotators' estimated with their true quality, and what it takes from their mean
distance. Means over five seeds with 95 % intervals.
"""

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.annotators import N_ANNOTATORS, SEEDS, interval, load, predict, simulate
from benchmarks.conditions import print_conditions
from stages.artifacts.annotations import Annotations, vote
from stages.consensus import crowdlab, dawid_skene
from stages.consensus.estimate import Estimate

# the share of rows with one label
DATA = {"digits": 0.0, "digits, 90 % of the rows with one label": 0.9, "breast_cancer": 0.0}
QUALITIES, VERDICTS, CHOICES = (0.9, 0.99), (40, 200), ("worst", "any")
REVIEWER = "reviewer"


def run_method(name: str, said: Annotations, pred_probs: np.ndarray, quality: float | None = None) -> Estimate:
    """Find the consensus; a ``quality`` is that of the last annotator, and is known."""
    if name == "crowdlab":
        measured = crowdlab.agree_with_others(said)
        with patch.object(crowdlab, "agree_with_others", lambda said: _put_last(measured, quality)):
            return crowdlab.run_crowdlab(said, pred_probs)
    n_classes = pred_probs.shape[1]
    with nullcontext() if quality is None else patch.object(dawid_skene, "Model", _know_last(n_classes, quality)):
        return dawid_skene.run_dawid_skene(said, n_classes)


def _put_last(values: np.ndarray, last: float | None) -> np.ndarray:
    return values if last is None else np.append(values[:-1], last)


def _know_last(n_classes: int, quality: float) -> type[dawid_skene.Model]:
    said = np.full((n_classes + 1, n_classes), (1 - quality) / (n_classes - 1))
    said[1:][np.diag_indices(n_classes)] = quality

    class Known(dawid_skene.Model):
        def maximise(self) -> None:
            super().maximise()
            self.logs[-len(said) :] = np.log(said)

    return Known


def decide(
    said: Annotations, found: Estimate, true: np.ndarray, quality: float, rows: np.ndarray, rng: np.random.Generator
) -> Annotations:
    """Add a reviewer's verdicts on some rows, as those of one more annotator."""
    n_classes = found.distribution.shape[1]
    other = (true[rows] + rng.integers(1, n_classes, len(rows))) % n_classes
    wrong = np.where(found.labels[rows] != true[rows], found.labels[rows], other)
    labels = np.where(rng.random(len(rows)) < quality, true[rows], wrong)
    at = np.concatenate([said.rows, rows]).astype(np.int32)
    who = np.concatenate([said.annotators, np.full(len(rows), len(said.names))]).astype(np.int32)
    called = np.concatenate([said.labels, labels]).astype(np.int32)
    order = np.lexsort((who, at))
    return Annotations(at[order], who[order], called[order], [*said.names, REVIEWER], said.n_rows)


def run_seed(seen: dict[str, Any], true: np.ndarray, seed: int, single: float) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what is compared, and accuracy, correlation and distance before, and what each gained, (6,) float64."""
    rng, n_classes = np.random.default_rng(seed), int(true.max()) + 1
    said = simulate(true, n_classes, rng, single)
    voted, _ = vote(said.rows, said.labels, said.n_rows)
    models = seen | {"useless": rng.normal(size=(len(true), 5))}
    for model, columns in models.items():
        pred_probs = predict(columns, voted, n_classes, seed)
        for method in ("crowdlab", "dawid_skene") if model == "good" else ("crowdlab",):
            found = run_method(method, said, pred_probs)
            worst = np.argsort(found.distribution[np.arange(len(true)), found.labels], kind="stable")
            about = f"{model} model" if method == "crowdlab" else "any model"
            for choice in CHOICES:
                rows = worst if choice == "worst" else rng.permutation(len(true))
                for quality in QUALITIES:
                    for count in VERDICTS:
                        more = decide(said, found, true, quality, rows[:count], rng)
                        after = run_method(method, more, pred_probs, quality)
                        left = rows[count:]
                        before, then = (_measure(said, each, true, left) for each in (found, after))
                        name = f"{method}, {about} | {quality} | {count} | {choice}"
                        yield name, np.concatenate([before, then - before])


def _measure(said: Annotations, found: Estimate, true: np.ndarray, rows: np.ndarray) -> np.ndarray:
    n_given = np.bincount(said.annotators, minlength=N_ANNOTATORS)
    right = np.bincount(said.annotators, said.labels == true[said.rows], N_ANNOTATORS) / np.maximum(n_given, 1)
    quality = found.annotators[:N_ANNOTATORS]
    accuracy = np.mean(found.labels[rows] == true[rows])
    return np.array([accuracy, np.corrcoef(quality, right)[0, 1], np.abs(quality - right).mean()])


def main(names: list[str]) -> None:
    """Print a table for each data set."""
    for name in names:
        seen, true = load(name.split(",")[0])
        gains: dict[str, list[np.ndarray]] = {}
        for seed in range(SEEDS):
            for what, found in run_seed(seen, true, seed, DATA[name]):
                gains.setdefault(what, []).append(found)
        print(f"\n{name}: {len(true):,} rows; before, and what verdicts add")
        print("| consensus | reviewer | verdicts | rows | accuracy | | correlation | | distance | |")
        print("|---|---:|---:|---|---:|---:|---:|---:|---:|---:|")
        for what, runs in gains.items():
            columns = np.array(runs).T
            cells = [f"{columns[place].mean():.3f} | {interval(columns[place + 3])}" for place in range(3)]
            print(f"| {what} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    print_conditions()
    main(sys.argv[1:] or list(DATA))
