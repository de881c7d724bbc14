"""Which settings suit MNIST: ``python -m benchmarks.mnist_front FOLDER``.

Time, accuracy, the ranking of errors and how steady the flags are, of several settings of the real `crossval_predict`.
The mean of several repeats, or models, is that of single runs with other seeds, so that a run serves many settings; its
time is the sum of theirs, imports included. Groups of runs that share none are held against each other.

The errors to find: the 15 rows of MNIST's test set of which at most two of five people chose the given label (Northcutt
et al. 2021, mturk/mnist_mturk.json of https://github.com/cleanlab/label-errors), among the test's 10,000 rows; and
labels that were flipped on purpose, 5 % of the hard rows, to the likeliest other class (`stages.flip.noise`).

FOLDER keeps what each run predicted, so that a run that was stopped goes on where it was: the whole takes an hour on
one core. It also gets ``front.png``, which reports/mnist_front.png is.

References
----------
Northcutt, Athalye and Mueller, "Pervasive Label Errors in Test Sets Destabilize Machine Learning Benchmarks", NeurIPS
2021, https://arxiv.org/abs/2103.14749
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import average_precision_score

from benchmarks.conditions import print_conditions
from benchmarks.judging import judge
from benchmarks.kept_runs import KeptRun, average, read_run
from benchmarks.workplace import find_prepared
from stages.find_issues.judge import Judged
from stages.find_issues.settings import Settings
from stages.find_issues.steadiness import measure_jaccard
from stages.flip.noise import flip_labels
from stages.report.figures import COLOURS

# rows of the test set, whose ids in the data set follow those of the 60,000 training rows
CONFIRMED = [947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729]
TEST = slice(60_000, 70_000)
SHARE = 0.05
BUDGETS = (70, 700)
TICKS = (50, 100, 200, 400)
# what shipped before, and what ships
SHIPPED = {
    "cnn, 2 epochs": "mnist, before",
    "cnn, 3 epochs, 3 repeats": "mnist",
    "cnn, 4 epochs, 4 repeats": "mnist_careful",
}
NO_SHIFTS = {"train_shift": 0, "predict_shift": 0}


class Single(NamedTuple):
    """What single runs are trained by, with which seeds, and with which of them on flipped labels."""

    settings: dict[str, Any]
    seeds: range
    flipped: range = range(0)


TRAINED = {
    "cnn, 2 epochs": Single({"model": "cnn", "max_epochs": 2}, range(6), range(1, 4)),
    "cnn, 2 epochs, no shifts": Single({"model": "cnn", "max_epochs": 2, **NO_SHIFTS}, range(1)),
    "cnn, 3 epochs": Single({"model": "cnn", "max_epochs": 3}, range(6)),
    "cnn, 4 epochs": Single({"model": "cnn", "max_epochs": 4}, range(8), range(1, 3)),
    "cnn, 4 epochs, the last 2 averaged": Single({"model": "cnn", "max_epochs": 4, "average_epochs": 2}, range(1)),
    "wide_cnn, 2 epochs": Single({"model": "wide_cnn", "max_epochs": 2}, range(1)),
}


@dataclass(frozen=True)
class Candidate:
    """Settings that were looked at: the mean of one or more models, each repeated."""

    trained: tuple[str, ...]
    repeats: int = 1

    @property
    def name(self) -> str:
        """What the table calls it."""
        times = f", {self.repeats} repeats" if self.repeats > 1 else ""
        return " and ".join(self.trained) + times

    def groups(self, *, flipped: bool = False) -> list[list[tuple[str, int]]]:
        """Return the single runs of each mean: as many means as there are seeds for, which share none."""
        singles = [TRAINED[name] for name in self.trained]
        seeds = [each.flipped if flipped else each.seeds for each in singles]
        starts = range(0, min(map(len, seeds)) - self.repeats + 1, self.repeats)
        by_name = list(zip(self.trained, seeds, strict=True))
        return [
            [(name, seed) for name, own in by_name for seed in own[start : start + self.repeats]] for start in starts
        ]


CANDIDATES = [
    *(Candidate((name,)) for name in TRAINED),
    *(Candidate(("cnn, 2 epochs",), repeats) for repeats in (2, 3)),
    *(Candidate(("cnn, 3 epochs",), repeats) for repeats in (2, 3)),
    *(Candidate(("cnn, 4 epochs",), repeats) for repeats in (2, 3, 4)),
    Candidate(("cnn, 4 epochs", "wide_cnn, 2 epochs")),
]
COLUMNS = [
    "", "settings", "processor time", "accuracy", "average precision: confirmed errors", "5 % flipped", "flagged",
    "flags shared by two", *(f"of the worst {budget}" for budget in BUDGETS),
    f"confirmed errors among the worst {BUDGETS[-1]}", "means compared",
]  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """What the means of one candidate's groups of runs gave, in lists with an item for each."""

    seconds: list[float]
    accuracy: list[float]
    confirmed: list[float]
    flipped: list[float]
    judged: list[Judged]


@cache
def read_labels() -> np.ndarray:
    """Return MNIST's labels."""
    labels: np.ndarray = np.load(find_prepared("mnist") / "labels.npy")
    return labels


def flip(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return labels with the same flips for all, and which are flipped: rows that are hard for one of the runs."""
    clean = read(folder, "cnn, 2 epochs", 0)
    return flip_labels(read_labels(), "instance_dependent", SHARE, 0, clean.pred_probs)


def read(folder: Path, name: str, seed: int, *, flipped: bool = False) -> KeptRun:
    """Return a single run."""
    labels, noise = (flip(folder)[0], "flipped") if flipped else (read_labels(), "")
    return read_run(folder, "mnist", TRAINED[name].settings, seed, labels, noise)


def read_mean(folder: Path, group: list[tuple[str, int]], *, flipped: bool = False) -> KeptRun:
    """Return the mean of some runs, and the time that all of them took."""
    return average([read(folder, name, seed, flipped=flipped) for name, seed in group])


def measure(folder: Path, candidate: Candidate) -> Measured:
    """Train what the folder does not have, and measure each group's mean."""
    labels = read_labels()
    wrong = np.isin(np.arange(TEST.stop - TEST.start), CONFIRMED)
    means = [read_mean(folder, group) for group in candidate.groups()]
    judged = [judge(labels, mean.pred_probs, Settings()) for mean in means]
    return Measured(
        seconds=[mean.seconds for mean in means],
        accuracy=[float((mean.pred_probs.argmax(axis=1) == labels).mean()) for mean in means],
        confirmed=[float(average_precision_score(wrong, -each.scores[TEST])) for each in judged],
        flipped=measure_flipped(folder, candidate),
        judged=judged,
    )


def measure_flipped(folder: Path, candidate: Candidate) -> list[float]:
    """Return the average precision of each group's mean at finding flipped labels."""
    groups = candidate.groups(flipped=True)
    if not groups:
        return []
    noisy, flipped = flip(folder)
    means = [read_mean(folder, group, flipped=True) for group in groups]
    return [
        float(average_precision_score(flipped, -judge(noisy, mean.pred_probs, Settings()).scores)) for mean in means
    ]


def compare(flags: list[np.ndarray]) -> float | None:
    """Return the mean Jaccard index over the pairs, if there are any."""
    pairs = [measure_jaccard(*pair) for pair in combinations(flags, 2)]
    return float(np.mean(pairs)) if pairs else None


def compare_worst(measured: Measured, budget: int) -> float | None:
    """Return the same of the worst so many rows."""
    return compare([take_worst(each, budget) for each in measured.judged])


def take_worst(judged: Judged, budget: int) -> np.ndarray:
    """Return which rows are the worst so many, (n,) bool."""
    return np.isin(np.arange(len(judged.scores)), judged.ranked[:budget])


def write_mean(values: list[float], digits: int) -> str:
    """Return a mean and, of several values, the least and the most."""
    if not values:
        return ""
    spread = f" ({min(values):.{digits}f} to {max(values):.{digits}f})" if len(values) > 1 else ""
    return f"{np.mean(values):.{digits}f}{spread}"


def describe(candidate: Candidate, measured: Measured) -> list[str]:
    """Return a row of the table."""
    flags = [each.flagged for each in measured.judged]
    shared = [compare(flags), *(compare_worst(measured, budget) for budget in BUDGETS)]
    return [
        candidate.name,
        f"{np.mean(measured.seconds):.0f} s",
        f"{np.mean(measured.accuracy):.4f}",
        write_mean(measured.confirmed, 2),
        write_mean(measured.flipped, 3),
        write_mean([float(each.sum()) for each in flags], 0),
        *("" if share is None else f"{share:.2f}" for share in shared),
        f"{np.mean([take_worst(each, BUDGETS[-1])[TEST][CONFIRMED].sum() for each in measured.judged]):.1f}",
        str(len(flags)),
    ]


# what the figure shows, by its title
SHOWN: dict[str, Callable[[Measured], float | None]] = {
    "accuracy, out of sample": lambda measured: float(np.mean(measured.accuracy)),
    "average precision, confirmed errors": lambda measured: float(np.mean(measured.confirmed)),
    f"shared by two of the worst {BUDGETS[-1]}": lambda measured: compare_worst(measured, BUDGETS[-1]),
}


def draw(measured: dict[str, Measured]) -> Figure:
    """Show accuracy, average precision and steadiness against time, each candidate by its number in the table."""
    figure = Figure(figsize=(7.5, 8), layout="constrained")
    for axes, (title, show) in zip(figure.subplots(len(SHOWN), sharex=True), SHOWN.items(), strict=True):
        for number, (name, each) in enumerate(measured.items(), start=1):
            value = show(each)
            if value is None:
                continue
            place = float(np.mean(each.seconds)), value
            shipped = SHIPPED.get(name)
            axes.scatter(*place, color=COLOURS["alert" if shipped else "accent"], s=22)
            named = f"{number}: {shipped}" if shipped else str(number)
            axes.annotate(named, place, xytext=(4, 4), textcoords="offset points", fontsize=8, color=COLOURS["ink"])
        axes.set_ylabel(title)
        axes.margins(y=0.15)
    axes.set(xscale="log", xlim=(40, 600), xlabel="processor time, seconds")
    axes.set_xticks(TICKS, [str(tick) for tick in TICKS])
    axes.minorticks_off()
    return figure


def main(folder: Path) -> None:
    """Print the table and draw the figure."""
    folder.mkdir(parents=True, exist_ok=True)
    measured = {}
    for cells in (COLUMNS, ["---"] * len(COLUMNS)):
        print(f"| {' | '.join(cells)} |")
    for number, candidate in enumerate(CANDIDATES, start=1):
        measured[candidate.name] = measure(folder, candidate)
        print(f"| {' | '.join([str(number), *describe(candidate, measured[candidate.name])])} |", flush=True)
    draw(measured).savefig(folder / "front.png", dpi=100)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m benchmarks.mnist_front FOLDER")
    print_conditions()
    main(Path(sys.argv[1]))
