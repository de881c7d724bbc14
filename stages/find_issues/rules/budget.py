"""Flags the worst rows, as many as ``budget`` says: what people have time to review."""

import math

import numpy as np

from stages.command.errors import InputError
from stages.find_issues.evidence import Evidence, Ranking
from stages.find_issues.settings import Settings

AUDIT_PLACE = None


def flag(evidence: Evidence, ranking: Ranking, settings: Settings) -> np.ndarray:
    """Return which rows are the worst that nobody has confirmed."""
    flagged = np.zeros(len(evidence.labels), dtype=bool)
    flagged[ranking.order[: count_rows(settings.budget, len(flagged))]] = True
    return flagged


def count_rows(budget: int | str, n_rows: int) -> int:
    """Return how many rows a budget is: a number, or a share such as ``2%``, rounded up to whole rows.

    Raises
    ------
    InputError
        If there are fewer rows.
    """
    if isinstance(budget, int):
        if budget > n_rows:
            raise InputError(f"params.yaml: find_issues.budget: {budget:,} is more than the {n_rows:,} rows; lower it")
        return budget
    # the rounding takes away what floating point adds: 7 % of 100 rows are 7
    return math.ceil(round(float(budget.rstrip(" %")) / 100 * n_rows, 6))
