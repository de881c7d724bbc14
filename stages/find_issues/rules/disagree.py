"""Flags every row for which the model suggests another label: cleanlab's ``predicted_neq_given``."""

import numpy as np

from stages.find_issues.evidence import Evidence, Ranking
from stages.find_issues.settings import Settings

AUDIT_PLACE = 3


def flag(evidence: Evidence, ranking: Ranking, settings: Settings) -> np.ndarray:
    """Return the rows whose label is not the likeliest class."""
    flagged: np.ndarray = (evidence.rows.suggested != evidence.labels) & ~evidence.rows.agrees
    return flagged
