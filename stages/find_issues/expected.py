"""The probability that a label is wrong: label quality, calibrated.

A score ranks rows, and does not say how many of the first hundred are wrong. That is calibrated here, by logistic
regression on the score's log-odds (Platt 1999), towards how probable an error is by `stages.find_issues.doubts`: not
towards the given labels, which a model that was trained on them reproduces, errors included.

References
----------
Platt, "Probabilistic Outputs for Support Vector Machines", in Advances in Large Margin Classifiers, 1999
"""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from stages.artifacts.calibration import to_log_odds
from stages.find_issues.confident import Rows

# log-odds beyond which a score is as good as 0 or 1
CERTAIN = 20.0
# So weak a penalty that it matters only if the score separates errors from the rest without a fault: then the slope
# would grow without end.
INVERSE_PENALTY = 1e3
BINS = 10


def expect_errors(scores: np.ndarray, doubts: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """Return the probability that each row's label is wrong, by the model alone.

    Parameters
    ----------
    scores : ndarray of shape (n,), float
        Their label quality.
    doubts : ndarray of shape (n,), float64
        What `doubt_labels` returns: how probable an error is, whatever the score.
    fitted : ndarray of shape (n,), bool
        The rows to calibrate on: those that no person has confirmed.

    Returns
    -------
    ndarray of shape (n,), float64
        Falling along the ranking. Over the rows that it was calibrated on it adds up to the doubts.
    """
    log_odds = np.clip(to_log_odds(scores), -CERTAIN, CERTAIN)
    return _calibrate(log_odds[fitted], doubts[fitted], log_odds)


def tabulate_reliability(labels: np.ndarray, rows: Rows, error_prob: np.ndarray) -> pd.DataFrame:
    """Return how often rows have the label that the model suggests, by the probability that it gives that label.

    Returns
    -------
    DataFrame with the columns from, to, rows, mean_prob, agree and agree_allowed
        A row for each tenth of the probabilities that has any. The last column allows for errors: rows count by the
        probability that their label is right.
    """
    bins = np.minimum((rows.suggested_prob * BINS).astype(int), BINS - 1)
    agrees = rows.suggested == labels
    counted, probs, agreeing, right, agreeing_right = (
        np.bincount(bins, weights=weights, minlength=BINS)
        for weights in (None, rows.suggested_prob, agrees, 1 - error_prob, agrees * (1 - error_prob))
    )
    edges = np.arange(BINS + 1) / BINS
    with np.errstate(invalid="ignore", divide="ignore"):
        table = pd.DataFrame(
            {
                "from": edges[:-1],
                "to": edges[1:],
                "rows": counted,
                "mean_prob": probs / counted,
                "agree": agreeing / counted,
                "agree_allowed": agreeing_right / right,
            }
        )
    return table[table["rows"] > 0]


def _calibrate(log_odds: np.ndarray, targets: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    if not len(targets) or targets.max() == 0 or targets.min() == 1:
        return np.full(len(wanted), targets.mean() if len(targets) else 0.0)
    # a target between 0 and 1 is a row of each kind, weighted
    part = (targets > 0) & (targets < 1)
    features = np.concatenate([log_odds, log_odds[part]])[:, None]
    kinds = np.concatenate([targets > 0, np.zeros(part.sum(), dtype=bool)])
    weights = np.concatenate([np.where(part, targets, 1.0), 1 - targets[part]])
    fit = LogisticRegression(C=INVERSE_PENALTY).fit(features, kinds, sample_weight=weights)
    # a score that ranks errors last says nothing about where they are
    if fit.coef_[0, 0] >= 0:
        return np.full(len(wanted), targets.mean())
    probs: np.ndarray = fit.predict_proba(wanted[:, None])[:, 1]
    return probs
