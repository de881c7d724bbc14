"""How steady the flags of the small data sets are: ``python -m benchmarks.steady_flags FOLDER [NAME …]``.

Trains each data set with several seeds, of the folds and of the training, with the settings of params.yaml and with
others, and compares the rows that each pair of seeds flags (Jaccard). Beside it stand what a training takes, how
accurate it is, and for the data sets that train in seconds the average precision at finding 5 % flipped labels (hard
rows, to the likeliest other class), each seed with flips of its own. MNIST is in `benchmarks.mnist_front`.

FOLDER keeps what each run predicted, so that a run that was stopped goes on where it was.
"""

import sys
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import average_precision_score

from benchmarks.conditions import print_conditions
from benchmarks.detection import find_nearest
from benchmarks.judging import judge
from benchmarks.kept_runs import KeptRun, average, read_run
from benchmarks.workplace import find_prepared, name_settings, read_block
from stages.find_issues.settings import Settings
from stages.find_issues.steadiness import measure_jaccard
from stages.flip.noise import flip_labels

SHARE = 0.05


class Setting(NamedTuple):
    """Settings that differ from the block's, and of how many runs with other seeds the mean is taken, as a repeat.

    ``judged`` are those of `find_issues`, which trains nothing.
    """

    changed: dict[str, Any]
    mean_of: int = 1
    judged: Mapping[str, Any] = MappingProxyType({})

    @property
    def name(self) -> str:
        """What the table calls it."""
        repeats = {"repeats": self.mean_of} if self.mean_of > 1 else {}
        return name_settings({**self.changed, **repeats, **self.judged})


# the first is what shipped before, the last what ships
SETTINGS = {
    "digits": [
        Setting({"max_epochs": 12, "average_epochs": 1, "repeats": 1}),
        Setting({"max_epochs": 6, "average_epochs": 1, "repeats": 2}),
    ],
    "breast_cancer": [Setting({"folds": 5, "repeats": 3}), Setting({"folds": 10, "repeats": 5})],
    "banking77": [
        Setting({"repeats": 1}),
        Setting({"repeats": 1}, judged={"rank_by": "self_confidence"}),
        Setting({"repeats": 1}, mean_of=2),
        Setting({"repeats": 1}, mean_of=3, judged={"rank_by": "self_confidence"}),
        Setting({"repeats": 1}, mean_of=3),
    ],
}
SEEDS = {"digits": range(5), "breast_cancer": range(5), "banking77": range(12)}
FLIPPED = ("digits", "breast_cancer")
COLUMNS = [
    "data set", "settings", "processor time", "accuracy", "average precision, flipped", "flagged",
    "flags shared by two seeds", "least and most", "seeds",
]  # fmt: skip


def read_settings(dataset: str, judged: Mapping[str, Any]) -> Settings:
    """Return how the data set's block ranks and flags, some settings changed."""
    return Settings(**{**read_block(dataset).get("find_issues", {}), **judged})


def read_flipped(folder: Path, dataset: str, changed: dict[str, Any], seed: int) -> float:
    """Return the average precision of a run on flipped labels."""
    labels = np.load(find_prepared(dataset) / "labels.npy")
    clean = read_run(folder, dataset, SETTINGS[dataset][0].changed, 0, labels)
    noisy, flipped = flip_labels(labels, "instance_dependent", SHARE, seed, clean.pred_probs)
    run = read_run(folder, dataset, changed, seed, noisy, "flipped")
    return float(average_precision_score(flipped, -judge(noisy, run.pred_probs, read_settings(dataset, {})).scores))


def read_means(folder: Path, dataset: str, setting: Setting) -> list[KeptRun]:
    """Return the means of as many runs each as the setting says, which share none."""
    labels = np.load(find_prepared(dataset) / "labels.npy")
    runs = [read_run(folder, dataset, setting.changed, seed, labels) for seed in SEEDS[dataset]]
    starts = range(0, len(runs) - setting.mean_of + 1, setting.mean_of)
    return [average(runs[start : start + setting.mean_of]) for start in starts]


def describe(folder: Path, dataset: str, setting: Setting) -> list[str]:
    """Return a row of the table."""
    labels = np.load(find_prepared(dataset) / "labels.npy")
    means = read_means(folder, dataset, setting)
    settings = read_settings(dataset, setting.judged)
    neighbours = find_nearest(dataset)
    flags = [judge(labels, mean.pred_probs, settings, neighbours).flagged for mean in means]
    pairs = [measure_jaccard(*pair) for pair in combinations(flags, 2)]
    seeds = SEEDS[dataset] if dataset in FLIPPED else ()
    precisions = [read_flipped(folder, dataset, setting.changed, seed) for seed in seeds]
    return [
        f"`{dataset}`",
        f"`{setting.name}`",
        f"{np.mean([mean.seconds for mean in means]):.1f} s",
        f"{np.mean([(mean.pred_probs.argmax(axis=1) == labels).mean() for mean in means]):.4f}",
        f"{np.mean(precisions):.3f}" if precisions else "",
        f"{np.mean([each.sum() for each in flags]):.0f}",
        f"{np.mean(pairs):.2f}",
        f"{min(pairs):.2f} to {max(pairs):.2f}",
        str(len(means)),
    ]


def main(folder: Path, datasets: list[str]) -> None:
    """Train what the folder does not have, and print the table."""
    folder.mkdir(parents=True, exist_ok=True)
    for cells in (COLUMNS, ["---"] * len(COLUMNS)):
        print(f"| {' | '.join(cells)} |")
    for dataset in datasets:
        for setting in SETTINGS[dataset]:
            print(f"| {' | '.join(describe(folder, dataset, setting))} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit("usage: python -m benchmarks.steady_flags FOLDER [NAME …]")
    print_conditions()
    main(Path(sys.argv[1]), sys.argv[2:] or list(SETTINGS))
