"""Flags as many rows of each pair of classes as the confident joint counts: cleanlab's ``prune_by_noise_rate``."""

import numpy as np

from stages.find_issues.evidence import Evidence, Ranking
from stages.find_issues.pruning import by_count, prune
from stages.find_issues.settings import Settings

AUDIT_PLACE = 2


def flag(evidence: Evidence, ranking: Ranking, settings: Settings) -> np.ndarray:
    """Return the rows with the widest margins of each given and each other class."""
    return prune(evidence, by_count)
