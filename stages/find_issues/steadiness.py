"""How steady the flags are: which rows each repeat, or each of several models, would flag by itself.

What a model learns depends on the folds, the first weights and the order of the rows, and so do the rows just above and
below the cut. The flags of the mean of several runs vary less than those of one, so the agreement of single runs is a
lower bound for theirs.
"""

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from stages.artifacts.files import load_array
from stages.find_issues.blocks import PredProbs
from stages.find_issues.confident import describe_rows
from stages.find_issues.doubts import count_votes
from stages.find_issues.judge import judge_rows
from stages.find_issues.settings import Settings
from stages.find_issues.votes import Neighbours


@dataclass(frozen=True)
class Steadiness:
    """Which of n rows each of R runs flags.

    Attributes
    ----------
    flags : ndarray of shape (R, n), bool
        A row for each run, none if there is but one: then nothing is known.
    """

    flags: np.ndarray

    @property
    def jaccard(self) -> float | None:
        """The mean over all pairs of runs of what they both flag, as a share of what either flags."""
        pairs = list(combinations(self.flags, 2))
        return float(np.mean([measure_jaccard(*pair) for pair in pairs])) if pairs else None

    def count_of(self, rows: np.ndarray) -> list[str]:
        """Return for each of some rows how many runs flag it: ``2 of 3``."""
        n_runs = len(self.flags)
        return [f"{count} of {n_runs}" for count in self.flags[:, rows].sum(axis=0)]

    def describe(self) -> dict[str, Any]:
        """Return what ``steadiness.json`` holds."""
        return {"runs": max(1, len(self.flags)), "jaccard": self.jaccard}


def compare_runs(
    predictions: Path,
    labels: np.ndarray,
    trained: np.ndarray,
    decided: np.ndarray,
    order: np.ndarray,
    settings: Settings,
    neighbours: Neighbours,
    wrong: np.ndarray,
) -> Steadiness:
    """Judge each run by its own probabilities alone, one after the other.

    Parameters
    ----------
    predictions : Path
        The folder in which ``pred_probs_by_run.npy`` has the out-of-sample probabilities of each run, (R, n, K)
        float32; it is not there if there is but one.
    labels : ndarray of shape (n,), int64
        What `describe_rows` takes: those trained on, and the given ones of rows that are left out.
    trained, decided, order, settings, wrong
        What `judge_rows` takes.
    neighbours : Neighbours
        Which rows are like each.
    """
    path = predictions / "pred_probs_by_run.npy"
    n_runs = len(load_array(path)) if path.exists() else 0
    flags = np.zeros((n_runs, len(labels)), dtype=bool)
    for run in range(n_runs):
        pred_probs = PredProbs(path, run=run)
        rows = describe_rows(labels, pred_probs)
        votes = count_votes(neighbours, trained, rows, pred_probs.shape[1])
        judged = judge_rows(trained, pred_probs, rows, decided, order, settings, votes, wrong)
        flags[run, judged.kept] = judged.flagged
    return Steadiness(flags)


def measure_jaccard(flags: np.ndarray, others: np.ndarray) -> float:
    """Return the rows that both flag as a share of those that either flags; 1 if neither flags any."""
    either = int((flags | others).sum())
    return int((flags & others).sum()) / either if either else 1.0
