"""The probability that a label is wrong: label quality, calibrated.

A score ranks rows, and does not say how many of the first hundred are wrong. That is calibrated here, by isotonic
regression on the score (Zadrozny and Elkan 2002), towards how probable an error is by `stages.find_issues.doubts`: not
towards the given labels, which a model that was trained on them reproduces, errors included.

References
----------
Zadrozny and Elkan, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates", KDD 2002
"""

import numpy as np
import pandas as pd
from sklearn.isotonic import IsotonicRegression

from stages.find_issues.confident import Rows

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
        Nowhere rising along the ranking. Over the rows that it was calibrated on it adds up to the doubts.
    """
    if not fitted.any():
        return np.zeros(len(scores))
    scores = scores.astype(np.float64)
    falling = IsotonicRegression(increasing=False, out_of_bounds="clip").fit(scores[fitted], doubts[fitted])
    expected: np.ndarray = falling.predict(scores)
    return expected


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
