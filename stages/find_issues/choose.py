"""Which rows are flagged, and which are listed beside them."""

import math

import numpy as np

from stages.command.errors import InputError
from stages.find_issues.blocks import PredProbs
from stages.find_issues.confident import Rows, filter_rows
from stages.find_issues.settings import Settings

# cleanlab's names for those that have a plainer one here
CLEANLAB = {"noise_rate": "prune_by_noise_rate", "disagree": "predicted_neq_given"}
# rows that issues.csv has at least, so that a reader sees beyond the cut
LISTED = 300


def rank_rows(scores: np.ndarray, decided: np.ndarray) -> np.ndarray:
    """Return the numbers of the rows that no person has confirmed, worst first; equal scores keep their order."""
    order = np.argsort(scores, kind="stable")
    ranked: np.ndarray = order[~decided[order]]
    return ranked


def flag_rows(
    labels: np.ndarray,
    pred_probs: PredProbs | np.ndarray,
    rows: Rows,
    confident: np.ndarray,
    joint: np.ndarray,
    error_prob: np.ndarray,
    settings: Settings,
) -> np.ndarray:
    """Return which rows are flagged, (n,) bool, whether a person has confirmed them or not.

    Parameters
    ----------
    labels, pred_probs, rows, confident, joint
        As `filter_rows` takes them.
    error_prob : ndarray of shape (n,), float64
        As `expect_errors` returns it.
    settings : Settings
        ``yield`` flags what is as probably wrong as ``min_yield`` says; the others but ``budget`` are cleanlab's
        filters.
    """
    if settings.flag == "yield":
        return error_prob >= settings.min_yield
    return filter_rows(labels, pred_probs, rows, confident, joint, CLEANLAB.get(settings.flag, settings.flag))


def budget_rows(budget: int | str, n_rows: int) -> int:
    """Return how many rows a budget is: a number, or a share such as ``2%``, rounded up to whole rows."""
    if isinstance(budget, int):
        if budget > n_rows:
            raise InputError(f"params.yaml: find_issues.budget: {budget:,} is more than the {n_rows:,} rows; lower it")
        return budget
    # the rounding takes away what floating point adds: 7 % of 100 rows are 7
    return math.ceil(round(float(budget.rstrip(" %")) / 100 * n_rows, 6))
