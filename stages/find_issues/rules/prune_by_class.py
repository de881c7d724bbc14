"""Flags as many rows of each class as the confident joint counts, those with the lowest probabilities: cleanlab's."""

import numpy as np

from stages.find_issues.evidence import Evidence, Ranking
from stages.find_issues.pruning import by_class, prune
from stages.find_issues.settings import Settings

AUDIT_PLACE = None


def flag(evidence: Evidence, ranking: Ranking, settings: Settings) -> np.ndarray:
    """Return the rows with the lowest probabilities of each class."""
    return prune(evidence, by_class)
