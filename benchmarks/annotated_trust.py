"""Whether a model may judge the labels of several annotators: ``python -m benchmarks.annotated_trust``.

The consensus rests on the model too, so that its accuracy against it flatters. Annotators are simulated as
`benchmarks.annotators` does, with 1 to 5 labels a row, or one label for nine rows in ten, and three seeds. A row of the
table is a data set and a model: its accuracy against the truth, the vote and the consensus, what `find_issues` says of
it, and how many wrong consensus labels it expects, and there are, both added up.
"""

from collections import Counter
from typing import Any

import numpy as np

from benchmarks.annotators import load, predict, simulate
from benchmarks.conditions import print_conditions
from stages.artifacts.annotations import vote
from stages.artifacts.trust import Worth
from stages.consensus.choice import MAJORITY, find_consensus
from stages.find_issues.confident import describe_rows
from stages.find_issues.judge import judge_rows
from stages.find_issues.settings import Settings

DATASETS, SINGLE, SEEDS = ("digits", "breast_cancer"), (0, 0.9), range(3)
USELESS = "useless"


def judge(name: str, model: str, single: float, seed: int) -> dict[str, Any]:
    """Return what one draw of annotators and one model give."""
    seen, true = load(name)
    rng, n_classes = np.random.default_rng(seed), int(true.max()) + 1
    said = simulate(true, n_classes, rng, single)
    voted, _ = vote(said.rows, said.labels, said.n_rows)
    columns = rng.normal(size=(len(true), 5)) if model == USELESS else seen[model]
    pred_probs = predict(columns, voted, n_classes, seed)
    method, _, estimate = find_consensus(said, pred_probs, voted)
    labels, everything = estimate.labels, np.arange(len(true))
    agreed = None if method is MAJORITY else estimate.distribution[everything, labels].astype(float)
    rows, nobody = describe_rows(labels, pred_probs), np.zeros(len(true), dtype=bool)
    judged = judge_rows(labels, pred_probs, rows, nobody, everything, Settings(), agreed=agreed)
    against = {"truth": true, "vote": voted, "consensus": labels}
    return {
        **{name: float((rows.suggested == each).mean()) for name, each in against.items()},
        "verdict": judged.trust.verdict.value,
        "expected": float(np.nansum(judged.error_prob)),
        "wrong": float((labels != true).sum()),
    }


def main() -> None:
    """Print the table."""
    print_conditions()
    print("\n| data | model | against the truth | the vote | the consensus | verdicts | expected | wrong |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in DATASETS:
        for model in (*load(name)[0], USELESS):
            runs = [judge(name, model, single, seed) for single in SINGLE for seed in SEEDS]
            accuracies = [f"{np.mean([run[each] for run in runs]):.3f}" for each in ("truth", "vote", "consensus")]
            counts = Counter(run["verdict"] for run in runs)
            verdicts = ", ".join(f"{counts[each]} {each}" for each in Worth if counts[each])
            sums = [f"{sum(run[each] for run in runs):,.0f}" for each in ("expected", "wrong")]
            print(f"| {name} | {model} | {' | '.join([*accuracies, verdicts, *sums])} |", flush=True)


if __name__ == "__main__":
    main()
