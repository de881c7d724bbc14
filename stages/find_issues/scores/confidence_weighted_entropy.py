"""The entropy of the probabilities, divided by the probability of the given label: cleanlab's.

It is there for comparison. It ranks rows worst of which an accurate model is sure, and rightly.
"""

import numpy as np

from stages.find_issues.confident import score_by_cleanlab
from stages.find_issues.evidence import Evidence

AUDIT_PLACE = 4


def score(evidence: Evidence) -> np.ndarray:
    """Return cleanlab's score of each row."""
    return score_by_cleanlab(evidence.labels, evidence.pred_probs, "confidence_weighted_entropy")
