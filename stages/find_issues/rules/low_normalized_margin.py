"""Flags as many rows as confident_learning does, those with the lowest normalized margin: cleanlab's."""

import numpy as np

from stages.find_issues.evidence import Evidence, Ranking
from stages.find_issues.rules.low_self_confidence import flag_lowest
from stages.find_issues.scores import normalized_margin
from stages.find_issues.settings import Settings

AUDIT_PLACE = None


def flag(evidence: Evidence, ranking: Ranking, settings: Settings) -> np.ndarray:
    """Return the rows with the lowest scores."""
    return flag_lowest(evidence, normalized_margin.score(evidence))
