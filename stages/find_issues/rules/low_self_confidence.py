"""Flags as many rows as confident_learning does, those with the lowest self-confidence: cleanlab's."""

import numpy as np

from stages.find_issues.evidence import Evidence, Ranking
from stages.find_issues.scores import self_confidence
from stages.find_issues.settings import Settings

AUDIT_PLACE = None


def flag(evidence: Evidence, ranking: Ranking, settings: Settings) -> np.ndarray:
    """Return the rows with the lowest scores."""
    return flag_lowest(evidence, self_confidence.score(evidence))


def flag_lowest(evidence: Evidence, scores: np.ndarray) -> np.ndarray:
    """Return the rows with the lowest of some scores, as many as confidently belong to another class."""
    flagged = np.zeros(len(scores), dtype=bool)
    # not a stable sort, as cleanlab's is not
    flagged[np.argsort(scores)[: evidence.off_diagonal.sum()]] = True
    return flagged
