"""Whether cleaning helps what is trained on the data: ``python -m benchmarks.cleaning_helps [digits mnist]``.

A share of the training labels is flipped to another class at random, the pipeline flags rows and cleans them, and a
network is trained on each version of the labels and tested on true labels that nothing else has seen. Everything is as
the data set's block in params.yaml says, but for the seed and the budget of flags: a budget of 1 % cannot hold 5 % of
errors, so cleanlab's filter decides.

The versions: the flipped labels as they are; the flagged rows removed; relabelled where the network is sure and removed
where it is not; decided on by a reviewer who makes no mistake and sees nothing but the flagged rows; the true labels.
With the same seed they share the split, the flips, the first weights and, where no row is removed, the order of rows.
Both rules act on all flagged rows, as with ``act_above: 0`` and a good model.
"""

import sys
import time

import numpy as np
import pandas as pd
import torch
from sklearn.model_selection import train_test_split
from torch.utils.data import TensorDataset

from benchmarks.conditions import print_conditions
from benchmarks.workplace import open_workplace, read_block, read_prepared, train
from stages.artifacts.trust import Worth
from stages.clean.__main__ import clean_labels
from stages.clean.settings import Settings as CleanSettings
from stages.crossval_predict.models.fold import Fold
from stages.crossval_predict.models.training import FoldTraining
from stages.crossval_predict.settings import Settings
from stages.find_issues.confident import describe_rows
from stages.find_issues.judge import judge_rows
from stages.find_issues.settings import Settings as FlagSettings
from stages.find_issues.tables import tabulate_rows
from stages.flip.noise import flip_uniformly
from stages.workers.pool import Workers, count_workers

SHARES = (0.05, 0.10)
SEEDS = range(5)
# MNIST's own training rows come first; of other data sets a share is kept for the test, drawn anew for each seed
TRAINING_ROWS = {"mnist": 60_000}
TEST_SHARE = 1 / 3
REMOVED = -1
VERSIONS = {
    "noisy": "as flipped",
    "remove": "cleaned, `undecided: remove`",
    "relabel": "cleaned, `undecided: relabel`",
    "decided": "flagged rows decided on without a mistake",
    "true": "true",
}
FLAGS = ("flipped", "flagged", "precision", "recall", "relabelled", "of them to the true label")


def split_rows(dataset: str, labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the rows to train on and of those to test on."""
    rows = np.arange(len(labels))
    if dataset in TRAINING_ROWS:
        return rows[: TRAINING_ROWS[dataset]], rows[TRAINING_ROWS[dataset] :]
    training, test = train_test_split(rows, test_size=TEST_SHARE, stratify=labels, random_state=seed)
    return training, test


def clean(dataset: str, given: np.ndarray, pred_probs: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return which rows are flagged, (n,) bool, and the labels that each rule for undecided rows leaves."""
    block = read_block(dataset)
    settings = FlagSettings(**{**block["find_issues"], "flag": "noise_rate"})
    rows, everything = describe_rows(given, pred_probs), np.arange(len(given))
    judged = judge_rows(given, pred_probs, rows, np.zeros(len(given), dtype=bool), everything, settings)
    ids = pd.Series(everything).astype(str)
    classes = [str(label) for label in range(pred_probs.shape[1])]
    quality = tabulate_rows(ids, given, given, rows, judged, everything, classes)
    cleaned = {}
    for undecided in ("remove", "relabel"):
        rule = CleanSettings(**{**block["clean"], "undecided": undecided, "act_above": 0})
        labels = clean_labels(quality, set(ids[judged.flagged]), {}, rule, Worth.GOOD)["label"]
        cleaned[undecided] = labels.replace("", str(REMOVED)).to_numpy(np.int64)
    return judged.flagged, cleaned


def score_version(
    dataset: str, training: np.ndarray, test: np.ndarray, version: str, labels: np.ndarray, seed: int
) -> tuple[str, float]:
    """Train a network on a version of the training rows' labels; return its name and its accuracy on the test rows."""
    images, true = read_prepared(dataset)
    block = read_block(dataset)
    settings, n_folds = Settings(**{**block["crossval_predict"], "seed": seed}), block["split"]["folds"]
    kept = labels != REMOVED
    rows, targets = np.append(training[kept], test), np.append(labels[kept], true[test])
    data = TensorDataset(torch.from_numpy(images[rows]), torch.from_numpy(targets))
    numbers, n_classes = np.arange(len(rows)), int(true.max()) + 1
    # numbered after the folds of the cross-validation, none of whose random choices it shares
    fold = Fold(0, n_folds, numbers[: kept.sum()], numbers[kept.sum() :], n_classes)
    network = FoldTraining(data, fold, settings, "cpu")
    for _ in range(settings.max_epochs):
        network.train_epoch()
    pred_probs, _ = network.result()
    return version, float((pred_probs.argmax(axis=1) == true[test]).mean())


def measure(dataset: str, share: float, seed: int) -> list[float]:
    """Return the test accuracy of each of `VERSIONS` in percent, and what `FLAGS` names."""
    start = time.perf_counter()
    images, labels = read_prepared(dataset)
    training, test = split_rows(dataset, labels, seed)
    true = labels[training]
    given, flipped = flip_uniformly(true, int(true.max()) + 1, share, seed)
    with open_workplace(images[training], given) as folder:
        pred_probs = train(folder, dataset, seed=seed).pred_probs
    flagged, cleaned = clean(dataset, given, pred_probs)
    versions = {"noisy": given, **cleaned, "decided": np.where(flagged, true, given), "true": true}
    calls = [(dataset, training, test, version, versions[version], seed) for version in VERSIONS]
    accuracies = dict(Workers(count_workers(len(calls))).call(score_version, calls))
    relabelled = flagged & (cleaned["relabel"] != REMOVED)
    flags = [flipped.sum(), flagged.sum(), flipped[flagged].mean(), flagged[flipped].mean()]
    flags += [relabelled.sum(), (cleaned["relabel"] == true)[relabelled].mean()]
    measured = [*(100 * accuracies[version] for version in VERSIONS), *map(float, flags)]
    said = ", ".join(f"{name} {value:.5g}" for name, value in zip([*VERSIONS, *FLAGS], measured, strict=True))
    seconds = time.perf_counter() - start
    print(f"{dataset}, {share:.0%} flipped, seed {seed}: {said}; {seconds:.0f} s", file=sys.stderr, flush=True)
    return measured


def write_spread(values: np.ndarray, digits: int, sign: str = "") -> str:
    """Return the mean and the standard deviation of a sample as text."""
    return f"{values.mean():{sign}.{digits}f} ± {values.std(ddof=1):.{digits}f}"


def main(datasets: list[str]) -> None:
    """Measure each data set with each share of flipped labels, and print what came of training and the flags."""
    cells = {(dataset, share): np.array([measure(dataset, share, seed) for seed in SEEDS])
             for dataset in datasets for share in SHARES}  # fmt: skip
    print(f"mean ± standard deviation of {len(SEEDS)} seeds; differences are taken within a seed\n")
    print("| data set | flipped | labels trained on | test accuracy, % | less that of the flipped | higher in |")
    print("| --- | ---: | --- | ---: | ---: | ---: |")
    for (dataset, share), measured in cells.items():
        for name, accuracies in zip(VERSIONS.values(), measured.T, strict=False):
            gain = accuracies - measured[:, 0]
            compared = f"{write_spread(gain, 2, '+')} | {(gain > 0).sum()} of {len(gain)}" if gain.any() else "|"
            print(f"| `{dataset}` | {share:.0%} | {name} | {write_spread(accuracies, 2)} | {compared} |")
    print(f"\n| data set | share | {' | '.join(FLAGS)} |\n| --- |{' ---: |' * (len(FLAGS) + 1)}")
    for (dataset, share), measured in cells.items():
        flags = measured[:, len(VERSIONS) :].T
        texts = [write_spread(values, 3 if values.max() <= 1 else 0) for values in flags]
        print(f"| `{dataset}` | {share:.0%} | {' | '.join(texts)} |")


if __name__ == "__main__":
    print_conditions()
    main(sys.argv[1:] or ["digits", "mnist"])
