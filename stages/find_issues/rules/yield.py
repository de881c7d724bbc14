"""Flags the rows that are errors with a probability of at least ``min_yield``: a review of them pays."""  # noqa: N999

import numpy as np

from stages.find_issues.evidence import Evidence, Ranking
from stages.find_issues.settings import Settings

AUDIT_PLACE = 1


def flag(evidence: Evidence, ranking: Ranking, settings: Settings) -> np.ndarray:
    """Return which rows are likely enough to be errors."""
    flagged: np.ndarray = ranking.error_prob >= settings.min_yield
    return flagged
