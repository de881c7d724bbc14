"""The probability of the given label, which is cleanlab's ``self_confidence``."""

import numpy as np

from stages.find_issues.evidence import Evidence

AUDIT_PLACE = 2


def score(evidence: Evidence) -> np.ndarray:
    """Return the probability of each row's label."""
    return evidence.rows.given_prob
