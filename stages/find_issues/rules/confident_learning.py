"""Flags every row that confidently belongs to another class than its label: cleanlab's."""

import numpy as np

from stages.find_issues.evidence import Evidence, Ranking
from stages.find_issues.settings import Settings

AUDIT_PLACE = None


def flag(evidence: Evidence, ranking: Ranking, settings: Settings) -> np.ndarray:
    """Return the rows off the diagonal of the confident joint."""
    return evidence.off_diagonal
