"""What cleaning made of the scores on each set of rows, in figures."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from stages.compare.interval import FEWEST, Difference, compare_hits, compare_losses
from stages.compare.rows import Rows
from stages.compare.training import Scores

DIGITS = 6


def measure_sets(rows: Rows, given: Scores, cleaned: Scores) -> dict[str, Any]:
    """Return the scores with given and with cleaned labels on each set of rows, as far as it has rows enough.

    Parameters
    ----------
    rows : Rows
        The rows.
    given, cleaned : Scores
        After training on either.

    Returns
    -------
    dict
        By set, how many ``rows`` it has and, from `FEWEST` on, ``accuracy`` and ``log_loss``.
    """
    return {name: measure_set(weights, given, cleaned) for name, weights in rows.weights.items()}


def count_rows(rows: Rows) -> dict[str, Any]:
    """Return how many rows each set has, as `measure_sets` does if none has rows enough."""
    return {name: {"rows": int((weights > 0).sum())} for name, weights in rows.weights.items()}


def measure_set(weights: np.ndarray, given: Scores, cleaned: Scores) -> dict[str, Any]:
    """Return the scores on the rows that stand for any, as `measure_sets` does."""
    kept = weights > 0
    measured: dict[str, Any] = {"rows": int(kept.sum())}
    if measured["rows"] < FEWEST:
        return measured
    hits = compare_hits(given.hits[kept], cleaned.hits[kept], weights[kept])
    losses = compare_losses(given.losses[kept], cleaned.losses[kept], weights[kept])
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


def tabulate(rows: Rows, given: Scores, cleaned: Scores) -> pd.DataFrame:
    """Return a line for each row of any set: what it stands for in each, and its scores, means over the trainings."""
    weights = rows.weights
    table = pd.DataFrame({"id": rows.ids, **weights})
    for name, scores in (("given", given), ("cleaned", cleaned)):
        table[f"{name}_hits"], table[f"{name}_loss"] = scores.hits.mean(axis=1), scores.losses.mean(axis=1)
    return table[np.any(list(weights.values()), axis=0)]
