"""What `noise_posterior` gains over self-confidence, by kind of noise: ``python -m benchmarks.noise_weight FOLDER``.

FOLDER has the runs that `benchmarks.known_errors` makes; those without wrong labels are left out. A kind more is made
here, since those runs have classes that are taken for one other each, one way: ``both ways``, pairs of classes of the
digits and of scikit-learn's wine that are taken for each other, 10 % of all labels, by three models with five seeds;
each model counts as a data set there, and all of one table as a family.

Beside the weight w of the score's noise matrix stand other forms, whose parts `stages.find_issues.noise_weight`
derives: M counts off the diagonal, the share a of them that goes one way and the share s that few pairs have, and the
probability q that they are the labels' faults, of which the weights were fitted on such runs.

The average precision is that of the wrong labels. Its difference is averaged over the runs of each data set; given are
the mean over data sets and its 95 % interval (Student's t), in points of a hundred, the runs that lose a point or more,
the worst run, and how many families of data sets there are without which the loss is more than its interval.
noise_weight.md, beside this file, is what it printed.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits, load_wine
from sklearn.metrics import average_precision_score

from benchmarks.conditions import print_conditions
from benchmarks.detection import half_interval, print_table, with_interval
from benchmarks.known_errors import predict
from benchmarks.known_models import OF_NUMBERS
from benchmarks.known_runs import KINDS, find_family, list_runs, read_evidence
from stages.find_issues.confident import describe_rows
from stages.find_issues.evidence import Evidence, gather_evidence
from stages.find_issues.noise_weight import expect_faults, measure_few_pairs, measure_one_way, weigh_counts
from stages.find_issues.scores import self_confidence
from stages.find_issues.scores.noise_posterior import estimate_noise_odds, score_posterior

BEFORE = "0.4 s · M / (M + 300)"
FORMS = (
    "w", "0.4 s", BEFORE, "0.4 q s · M / (M + 300)", "0.4 q a", "0.8 q² a",
    "0.4 q · max(a, s · M / (M + 300))",
)  # fmt: skip
BOTH_WAYS = "both_ways"
TABLES = {"digits": load_digits, "wine": load_wine}
MODELS, SEEDS, SHARE = ("lr", "et", "gnb"), range(5), 0.1


def weigh_by_forms(evidence: Evidence) -> dict[str, float]:
    """Return the weight that each form gives."""
    counts, q = evidence.counts, expect_faults(evidence)
    n_wrong = int(counts.sum() - counts.trace())
    a, s = measure_one_way(counts), measure_few_pairs(counts)
    held = s * n_wrong / (n_wrong + 300)
    weights = [0.4 * s, 0.4 * held, 0.4 * q * held, 0.4 * q * a, min(0.4, 0.8 * q**2 * a), 0.4 * q * max(a, held)]
    return dict(zip(FORMS, [weigh_counts(counts, q), *weights], strict=True))


def take_for_each_other(labels: np.ndarray, seed: int) -> np.ndarray:
    """Return labels, (n,) int64, of which `SHARE` are those of the other class in pairs of half of the classes."""
    rng, given = np.random.default_rng(seed), labels.copy()
    n_classes = int(labels.max()) + 1
    chosen = rng.permutation(n_classes)[: max(1, n_classes // 4) * 2]
    other = dict(zip(chosen, chosen.reshape(-1, 2)[:, ::-1].ravel(), strict=True))
    rows = np.flatnonzero(np.isin(labels, chosen))
    for row in rng.choice(rows, round(SHARE * len(labels)), replace=False):
        given[row] = other[labels[row]]
    return given


def make_both_ways() -> Iterator[tuple[str, Evidence, np.ndarray]]:
    """Yield the name of a table and a model, its evidence, and which labels are wrong, (n,) bool."""
    for name, load in TABLES.items():
        rows, labels = load(return_X_y=True)
        for seed in SEEDS:
            given = take_for_each_other(labels, seed)
            for model in MODELS:
                pred_probs = predict(OF_NUMBERS[model], rows, given, seed)
                evidence = gather_evidence(given, pred_probs, describe_rows(given, pred_probs))
                yield f"{name}, {model}", evidence, given != labels


def list_cases(folder: Path) -> Iterator[tuple[str, str, Evidence, np.ndarray]]:
    """Yield the data set and the kind of noise of each run, its evidence, and which labels are wrong."""
    for path in list_runs(folder):
        name, evidence, wrong = read_evidence(path)
        yield name.dataset, name.kind, evidence, wrong
    for dataset, evidence, wrong in make_both_ways():
        yield dataset, BOTH_WAYS, evidence, wrong


def measure_gains(folder: Path) -> pd.DataFrame:
    """Return what each form gains over self-confidence in each run."""
    rows = []
    for dataset, kind, evidence, wrong in list_cases(folder):
        if not wrong.any():
            continue
        plain = average_precision_score(wrong, -self_confidence.score(evidence))
        gains = {}
        for form, weight in weigh_by_forms(evidence).items():
            odds = estimate_noise_odds(evidence.counts, weight)
            scores = score_posterior(evidence.labels, evidence.pred_probs, evidence.rows.given_prob, odds)
            gains[form] = average_precision_score(wrong, -scores) - plain
        rows.append({"dataset": dataset, "family": find_family(dataset), "kind": kind, **gains})
    return pd.DataFrame(rows)


def describe(part: pd.DataFrame, form: str) -> list[str]:
    """Return the mean gain with its interval, the share of runs that lose a point, the worst run, and who decides."""
    by_dataset = part.groupby(["family", "dataset"])[form].mean()
    families = by_dataset.index.get_level_values("family")
    without = [by_dataset[families != family].to_numpy() for family in set(families)]
    losing = sum(loses(gains) for gains in without if len(gains) > 1)
    lost = f"{(part[form] <= -0.01).mean():.0%}"
    return [with_interval(by_dataset.to_numpy()), lost, f"{100 * part[form].min():+.1f}", str(losing)]


def loses(gains: np.ndarray) -> bool:
    """Say whether the mean of the gains is a loss of more than its interval."""
    return bool(gains.mean() + half_interval(gains) < 0)


def name_kind(kind: str) -> str:
    """Return what a table calls a kind of noise."""
    return "both ways" if kind == BOTH_WAYS else kind.replace("_", "-")


def main(folder: Path) -> None:
    """Measure, and print what the score gains, and a table of all forms for each kind of noise."""
    gains, kinds = measure_gains(folder), (*KINDS[1:], BOTH_WAYS)
    parts = {kind: gains[gains["kind"] == kind] for kind in kinds}
    columns = ["noise", "runs", "gains", "runs that lose a point", "worst run", BEFORE]
    rows = [
        [name_kind(kind), str(len(part)), *describe(part, "w")[:3], describe(part, BEFORE)[0]]
        for kind, part in parts.items()
    ]
    print_table("Gains in average precision over self_confidence, in points.", columns, rows)
    columns = ["weight", "gain", "runs that lose a point", "worst run", "families"]
    for kind, part in parts.items():
        title = f"{name_kind(kind)}, {len(part)} runs of {part['dataset'].nunique()} data sets"
        print_table(title, columns, [[form, *describe(part, form)] for form in FORMS])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m benchmarks.noise_weight FOLDER")
    print_conditions()
    main(Path(sys.argv[1]))
