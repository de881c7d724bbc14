"""How often `compare` tells a difference that is none: ``python -m benchmarks.compared_luck [TRIALS [MODEL …]]``.

In each trial 800 of the digits are drawn and 5 % of their labels made wrong, hard ones rather. A first training
chooses what a person looks at: its 80 most doubtful rows; 200 rows are drawn by weight, as a certificate draws them;
and 300 are a split. A person who makes no mistake judges these. Then models are trained on two sets of labels
that are equally good, three times on each:

- the same labels twice, with other seeds;
- labels of which other ten rows are wrong in one than in the other, both drawn at random.

It counts how often a difference is told, which 5 % of the 95 % intervals may, for accuracy and log loss on each of the
three sets of rows: the mean of these six shares, and the highest. Beside *as it is* stands what would be said without
the cures: *once*, by one training on each and Wald's interval over the rows; *reused*, if the given labels' predictions
were those that chose the rows, too, which can be seen of other seeds alone; and *no halves*, without the luck of which
labels were changed.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.tree import ExtraTreeClassifier

from benchmarks.conditions import print_conditions
from stages.certificate.drawing import order_rows, weigh_rows
from stages.compare.drawn import Sample
from stages.compare.interval import Difference, Verdict, compare_hits, compare_losses
from stages.compare.rows import Rows
from stages.compare.training import ARMS, Scores, list_labels, score_rows
from stages.flip.noise import flip_labels, flip_uniformly

ROWS, SHARE, FOLDS, REPEATS, CHANGED = 800, 0.05, 5, 3, 10
DOUBTFUL, DRAWN, SPLIT = 80, 200, 300
MODELS: dict[str, Callable[[int], object]] = {
    "network": lambda seed: MLPClassifier((24,), max_iter=10, learning_rate_init=0.02, random_state=seed),
    "forest": lambda seed: ExtraTreesClassifier(12, random_state=seed),
    "regression": lambda seed: LogisticRegression(C=0.1, max_iter=60, tol=1e-3),
    "weak tree": lambda seed: ExtraTreeClassifier(max_depth=6, min_samples_leaf=5, random_state=seed),
    "useless tree": lambda seed: ExtraTreeClassifier(max_depth=1, random_state=seed),
}

WAYS = ("as it is", "once", "reused", "no halves")


class Case(NamedTuple):
    """A trial: the rows, their true and given labels, and what is looked at, as weights of each set."""

    rows: np.ndarray
    true: np.ndarray
    given: np.ndarray
    sets: dict[str, np.ndarray]
    chosen: Scores


def cross_validate(model: str, rows: np.ndarray, labels: np.ndarray, true: np.ndarray, seed: int) -> np.ndarray:
    """Return out-of-sample probabilities, (n, 10) float32; the folds are the same whatever the labels and the seed."""
    pred_probs = np.zeros((len(rows), 10), dtype=np.float32)
    for fold, (train, test) in enumerate(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(rows, true)):
        fitted = MODELS[model](1000 * seed + fold).fit(rows[train], labels[train])  # type: ignore[attr-defined]
        pred_probs[test] = fitted.predict_proba(rows[test])
    return pred_probs


def make_case(model: str, trial: int, reference: np.ndarray) -> Case:
    """Draw rows, make labels wrong and choose what is looked at."""
    rng = np.random.default_rng(trial)
    pixels, labels = load_digits(return_X_y=True)
    drawn = rng.choice(len(labels), ROWS, replace=False)
    rows, true = pixels[drawn] / 16, labels[drawn]
    given, _ = flip_labels(true, "instance_dependent", SHARE, trial, reference[drawn])
    pred_probs = cross_validate(model, rows, given, true, 0)
    doubt = 1 - pred_probs[np.arange(ROWS), given]
    weights = weigh_rows(np.clip(doubt / 4, 0, 1))
    order = order_rows([str(row) for row in range(ROWS)], weights, str(trial))[:DRAWN]
    sets = {name: np.zeros(ROWS) for name in ("drawn", "decided", "untouched")}
    # near enough to the chances, for a tenth of the trial's rows or so
    sets["drawn"][order] = 1 / weights[order]
    sets["decided"][np.argsort(-doubt, kind="stable")[:DOUBTFUL]] = 1
    sets["untouched"][rng.choice(ROWS, SPLIT, replace=False)] = 1
    return Case(rows, true, given, sets, score_rows(pred_probs, true))


def train(model: str, case: Case, labels: Sequence[np.ndarray], seeds: range) -> Scores:
    """Return how the rows are scored after training on each of the labels with each seed."""
    scores = [
        score_rows(cross_validate(model, case.rows, each, case.true, seed), case.true)
        for each, seed in zip(labels, seeds, strict=True)
    ]
    return Scores(*map(np.column_stack, zip(*scores, strict=True)))


def make_equal(case: Case, trial: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the given labels twice, with other rows wrong in each, as many in both."""
    rows = np.random.default_rng([trial, 1]).choice(ROWS, 2 * CHANGED, replace=False)
    wrong, _ = flip_uniformly(case.given[rows], 10, 0.999, trial)
    both = case.given.copy(), case.given.copy()
    for labels, part in zip(both, (slice(CHANGED), slice(CHANGED, None)), strict=True):
        labels[rows[part]] = wrong[part]
    return both


def compare_once(given: np.ndarray, cleaned: np.ndarray, weights: np.ndarray) -> bool:
    """Say whether one training on each differs by Wald's interval over the rows."""
    share, differences = weights / weights.sum(), cleaned.astype(float) - given
    mean = float(share @ differences)
    return abs(mean) > 1.96 * float(np.sqrt(((share * (differences - mean)) ** 2).sum()))


def is_told(difference: Difference) -> bool:
    """Say whether a difference is told."""
    return difference.judge(more_is_better=True) != Verdict.UNCLEAR


def judge(case: Case, given: Scores, cleaned: Scores, halves: tuple[Scores, Scores]) -> Iterator[tuple[object, ...]]:
    """Yield set, score, and for each of `WAYS` whether a difference is told."""
    for name, weights in case.sets.items():
        kept = weights > 0
        for score, compare in (("hits", compare_hits), ("losses", compare_losses)):
            ours, theirs, before, half, rest = (
                getattr(each, score)[kept] for each in (given, cleaned, case.chosen, *halves)
            )
            told = is_told(compare(ours, theirs, (half, rest), weights[kept]))
            without = is_told(compare(ours, theirs, (half, half), weights[kept]))
            once = compare_once(ours[:, 0], theirs[:, 0], weights[kept])
            # the training that chose the rows had the given labels
            reused = compare_once(before, theirs[:, 0], weights[kept]) if halves[0] is given else np.nan
            yield name, score, told, once, reused, without


def run(model: str, trials: range, reference: np.ndarray) -> pd.DataFrame:
    """Return a line for each trial, null, set and score."""
    lines: list[tuple[object, ...]] = []
    first, second = range(1, 1 + REPEATS), range(1 + REPEATS, 1 + 2 * REPEATS)
    for trial in trials:
        case = make_case(model, trial, reference)
        given, cleaned = (train(model, case, [case.given] * REPEATS, seeds) for seeds in (first, second))
        lines += [("other seeds", *line) for line in judge(case, given, cleaned, (given, given))]
        pair = make_equal(case, trial)
        halves = [list_labels(rows_of(*pair), repeat) for repeat in range(REPEATS)]
        arms = [train(model, case, [half[name] for half in halves], first) for name in ARMS]
        lines += [("other rows wrong", *line) for line in judge(case, arms[0], arms[1], (arms[2], arms[3]))]
    return pd.DataFrame(lines, columns=["labels", "rows", "score", *WAYS])


def rows_of(given: np.ndarray, cleaned: np.ndarray) -> Rows:
    """Return rows of which the labels alone are known."""
    nobody = np.zeros(len(given), dtype=bool)
    return Rows(pd.Series(range(len(given))).astype(str), given, cleaned, nobody, nobody, Sample(nobody), [])


def main(trials: int, names: Sequence[str]) -> None:
    """Run all trials and print in which share of them a difference is told: the mean of six, and the highest."""
    pixels, labels = load_digits(return_X_y=True)
    reference = cross_validate("forest", pixels / 16, labels, labels, 99)
    print(f"| model | accuracy, % | labels | trials | {' | '.join(WAYS)} |\n| --- | ---: | --- |{' ---: |' * 5}")
    for model in names:
        right = make_case(model, 0, reference).chosen.hits.mean()
        told = run(model, range(trials), reference)
        shares = 100 * told.groupby(["labels", "rows", "score"], sort=False)[list(WAYS)].mean()
        for null, part in shares.groupby("labels", sort=False):
            cells = [f"{part[way].mean():.1f} ({part[way].max():.1f})".replace("nan (nan)", "") for way in WAYS]
            print(f"| {model} | {100 * right:.0f} | {null} | {trials} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    print_conditions()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, sys.argv[2:] or list(MODELS))
