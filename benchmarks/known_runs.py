"""Runs whose wrong labels are known, as `find_issues` sees them; `benchmarks.known_errors` makes them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.known_noise import NOISES
from stages.find_issues.confident import describe_rows
from stages.find_issues.doubts import Features, Votes, count_votes, describe_doubts
from stages.find_issues.evidence import Evidence, gather_evidence
from stages.find_issues.scores import noise_posterior
from stages.find_issues.votes import Neighbours

KINDS = tuple(dict.fromkeys(kind for kind, _ in NOISES))
# Data sets of the same rows, or of pictures of the same things, are left out of a fit together.
SAME_FAMILY = {"mnist": "digits", "mnisttiny": "digits", "skwine": "wine", "clothespix": "clothes"}
# Of every other run's neighbours the first share is replaced by any rows, of the others' the second.
REPLACED = (0.4, 0.75)


class Name(NamedTuple):
    """A run's file name: what was predicted, how and how many labels were made wrong, and what predicted."""

    dataset: str
    kind: str
    share: str
    model: str


@dataclass(frozen=True)
class KnownRun:
    """One run of n rows.

    Attributes
    ----------
    name : Name
        What was done.
    replaced : float
        The share of each row's neighbours that were replaced by any rows.
    wrong : ndarray of shape (n,), bool
        Which labels were made wrong.
    evidence : Evidence
        What the labels and the probabilities say.
    quality : ndarray of shape (n,), float
        The default score.
    features : Features
        What `describe_doubts` returns.
    """

    name: Name
    replaced: float
    wrong: np.ndarray
    evidence: Evidence
    quality: np.ndarray
    features: Features

    @property
    def family(self) -> str:
        """The name that related data sets share."""
        return find_family(self.name.dataset)

    @property
    def doubted(self) -> np.ndarray:
        """Which rows the model disagrees with, (n,) bool."""
        return ~self.evidence.rows.agrees

    def part(self, name: str) -> np.ndarray:
        """Return which rows the model disagrees with, ``doubted``, or the others, ``agreed``, (n,) bool."""
        return self.doubted if name == "doubted" else ~self.doubted

    @property
    def accuracy(self) -> float:
        """The share of the rightly labelled rows that the model predicts."""
        return float(self.evidence.rows.agrees[~self.wrong].mean())


def find_family(dataset: str) -> str:
    """Return the name that a data set shares with related ones."""
    name: str = re.findall(r"^(?:cnn)?([a-z_-]+)", dataset)[0]
    return SAME_FAMILY.get(name, name)


def read_runs(folder: Path) -> list[KnownRun]:
    """Read each run of a folder twice: with its neighbours as they are, and with some of them replaced.

    A run in which the model disagrees with no label is left out: there is nothing to expect.
    """
    runs = [run for number, path in enumerate(list_runs(folder)) for run in _read_both(path, REPLACED[number % 2])]
    return [run for run in runs if run.doubted.any()]


def list_runs(folder: Path) -> list[Path]:
    """Return the files of a folder's runs."""
    paths = sorted(folder.glob("*.npz"))
    if not paths:
        raise SystemExit(f"{folder} has no runs: python -m benchmarks.known_errors {folder}")
    return paths


def read_evidence(path: Path) -> tuple[Name, Evidence, np.ndarray]:
    """Return the name of a run, its evidence, and which labels are wrong, (n,) bool."""
    run = np.load(path)
    pred_probs, labels = run["P"], run["g"]
    evidence = gather_evidence(labels, pred_probs, describe_rows(labels, pred_probs))
    return Name(*path.stem.rsplit("-", 3)), evidence, run["f"]


def _read_both(path: Path, replaced: float) -> Iterator[KnownRun]:
    name, evidence, wrong = read_evidence(path)
    nearest = np.load(path)["N"]
    quality = noise_posterior.score(evidence)
    worse = replace_some(nearest, replaced, seed=len(wrong))
    for share, near in ((0.0, nearest), (replaced, worse)):
        yield KnownRun(name, share, wrong, evidence, quality, describe_doubts(evidence, _count_votes(evidence, near)))


def _count_votes(evidence: Evidence, nearest: np.ndarray) -> Votes:
    neighbours = Neighbours(nearest, np.arange(len(nearest)))
    return count_votes(neighbours, evidence.labels, evidence.rows, evidence.pred_probs.shape[1])


def replace_some(nearest: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Replace a share of the neighbours, (n, k) int64, by any of the n rows."""
    rng = np.random.default_rng(seed)
    chosen = rng.random(nearest.shape) < share
    return np.where(chosen, rng.integers(0, len(nearest), nearest.shape), nearest)
