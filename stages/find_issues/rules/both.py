"""Flags what noise_rate and prune_by_class both flag: cleanlab's."""

import numpy as np

from stages.find_issues.evidence import Evidence, Ranking
from stages.find_issues.pruning import by_class, by_count, prune
from stages.find_issues.settings import Settings

AUDIT_PLACE = None


def flag(evidence: Evidence, ranking: Ranking, settings: Settings) -> np.ndarray:
    """Return the rows that both flag."""
    return prune(evidence, by_count, by_class)
