"""What cleaning made of the scores on each set of rows, in figures."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from stages.compare.interval import Difference, compare_hits, compare_losses
from stages.compare.rows import Rows
from stages.compare.spread import FEWEST
from stages.compare.training import ARMS, Scores

DIGITS = 6


def measure_sets(rows: Rows, scores: dict[str, Scores]) -> dict[str, Any]:
    """Return the scores with given and with cleaned labels on each set of rows, as far as it has rows enough.

    Parameters
    ----------
    rows : Rows
        The rows.
    scores : dict of Scores
        As `train_all` returns them.

    Returns
    -------
    dict
        By set, how many ``rows`` it has and, from `FEWEST` on, ``accuracy`` and ``log_loss``.
    """
    return {name: measure_set(weights, scores) for name, weights in rows.weights.items()}


def count_rows(rows: Rows) -> dict[str, Any]:
    """Return how many rows each set has, as `measure_sets` does if none has rows enough."""
    return {name: {"rows": int((weights > 0).sum())} for name, weights in rows.weights.items()}


def measure_set(weights: np.ndarray, scores: dict[str, Scores]) -> dict[str, Any]:
    """Return the scores on the rows that stand for any, as `measure_sets` does."""
    kept = weights > 0
    measured: dict[str, Any] = {"rows": int(kept.sum())}
    if measured["rows"] < FEWEST:
        return measured
    given, cleaned, half, rest = (scores[name] for name in ARMS)
    halves = (half.hits[kept], rest.hits[kept]), (half.losses[kept], rest.losses[kept])
    hits = compare_hits(given.hits[kept], cleaned.hits[kept], halves[0], weights[kept])
    losses = compare_losses(given.losses[kept], cleaned.losses[kept], halves[1], weights[kept])
    return {
        **measured,
        "accuracy": describe(hits, more_is_better=True),
        "log_loss": describe(losses, more_is_better=False),
    }


def describe(difference: Difference, *, more_is_better: bool) -> dict[str, Any]:
    """Return a difference as a dict, rounded, with its verdict."""
    figures = {
        name: value if name == "is_sound" else round(value, DIGITS) for name, value in asdict(difference).items()
    }
    return {**figures, "verdict": difference.judge(more_is_better=more_is_better)}


def tabulate(rows: Rows, scores: dict[str, Scores]) -> pd.DataFrame:
    """Return a line for each row of any set: what it stands for in each, and its scores, means over the trainings."""
    weights = rows.weights
    table = pd.DataFrame({"id": rows.ids, **weights})
    for name in ("given", "cleaned"):
        table[f"{name}_hits"], table[f"{name}_loss"] = (each.mean(axis=1) for each in scores[name])
    return table[np.any(list(weights.values()), axis=0)]
