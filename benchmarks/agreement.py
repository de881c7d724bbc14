"""Whether agreement is told rightly, and asking again helps: ``python -m benchmarks.agreement``.

Simulated annotators, so that the truth is known. Three tables:

- how often the 95 % intervals of Krippendorff's alpha and Cohen's kappa hold the value of 100,000 rows;
- how often a change over time is told of the annotator who changed, and of any other, though nothing did;
- on scikit-learn's digits, how many more consensus labels are right after 300 more labels, the mean over five seeds and
  its 95 % interval: of the rows that `ask` names, those that cleanlab's `get_active_learning_scores` does, those whose
  consensus is worst, and any;
- on the same digits, the average precision at finding wrong consensus labels: by two scores of `find_issues`, which
  rank the rows that people look at, and by the quality of the consensus.
"""

import warnings
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from cleanlab.multiannotator import get_active_learning_scores
from scipy.stats import t
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_predict

from benchmarks.conditions import print_conditions
from labels.helping import score_rows
from stages.artifacts.annotations import Annotations, Consensus, vote
from stages.command.modules import load
from stages.consensus.crowdlab import agree_with_others, run_crowdlab
from stages.consensus.doubts import doubt_consensus
from stages.find_issues import scores
from stages.find_issues.confident import describe_rows
from stages.find_issues.evidence import gather_evidence
from stages.report.agreement import measure_alpha, measure_kappas
from stages.report.drift import find_drift
from tests.annotators import simulate

RUNS = 200
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
# which pixels they see
MODELS = {"good": slice(None), "weak": slice(24, 27)}
RANKINGS = ("noise_posterior", "self_confidence")
Scores = Callable[[Annotations, Consensus, np.ndarray, np.random.Generator], np.ndarray]


def measure_coverage() -> None:
    """Print how often the intervals hold the truth."""
    print("| annotators | rows | alpha | held | kappa | held |\n|---|---|---|---|---|---|")
    for name, (right, n_classes) in ABILITIES.items():
        many, _ = simulate(np.random.default_rng(0), 100_000, n_classes, right)
        alpha, kappa = measure_alpha(many), measure_kappas(many, PAIR)["value"][0]
        assert alpha is not None
        for n_rows in SIZES:
            held = np.zeros(2)
            for run in range(RUNS):
                few, _ = simulate(np.random.default_rng(run + 1), n_rows, n_classes, right)
                found, pair = measure_alpha(few), measure_kappas(few, PAIR).iloc[0]
                assert found is not None
                held += [found.low <= alpha.value <= found.high, pair["low"] <= kappa <= pair["high"]]
            shares = held / RUNS
            said = f"{alpha.value:.2f} | {shares[0]:.1%} | {kappa:.2f} | {shares[1]:.1%}"
            print(f"| {name} | {n_rows:,} | {said} |", flush=True)


def measure_drift() -> None:
    """Print how often a change is told."""
    print("\n| what changes | told of the first | told of another |\n|---|---|---|")
    for name, right in COURSES.items():
        told = np.zeros(2)
        for run in range(RUNS):
            annotations, _ = simulate(np.random.default_rng(run), N_TIMES, 5, right)
            drift = find_drift(annotations, annotations.rows.astype(float))
            changed = set(drift.loc[drift["changed"], "annotator"])
            told += ["a0" in changed, bool(changed - {"a0"})]
        print(f"| {name} | {told[0] / RUNS:.1%} | {told[1] / RUNS:.1%} |", flush=True)


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


def measure_choices() -> None:
    """Print how much 300 labels more help, by the rows that are chosen, and how well rankings find wrong labels."""
    gains, precisions = dict[str, np.ndarray](), dict[str, np.ndarray]()
    for model, columns in MODELS.items():
        cases = [_make_case(columns, seed) for seed in range(N_SEEDS)]
        gains[model] = 100 * np.array([_ask_once(case, seed) for seed, case in enumerate(cases)])
        precisions[model] = np.array([_rank_once(case) for case in cases])
    _print_means("right before (%)", WAYS, gains, 2)
    _print_means("", [*RANKINGS, "consensus quality"], precisions, 3)


def _print_means(first: str, names: Iterable[str], measured: dict[str, np.ndarray], digits: int) -> None:
    heads = ["model", *([first] if first else []), *names]
    print(f"\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for model, values in measured.items():
        reach = t.ppf(0.975, N_SEEDS - 1) * values.std(axis=0, ddof=1) / np.sqrt(N_SEEDS)
        cells = [
            f"{mean:.{digits}f} ± {each:.{digits}f}" for mean, each in zip(values.mean(axis=0), reach, strict=True)
        ]
        print(f"| {model} | {' | '.join(cells)} |", flush=True)


class Case(NamedTuple):
    """The digits with simulated annotators, before anybody is asked again."""

    truth: np.ndarray
    said: np.ndarray
    has: np.ndarray
    annotations: Annotations
    probs: np.ndarray
    consensus: Consensus


def _make_case(columns: slice, seed: int) -> Case:
    pixels, truth = load_digits(return_X_y=True)
    rng, n_rows = np.random.default_rng(seed), len(truth)
    knows = rng.random((n_rows, len(KNOW))) < KNOW
    said = np.where(knows, truth[:, None], rng.integers(0, 10, knows.shape))
    ranks = rng.random(knows.shape).argsort(axis=1)
    has = ranks < rng.integers(1, 4, (n_rows, 1))
    annotations = _annotate(said, has)
    voted, _ = vote(annotations.rows, annotations.labels, n_rows)
    model = LogisticRegression(max_iter=200)
    probs = cross_val_predict(model, pixels[:, columns] / 16, voted, cv=5, method="predict_proba")
    return Case(truth, said, has, annotations, probs, _agree(annotations, probs))


def _ask_once(case: Case, seed: int) -> list[float]:
    """Return the share of right consensus labels, and what each way adds to it."""
    right = float((case.consensus.labels == case.truth).mean())
    gains = [right]
    for way in WAYS.values():
        found = way(case.annotations, case.consensus, case.probs, np.random.default_rng(seed))
        more, chance = case.has.copy(), np.random.default_rng(seed)
        for row in np.argsort(found, kind="stable")[:N_ASKED]:
            more[row, chance.choice(np.flatnonzero(~case.has[row]))] = True
        gains.append(float((_agree(_annotate(case.said, more), case.probs).labels == case.truth).mean()) - right)
    return gains


def _rank_once(case: Case) -> list[float]:
    """Return the average precision of each ranking at finding wrong consensus labels."""
    labels, wrong = case.consensus.labels, case.consensus.labels != case.truth
    evidence = gather_evidence(labels, case.probs, describe_rows(labels, case.probs))
    rankings = [load(scores, name).score(evidence) for name in RANKINGS]
    return [average_precision_score(wrong, -each) for each in (*rankings, case.consensus.rows["quality"].to_numpy())]


def _annotate(said: np.ndarray, has: np.ndarray) -> Annotations:
    rows, annotators = np.nonzero(has)
    names = [f"a{number}" for number in range(has.shape[1])]
    return Annotations(rows, annotators, said[rows, annotators], names, len(has))


def _agree(annotations: Annotations, probs: np.ndarray) -> Consensus:
    found = run_crowdlab(annotations, probs)
    quality = found.distribution[np.arange(len(probs)), found.labels].astype(float)
    others = pd.DataFrame({"agreement_with_others": agree_with_others(annotations)})
    rated = found.rate(annotations)
    doubts = doubt_consensus(annotations, probs, found.labels)
    return Consensus(found.labels, pd.DataFrame({"quality": quality}), rated, others, found.distribution, doubts, {})


if __name__ == "__main__":
    warnings.filterwarnings("ignore", category=UserWarning)
    print_conditions()
    measure_coverage()
    measure_drift()
    measure_choices()
