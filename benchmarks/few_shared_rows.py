"""How many rows with several labels it takes to do better than the vote: ``python -m benchmarks.few_shared_rows``.

Simulated annotators as in `benchmarks.annotators`, but for few rows with two labels or more: of all others the first
label alone is left. Prints what CROWDLAB adds to the accuracy of the vote, the mean and the worst of some draws, and
how often the model avoids at least `LEAST_SKILL` of the errors of guessing, as far as these rows tell.
"""

from dataclasses import replace

import numpy as np

from benchmarks.annotators import load, predict, simulate
from benchmarks.conditions import print_conditions
from stages.artifacts.annotations import Annotations, vote
from stages.consensus.choice import LEAST_SKILL, measure_skill
from stages.consensus.crowdlab import run_crowdlab

SHARED = (5, 10, 20, 30, 60)
SEEDS = {"digits": 5, "breast_cancer": 20}


def leave_few(said: Annotations, n_shared: int, rng: np.random.Generator) -> Annotations:
    """Leave the first label alone on all but some of the rows with several."""
    chosen = rng.permutation(np.flatnonzero(said.count_by_row() > 1))[:n_shared]
    is_first = np.diff(said.rows, prepend=-1) > 0
    kept = is_first | np.isin(said.rows, chosen)
    return replace(said, rows=said.rows[kept], annotators=said.annotators[kept], labels=said.labels[kept])


def run_seed(name: str, n_shared: int, seed: int) -> dict[str, tuple[float, bool]]:
    """Return by model what CROWDLAB adds to the accuracy of the vote, and whether the model looks good."""
    seen, true = load(name)
    rng, n_classes = np.random.default_rng(seed), int(true.max()) + 1
    said = leave_few(simulate(true, n_classes, rng), n_shared, rng)
    voted, _ = vote(said.rows, said.labels, said.n_rows)
    several = said.count_by_row() > 1
    found = {}
    for model, columns in (seen | {"useless": rng.normal(size=(len(true), 5))}).items():
        pred_probs = predict(columns, voted, n_classes, seed)
        skill = measure_skill(pred_probs[several].argmax(axis=1), voted[several])
        gain = np.mean(run_crowdlab(said, pred_probs).labels == true) - np.mean(voted == true)
        found[model] = float(gain), skill >= LEAST_SKILL
    return found


def main() -> None:
    """Print the table."""
    print("| data | rows with several | model | points gained | at worst | looks good |\n|---|---:|---|---:|---:|---:|")
    for name, n_seeds in SEEDS.items():
        for n_shared in SHARED:
            runs = [run_seed(name, n_shared, seed) for seed in range(n_seeds)]
            for model in runs[0]:
                gains, looks_good = np.array([run[model] for run in runs]).T
                said = f"{100 * gains.mean():.1f} | {100 * gains.min():.1f} | {looks_good.sum():.0f} of {n_seeds}"
                print(f"| {name} | {n_shared} | {model} | {said} |", flush=True)


if __name__ == "__main__":
    print_conditions()
    main()
