"""Whether a model may judge the labels of several annotators, and how many of them it expects to be wrong.

    python -m benchmarks.annotated_trust [NAME ...]

The names are those of `benchmarks.annotators`, digits and breast_cancer by default. The consensus rests on the model
too, so that its accuracy against it flatters. Annotators are simulated in four ways, with three seeds each:

- **many**: as `benchmarks.annotators` does, with 1 to 5 labels a row;
- **single**: the same, with one label for nine rows in ten;
- **three** label every row, each right with a probability between .75 and .95;
- **hard rows**: three more, who err most on the same rows, and there take the class that these look most like.

A row of the first table is a data set and a model, and one of the second a way to simulate. Expected and wrong labels
are added up over the runs in which anything is expected. Decisions are right, half of them on the worst rows, half on
those that the review page spreads.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.decomposition import TruncatedSVD
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from benchmarks.annotators import load, predict, simulate
from benchmarks.conditions import print_conditions
from benchmarks.trust_measure import choose_verdicts
from benchmarks.trust_tables import WIDE
from stages.artifacts.annotations import Annotations, vote
from stages.artifacts.trust import Worth
from stages.consensus.choice import MAJORITY, find_consensus
from stages.consensus.doubts import doubt_consensus
from stages.find_issues.confident import describe_rows
from stages.find_issues.judge import Agreed, Judged, judge_rows
from stages.find_issues.settings import Settings

DATASETS, SEEDS = ("digits", "breast_cancer"), range(3)
USELESS = "useless"
LEAST, MOST, HARDNESS = 0.75, 0.95, 5.0
N_DECISIONS = 20
HEAD = "runs | expected | wrong | within 0.67–1.5 | band holds | after 20 decisions: within | band holds"


def simulate_three(true: np.ndarray, looks: np.ndarray, rng: np.random.Generator, hardness: float) -> Annotations:
    """Let three annotators label every row.

    Parameters
    ----------
    true : ndarray of shape (n,), int64
        The rows' classes.
    looks : ndarray of shape (n, K), float64
        How much each row looks like each class.
    rng : Generator
        Decides who errs, and where to.
    hardness : float
        How far the log-odds of the hardest and the easiest row are apart; 0 if all rows and classes are alike.
    """
    n_rows, everything = len(true), np.arange(len(true))
    easy = (looks[everything, true] + 1e-3 * rng.random(n_rows)).argsort().argsort() / n_rows - 0.5
    odds = rng.uniform(LEAST, MOST, 3)
    log_odds = np.log(odds / (1 - odds)) + hardness * easy[:, None]
    is_right = rng.random((n_rows, 3)) < 1 / (1 + np.exp(-log_odds))
    tempting = (looks + 0.02) ** 2 if hardness else np.ones_like(looks)
    tempting[everything, true] = 0
    reached = np.cumsum(tempting / tempting.sum(axis=1, keepdims=True), axis=1)
    wrong = np.minimum((rng.random((n_rows, 3))[:, :, None] > reached[:, None, :]).sum(axis=2), looks.shape[1] - 1)
    labels = np.where(is_right, true[:, None], wrong)
    rows, annotators = (axis.ravel() for axis in np.indices(labels.shape, dtype=np.int32))
    return Annotations(rows, annotators, labels.ravel().astype(np.int32), ["a", "b", "c"], n_rows)


def find_looks(seen: Any, true: np.ndarray) -> np.ndarray:
    """Return how much each row looks like each class, (n, K) float64, by its neighbours."""
    if issparse(seen):
        seen = TruncatedSVD(30, random_state=0).fit_transform(seen)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    near = KNeighborsClassifier(15, weights="distance")
    looks: np.ndarray = cross_val_predict(near, seen, true, cv=folds, method="predict_proba")
    return looks


def list_ways(true: np.ndarray, looks: np.ndarray) -> dict[str, Callable[[np.random.Generator], Annotations]]:
    """Return the ways to simulate annotators."""
    n_classes = looks.shape[1]
    return {
        "many": lambda rng: simulate(true, n_classes, rng),
        "single": lambda rng: simulate(true, n_classes, rng, 0.9),
        "three": lambda rng: simulate_three(true, looks, rng, 0),
        "hard rows": lambda rng: simulate_three(true, looks, rng, HARDNESS),
    }


def judge(said: Annotations, true: np.ndarray, pred_probs: np.ndarray, voted: np.ndarray) -> dict[str, Any]:
    """Return what one model makes of what annotators said."""
    method, _, estimate = find_consensus(said, pred_probs, voted)
    labels, everything = estimate.labels, np.arange(len(true))
    quality = estimate.distribution[everything, labels].astype(float)
    agreed = None if method is MAJORITY else Agreed(quality, doubt_consensus(said, pred_probs, labels).astype(float))
    rows, nobody = describe_rows(labels, pred_probs), np.zeros(len(true), dtype=bool)
    is_wrong = (labels != true).astype(float)

    def judge_after(found: np.ndarray) -> Judged:
        return judge_rows(labels, pred_probs, rows, nobody, everything, Settings(), wrong=found, agreed=agreed)

    found = np.full(len(true), np.nan)
    first = judge_after(found)
    told = first.ranked[choose_verdicts(len(true), N_DECISIONS)]
    found[told] = is_wrong[told]
    against = {"truth": true, "vote": voted, "consensus": labels}
    return {
        **{name: float((rows.suggested == each).mean()) for name, each in against.items()},
        "verdict": first.trust.verdict,
        "wrong": float(is_wrong.sum()),
        "before": read_last(first),
        "after": read_last(judge_after(found)),
    }


def read_last(judged: Judged) -> tuple[float, float, float]:
    """Return how many errors are expected in all rows, and the band; 0 if nothing is."""
    table = judged.tabulate_yield()
    if not len(table):
        return 0.0, 0.0, 0.0
    expected, low, high = table[["expected", "low", "high"]].iloc[-1]
    return float(expected), float(low), float(high)


def run_data_set(name: str) -> Iterable[dict[str, Any]]:
    """Yield what each model makes of each draw of annotators."""
    seen, true = load(name)
    looks = find_looks(seen["good"], true)
    for way, draw in list_ways(true, looks).items():
        for seed in SEEDS:
            rng = np.random.default_rng(seed)
            said = draw(rng)
            voted, _ = vote(said.rows, said.labels, said.n_rows)
            for model, columns in (seen | {USELESS: rng.normal(size=(len(true), 5))}).items():
                pred_probs = predict(columns, voted, looks.shape[1], seed)
                yield {"data": name, "model": model, "way": way, **judge(said, true, pred_probs, voted)}


def measure_expected(runs: list[dict[str, Any]]) -> str:
    """Return the cells of the runs in which anything is expected, as `HEAD` names them."""
    runs = [run for run in runs if run["verdict"] != Worth.WORTHLESS]
    if not runs:
        return "0 |  |  |  |  |  | "
    sums = [sum(run["before"][0] for run in runs), sum(run["wrong"] for run in runs)]
    cells = [f"{len(runs)}", *(f"{each:,.0f}" for each in sums)]
    for when in ("before", "after"):
        ratios = np.array([(run[when][0] + 1) / (run["wrong"] + 1) for run in runs])
        held = [np.floor(run[when][1]) <= run["wrong"] <= np.ceil(run[when][2]) for run in runs]
        cells += [f"{np.mean((ratios >= WIDE[0]) & (ratios <= WIDE[1])):.0%}", f"{np.mean(held):.0%}"]
    return " | ".join(cells)


def main() -> None:
    """Print the tables."""
    print_conditions()
    print(f"\n| data | model | against the truth | the vote | the consensus | verdicts | {HEAD} |")
    print(f"|{' --- |' * (6 + HEAD.count('|') + 1)}")
    every: list[dict[str, Any]] = []
    for name in sys.argv[1:] or DATASETS:
        found = list(run_data_set(name))
        every += found
        for model in dict.fromkeys(run["model"] for run in found):
            runs = [run for run in found if run["model"] == model]
            accuracies = [f"{np.mean([run[each] for run in runs]):.3f}" for each in ("truth", "vote", "consensus")]
            counts = Counter(run["verdict"] for run in runs)
            verdicts = ", ".join(f"{counts[each]} {each}" for each in Worth if counts[each])
            print(
                f"| {name} | {model} | {' | '.join([*accuracies, verdicts])} | {measure_expected(runs)} |", flush=True
            )
    print(f"\n| annotators | {HEAD} |\n|{' --- |' * (2 + HEAD.count('|'))}")
    for way in dict.fromkeys(run["way"] for run in every):
        print(f"| {way} | {measure_expected([run for run in every if run['way'] == way])} |")


if __name__ == "__main__":
    main()
