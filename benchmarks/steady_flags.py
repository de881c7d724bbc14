"""How steady the flags of the small data sets are: ``python -m benchmarks.steady_flags FOLDER [NAME …]``.

Trains each data set with five seeds, of the folds and of the training, with the settings of params.yaml and with
others, and compares the rows that each pair of seeds flags (Jaccard). Beside it stand what a training takes, how
accurate it is, and the average precision at finding 5 % flipped labels (hard rows, to the likeliest other class), each
seed with flips of its own. MNIST is in `benchmarks.mnist_front`.

FOLDER keeps what each run predicted, so that a run that was stopped goes on where it was.
"""

import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from benchmarks.conditions import print_conditions
from benchmarks.kept_runs import KeptRun, read_run
from benchmarks.workplace import find_prepared, name_settings, read_block
from stages.find_issues.confident import describe_rows
from stages.find_issues.judge import Judged, judge_rows
from stages.find_issues.settings import Settings
from stages.find_issues.steadiness import measure_jaccard
from stages.flip.noise import flip_labels

SEEDS = range(5)
SHARE = 0.05
# how the flags were steadied; the first is what shipped before, the last what ships
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "digits": [{"max_epochs": 12, "average_epochs": 1, "repeats": 1}],
    "breast_cancer": [{"repeats": 3}],
    "banking77": [{"repeats": 1}],
}
COLUMNS = [
    "data set", "settings", "processor time", "accuracy", "average precision, flipped", "flagged",
    "flags shared by two seeds", "least and most",
]  # fmt: skip


def judge(dataset: str, labels: np.ndarray, pred_probs: np.ndarray) -> Judged:
    """Rank and flag the rows as the data set's block has it."""
    settings = Settings(**read_block(dataset).get("find_issues", {}))
    nobody, order = np.zeros(len(labels), dtype=bool), np.arange(len(labels))
    return judge_rows(labels, pred_probs, describe_rows(labels, pred_probs), nobody, order, settings)


def read_flipped(
    folder: Path, dataset: str, changed: dict[str, Any], seed: int, clean: KeptRun, labels: np.ndarray
) -> float:
    """Return the average precision of a run on flipped labels."""
    noisy, flipped = flip_labels(labels, "instance_dependent", SHARE, seed, clean.pred_probs)
    run = read_run(folder, dataset, changed, seed, noisy, "flipped")
    return float(average_precision_score(flipped, -judge(dataset, noisy, run.pred_probs).scores))


def describe(folder: Path, dataset: str, changed: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    labels = np.load(find_prepared(dataset) / "labels.npy")
    runs = [read_run(folder, dataset, changed, seed, labels) for seed in SEEDS]
    first = read_run(folder, dataset, SETTINGS[dataset][0], SEEDS[0], labels)
    precisions = [read_flipped(folder, dataset, changed, seed, first, labels) for seed in SEEDS]
    flags = [judge(dataset, labels, run.pred_probs).flagged for run in runs]
    pairs = [measure_jaccard(*pair) for pair in combinations(flags, 2)]
    return [
        f"`{dataset}`",
        f"`{name_settings(changed)}`",
        f"{np.mean([run.seconds for run in runs]):.1f} s",
        f"{np.mean([(run.pred_probs.argmax(axis=1) == labels).mean() for run in runs]):.4f}",
        f"{np.mean(precisions):.3f}",
        f"{np.mean([each.sum() for each in flags]):.0f}",
        f"{np.mean(pairs):.2f}",
        f"{min(pairs):.2f} to {max(pairs):.2f}",
    ]


def main(folder: Path, datasets: list[str]) -> None:
    """Train what the folder does not have, and print the table."""
    folder.mkdir(parents=True, exist_ok=True)
    for cells in (COLUMNS, ["---"] * len(COLUMNS)):
        print(f"| {' | '.join(cells)} |")
    for dataset in datasets:
        for changed in SETTINGS[dataset]:
            print(f"| {' | '.join(describe(folder, dataset, changed))} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit("usage: python -m benchmarks.steady_flags FOLDER [NAME …]")
    print_conditions()
    main(Path(sys.argv[1]), sys.argv[2:] or list(SETTINGS))
