"""Whether agreement is told rightly, and asking again helps: ``python -m benchmarks.agreement [RUNS]``.

Simulated annotators, so that the truth is known. Three tables:

- how often the 95 % intervals of Krippendorff's alpha and Cohen's kappa hold the value of 100,000 rows;
- how often a change over time is told of the annotator who changed, and of any other, though nothing did;
- on scikit-learn's digits, how many more consensus labels are right after 300 more labels, the mean over five seeds and
  its 95 % interval: of the rows that `ask` names, those that cleanlab's `get_active_learning_scores` does, those whose
  consensus is worst, and any.
"""

import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from cleanlab.multiannotator import get_active_learning_scores
from scipy.stats import t
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from benchmarks.conditions import print_conditions
from labels.helping import score_rows
from stages.artifacts.annotations import Annotations, Consensus, vote
from stages.consensus.crowdlab import agree_with_others, run_crowdlab
from stages.report.agreement import measure_alpha, measure_kappas
from stages.report.drift import find_drift
from tests.annotators import simulate

RUNS = 400
GUESSING = 0.0
PAIR = np.array([0, 1])
# how often each of three knows the label (else they guess), of how many classes
ABILITIES = {
    "always right": ([1.0, 1.0, 1.0], 4),
    "good": ([0.97, 0.95, 0.95], 4),
    "good, ten classes": ([0.97, 0.95, 0.95], 10),
    "weak": ([0.6, 0.5, 0.4], 4),
    "guessing": ([GUESSING] * 3, 4),
    "guessing, ten classes": ([GUESSING] * 3, 10),
}
SIZES = (50, 200, 1000)
N_TIMES = 1000
COURSE = np.arange(N_TIMES) / N_TIMES
COURSES: dict[str, list[Any]] = {
    "nothing changes, good": [0.95, 0.9, 0.9],
    "nothing changes, five": [0.95, 0.9, 0.9, 0.8, 0.7],
    "nothing changes, weak": [0.6, 0.5, 0.4],
    "nothing changes, guessing": [GUESSING] * 3,
    "rows get harder for all": [0.95 - 0.3 * COURSE] * 3,
    "rows get harder, mixed abilities": [ability * (1 - 0.3 * COURSE) for ability in (0.97, 0.9, 0.8, 0.7, 0.1)],
    "the first falls from .95 to .75": [0.95 - 0.2 * COURSE, 0.9, 0.9],
    "the first is at .6 in the last fifth": [np.where(COURSE > 0.8, 0.6, 0.9), 0.9, 0.9],
    "the same, of five": [np.where(COURSE > 0.8, 0.6, 0.9), 0.9, 0.9, 0.9, 0.9],
}
# of the digits' annotators, each of whom labels some rows
KNOW = np.array([0.98, 0.9, 0.85, 0.75, 0.6, 0.1])
N_SEEDS, N_ASKED = 5, 300
Scores = Callable[[Annotations, Consensus, np.ndarray, np.random.Generator], np.ndarray]


def measure_coverage(runs: int) -> None:
    """Print how often the intervals hold the truth."""
    print("| annotators | rows | alpha | held | kappa | held |\n|---|---|---|---|---|---|")
    for name, (right, n_classes) in ABILITIES.items():
        many, _ = simulate(np.random.default_rng(0), 100_000, n_classes, right)
        alpha, kappa = measure_alpha(many), measure_kappas(many, PAIR)["value"][0]
        assert alpha is not None
        for n_rows in SIZES:
            held = np.zeros(2)
            for run in range(runs):
                few, _ = simulate(np.random.default_rng(run + 1), n_rows, n_classes, right)
                found, pair = measure_alpha(few), measure_kappas(few, PAIR).iloc[0]
                assert found is not None
                held += [found.low <= alpha.value <= found.high, pair["low"] <= kappa <= pair["high"]]
            shares = held / runs
            said = f"{alpha.value:.2f} | {shares[0]:.1%} | {kappa:.2f} | {shares[1]:.1%}"
            print(f"| {name} | {n_rows:,} | {said} |", flush=True)


def measure_drift(runs: int) -> None:
    """Print how often a change is told."""
    print("\n| what changes | told of the first | told of another |\n|---|---|---|")
    for name, right in COURSES.items():
        told = np.zeros(2)
        for run in range(runs):
            annotations, _ = simulate(np.random.default_rng(run), N_TIMES, 5, right)
            drift = find_drift(annotations, annotations.rows.astype(float))
            changed = set(drift.loc[drift["changed"], "annotator"])
            told += ["a0" in changed, bool(changed - {"a0"})]
        print(f"| {name} | {told[0] / runs:.1%} | {told[1] / runs:.1%} |", flush=True)


def _ask_cleanlab(
    annotations: Annotations, consensus: Consensus, probs: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    wide = np.full((annotations.n_rows, len(annotations.names)), np.nan)
    wide[annotations.rows, annotations.annotators] = annotations.labels
    scores: np.ndarray = get_active_learning_scores(wide, probs)[0]
    return scores


WAYS: dict[str, Scores] = {
    "ask": lambda annotations, consensus, probs, rng: score_rows(annotations, consensus, probs),
    "cleanlab's ActiveLab": _ask_cleanlab,
    "worst consensus": lambda annotations, consensus, probs, rng: consensus.rows["quality"].to_numpy(),
    "any rows": lambda annotations, consensus, probs, rng: rng.random(annotations.n_rows),
}


def measure_asking() -> None:
    """Print how much 300 labels more help, by the rows that are chosen."""
    pixels, truth = load_digits(return_X_y=True)
    print("\n| model | right before | " + " | ".join(WAYS) + " |\n|---|---|" + "---|" * len(WAYS))
    for model, columns in (("good", slice(None)), ("weak", slice(24, 27))):
        gains = np.array([_ask_once(pixels[:, columns] / 16, truth, seed) for seed in range(N_SEEDS)])
        means = gains.mean(axis=0)
        reach = t.ppf(0.975, N_SEEDS - 1) * gains.std(axis=0, ddof=1) / np.sqrt(N_SEEDS)
        cells = [f"+{100 * mean:.2f} ± {100 * each:.2f}" for mean, each in zip(means[1:], reach[1:], strict=True)]
        print(f"| {model} | {100 * means[0]:.1f} % | " + " | ".join(cells) + " |", flush=True)


def _ask_once(features: np.ndarray, truth: np.ndarray, seed: int) -> list[float]:
    """Return the share of right consensus labels, and what each way adds to it."""
    rng, n_rows = np.random.default_rng(seed), len(truth)
    knows = rng.random((n_rows, len(KNOW))) < KNOW
    said = np.where(knows, truth[:, None], rng.integers(0, 10, knows.shape))
    ranks = rng.random(knows.shape).argsort(axis=1)
    has = ranks < rng.integers(1, 4, (n_rows, 1))
    before = _annotate(said, has)
    voted, _ = vote(before.rows, before.labels, n_rows)
    model = LogisticRegression(max_iter=200)
    probs = cross_val_predict(model, features, voted, cv=5, method="predict_proba")
    consensus = _agree(before, probs)
    right = float((consensus.labels == truth).mean())
    gains = [right]
    for way in WAYS.values():
        scores = way(before, consensus, probs, np.random.default_rng(seed))
        more, chance = has.copy(), np.random.default_rng(seed)
        for row in np.argsort(scores, kind="stable")[:N_ASKED]:
            more[row, chance.choice(np.flatnonzero(~has[row]))] = True
        gains.append(float((_agree(_annotate(said, more), probs).labels == truth).mean()) - right)
    return gains


def _annotate(said: np.ndarray, has: np.ndarray) -> Annotations:
    rows, annotators = np.nonzero(has)
    names = [f"a{number}" for number in range(has.shape[1])]
    return Annotations(rows, annotators, said[rows, annotators], names, len(has))


def _agree(annotations: Annotations, probs: np.ndarray) -> Consensus:
    found = run_crowdlab(annotations, probs)
    quality = found.distribution[np.arange(len(probs)), found.labels].astype(float)
    others = pd.DataFrame({"agreement_with_others": agree_with_others(annotations)})
    rated = found.rate(annotations)
    return Consensus(found.labels, pd.DataFrame({"quality": quality}), rated, others, found.distribution, {})


if __name__ == "__main__":
    warnings.filterwarnings("ignore", category=UserWarning)
    print_conditions()
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    measure_coverage(wanted)
    measure_drift(wanted)
    measure_asking()
