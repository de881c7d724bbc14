"""How far the probability of the given label is from that of the likeliest other class: cleanlab's."""

import numpy as np

from stages.find_issues.confident import score_by_cleanlab
from stages.find_issues.evidence import Evidence

AUDIT_PLACE = 3


def score(evidence: Evidence) -> np.ndarray:
    """Return cleanlab's score of each row."""
    return score_by_cleanlab(evidence.labels, evidence.pred_probs, "normalized_margin")
