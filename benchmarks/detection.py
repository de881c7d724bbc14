"""How well label errors are found: ``python -m benchmarks.detection FOLDER [NAME[:SHARE] …]``.

On five data sets it flips 3, 5, 10 and 20 % of the labels in three ways (`stages.flip.noise`): to any class, class by
class, and hard rows to the likeliest other class. The same settings as in params.yaml then cross-validate, `inspect`
says which rows are alike, and each score, each flag rule and the yield curve are held against what was flipped; beside
them, at 10 %, other settings of the training. Every figure is a mean over five seeds. The difference of two scores, and
of two settings, is paired, over the same flips, with a 95 % interval (Student's t).

The default rule, and how many errors are expected, are measured once more after 40 right decisions. Nobody decides
there on a row whose label a model that was trained before the flips contradicts: it is not known what is right. Nor are
errors counted in such rows.

A label that was wrong before counts as a false alarm, of which BANKING77 has many. And the likeliest other class is
the model's own second guess, which favours scores that look at it, such as normalized margin.

FOLDER keeps what each run predicted, so that a run that was stopped goes on where it was; the whole takes hours.
``mnist:0.1`` measures that share of flips alone, and no other settings of the training. detection.md, beside this file,
is what it printed.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import t

from benchmarks.conditions import print_conditions
from benchmarks.expected_counts import count_errors, describe_counts, summarise_counts
from benchmarks.injected_noise import BLOCKS, prepare
from benchmarks.judging import judge
from benchmarks.kept_runs import save_arrays
from benchmarks.trust_measure import choose_verdicts
from benchmarks.workplace import name_settings, open_workplace, train
from stages.audit.measure import Measured, measure_detection, measure_flags
from stages.find_issues import rules, scores
from stages.find_issues.registry import list_audited
from stages.find_issues.settings import Settings
from stages.find_issues.votes import Neighbours, read_neighbours
from stages.flip.noise import KINDS, Kind, flip_labels
from stages.workplace.place import start_stage

DATASETS = ("digits", "mnist", "breast_cancer", "wine", "banking77")
SHARES = (0.03, 0.05, 0.1, 0.2)
SEEDS = range(5)
# at this share, other settings than the shipped ones: more repeats or fewer, and without and with averaged epochs
VARIED_SHARE = 0.1
VARIED: dict[str, list[dict[str, Any]]] = {
    "digits": [{"repeats": 3}, {"average_epochs": 3}],
    "mnist": [{"repeats": 1}, {"average_epochs": 2}],
    "breast_cancer": [{"repeats": 1}],
    "wine": [{"repeats": 1}],
    "banking77": [{"repeats": 1}],
}
# a person decides rightly on so many rows, half of them among the worst and half spread over the ranking
VERDICTS = 40
DECIDED = f"{Settings().flag} after {VERDICTS} verdicts"
SCORES, FLAGS = list_audited(scores), [*list_audited(rules), DECIDED]
DEFAULT, PLAIN = "noise_posterior", "self_confidence"
CELL = ["data set", "noise", "flipped"]
RANKING = [*CELL, *(name.replace("_", " ") for name in (*SCORES, f"{DEFAULT} − {PLAIN}"))]
FLAGGING = [*CELL, *(f"{flag.replace('_', ' ')}: precision, recall" for flag in FLAGS), "expected / found"]
# before anybody has decided, and then
WHEN = ("at first", f"after {VERDICTS}")
COUNTING = [*CELL, *(f"{when}: {what}" for when in WHEN for what in ("expected / true", "band holds"))]
SUMMARY = ["", "cells", "within 0.67–1.5", "within 0.8–1.25", "runs whose band holds"]
POOLED = ["data set", *(kind.replace("_", "-") for kind in KINDS)]
VARIED_COLUMNS = ["data set", "noise", "settings", "average precision", "over the shipped ones"]


class About(NamedTuple):
    """What is known of n rows before any label is flipped.

    Attributes
    ----------
    neighbours : Neighbours
        Which rows are like each.
    known : ndarray of shape (n,), bool
        Of which it is known what is right: a model of the labels as they are agrees with them.
    """

    neighbours: Neighbours
    known: np.ndarray


def find_nearest(dataset: str) -> Neighbours:
    """Return which rows of a data set are like each, as `inspect` finds them."""
    with prepare(dataset) as prepared:
        if dataset in BLOCKS:
            with start_stage(prepared.parents[2], "inspect", dataset, stdout=subprocess.DEVNULL) as process:
                assert process.wait() == 0
        elif not (prepared.parent / "examples").exists():
            raise SystemExit(f"{prepared.parent / 'examples'} is not there: run `dvc repro inspect@{dataset}`")
        return read_neighbours(prepared.parent)


def find_known(folder: Path, dataset: str) -> np.ndarray:
    """Return of which rows it is known what is right, (n,) bool."""
    with prepare(dataset) as prepared:
        labels = np.load(prepared / "labels.npy")
        known: np.ndarray = read_clean(folder, dataset, prepared, labels).argmax(axis=1) == labels
    return known


def read_runs(
    folder: Path, dataset: str, kind: Kind, share: float, changed: dict[str, Any], about: About
) -> list[Measured]:
    """Return what was measured of a run for each seed."""
    return [measure(keep_run(folder, dataset, kind, share, seed, changed), about) for seed in SEEDS]


def measure(path: Path, about: About) -> Measured:
    """Return how well a run finds what was flipped; its flags also after a person has decided on some known rows."""
    run, neighbours = np.load(path), about.neighbours
    given, pred_probs, flipped = (run[name] for name in ("given", "pred_probs", "flipped"))
    measured, judged = measure_detection(given, pred_probs, flipped, Settings(), neighbours=neighbours)
    ranked = judged.ranked[about.known[judged.ranked]]
    found, told = np.full(len(given), np.nan), ranked[choose_verdicts(len(ranked), VERDICTS)]
    found[told] = flipped[told]
    decided = judge(given, pred_probs, Settings(), neighbours, found)
    measured["flags"][DECIDED] = measure_flags(flipped, decided)
    measured["counts"] = {
        when: count_errors(flipped[ranked], each.take(about.known).tabulate_yield())
        for when, each in zip(WHEN, (judged, decided), strict=True)
    }
    return measured


def keep_run(folder: Path, dataset: str, kind: Kind, share: float, seed: int, changed: dict[str, Any]) -> Path:
    """Return the file of one run, which is trained first where the folder does not have it."""
    settings = "".join(f"-{key}-{value}" for key, value in changed.items())
    path = folder / f"{dataset}-{kind}-{share}-{seed}{settings}.npz"
    if not path.exists():
        with prepare(dataset) as prepared:
            labels = np.load(prepared / "labels.npy")
            given, flipped = flip_labels(labels, kind, share, seed, read_clean(folder, dataset, prepared, labels))
            with open_workplace(prepared, given) as workplace:
                pred_probs = train(workplace, BLOCKS.get(dataset, dataset), **changed).pred_probs
        save_arrays(path, {"pred_probs": pred_probs, "given": given, "flipped": flipped})
    return path


def read_clean(folder: Path, dataset: str, prepared: Path, labels: np.ndarray) -> np.ndarray:
    """Return the probabilities that are predicted from the labels as they are, which tell what rows are hard."""
    path = folder / f"{dataset}-clean.npy"
    if not path.exists():
        with open_workplace(prepared, labels) as workplace:
            np.save(path, train(workplace, BLOCKS.get(dataset, dataset)).pred_probs)
    pred_probs: np.ndarray = np.load(path)
    return pred_probs


def with_interval(differences: np.ndarray) -> str:
    """Return the mean of paired differences and half of its 95 % interval, both in points of a hundred."""
    return f"{100 * differences.mean():+.2f} ± {100 * half_interval(differences):.2f}"


def half_interval(differences: np.ndarray) -> float:
    """Return half of the 95 % interval of the mean of paired differences (Student's t)."""
    return float(t.ppf(0.975, len(differences) - 1) * differences.std(ddof=1) / np.sqrt(len(differences)))


def precisions(runs: list[Measured], score: str) -> np.ndarray:
    """Return a score's average precision in each run."""
    return np.array([run["scores"][score]["average_precision"] for run in runs])


def gains(runs: list[Measured]) -> np.ndarray:
    """Return what the default score gains over the plain one in each run."""
    gained: np.ndarray = precisions(runs, DEFAULT) - precisions(runs, PLAIN)
    return gained


def name_cell(dataset: str, kind: Kind, share: float) -> list[str]:
    """Return the first cells of the rows of one data set, noise and share."""
    return [f"`{dataset}`", kind.replace("_", "-"), f"{share:.0%}"]


def describe_ranking(runs: list[Measured]) -> list[str]:
    """Return the average precision of each score, and what the default one gains."""
    return [*(f"{precisions(runs, score).mean():.4f}" for score in SCORES), with_interval(gains(runs))]


def describe_flags(runs: list[Measured]) -> list[str]:
    """Return each rule's precision and recall, and the yield curve's expected over the actual finds."""
    flags = [[np.mean([run["flags"][flag][of] for run in runs]) for of in ("precision", "recall")] for flag in FLAGS]
    ratios = [run["yield"]["expected"] / run["yield"]["found"] for run in runs]
    expected = f"{np.mean(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    return [*(f"{precision:.2f}, {recall:.2f}" for precision, recall in flags), expected]


def describe_expected(runs: list[Measured]) -> list[str]:
    """Return how many errors are expected over how many there are, and how often the band holds that."""
    return [cell for when in WHEN for cell in describe_counts([run["counts"][when] for run in runs])]


def compare(
    dataset: str, kind: Kind, changed: dict[str, Any], runs: list[Measured], shipped: list[Measured]
) -> list[str]:
    """Return the cells of the row of other settings, held against the shipped ones."""
    others, before = precisions(runs, DEFAULT), precisions(shipped, DEFAULT)
    gain = with_interval(others - before)
    return [f"`{dataset}`", kind.replace("_", "-"), f"`{name_settings(changed)}`", f"{others.mean():.4f}", gain]


def print_table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """Print a table in Markdown."""
    print(f"{title}\n")
    for cells in (columns, ["---"] * len(columns), *rows):
        print(f"| {' | '.join(cells)} |")
    print(flush=True)


def main(folder: Path, named: list[str]) -> None:
    """Train what the folder does not have, and print what is measured of the named data sets."""
    folder.mkdir(parents=True, exist_ok=True)
    pooled, ranking, flagging, counting, varied = [], [], [], [], []
    cells: list[list[Measured]] = []
    for dataset, _, share_alone in (name.partition(":") for name in named):
        shares = (float(share_alone),) if share_alone else SHARES
        about = About(find_nearest(dataset), find_known(folder, dataset))
        pooled.append([f"`{dataset}`"])
        for kind in KINDS:
            runs = {share: read_runs(folder, dataset, kind, share, {}, about) for share in shares}
            pooled[-1].append(with_interval(np.mean([gains(each) for each in runs.values()], axis=0)))
            ranking += [[*name_cell(dataset, kind, share), *describe_ranking(each)] for share, each in runs.items()]
            flagging += [[*name_cell(dataset, kind, share), *describe_flags(each)] for share, each in runs.items()]
            counting += [[*name_cell(dataset, kind, share), *describe_expected(each)] for share, each in runs.items()]
            cells += runs.values()
            for changed in () if share_alone else VARIED[dataset]:
                others = read_runs(folder, dataset, kind, VARIED_SHARE, changed, about)
                varied.append(compare(dataset, kind, changed, others, runs[VARIED_SHARE]))
            print(dataset, kind, file=sys.stderr, flush=True)
    what = f"What {DEFAULT} gains in average precision over {PLAIN}, in points"
    print_table(f"{what}: means over the shares of flips and five seeds.", POOLED, pooled)
    print_table("Average precision, means over five seeds, and that gain.", RANKING, ranking)
    expected = "and the yield curve's expected over the actual finds at the number of flips: mean, least and most."
    print_table(f"Each flag rule's precision and recall, {expected}", FLAGGING, flagging)
    counted = "Expected over true errors, in all rows of which the truth is known / in the N worst, N being the flips"
    summary = [[when, *summarise_counts([[run["counts"][when] for run in runs] for runs in cells])] for when in WHEN]
    print_table(f"{counted}.", COUNTING, counting)
    print_table(f"{counted}: means over five seeds that are near the truth.", SUMMARY, summary)
    print_table(f"Other settings, {VARIED_SHARE:.0%} flipped: average precision of {DEFAULT}.", VARIED_COLUMNS, varied)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit("usage: python -m benchmarks.detection FOLDER [NAME[:SHARE] …]")
    print_conditions()
    main(Path(sys.argv[1]), sys.argv[2:] or list(DATASETS))
