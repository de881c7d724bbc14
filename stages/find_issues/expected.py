"""How many of the worst rows are expected to be label errors: what a review of them will yield.

A score ranks rows, and does not say how many of the first hundred are wrong. That is calibrated here, by logistic
regression on the score's log-odds (Platt 1999), towards what confident learning says of each row:

- A row that confidently belongs to another class than its label counts as an error. A row that the model agrees with
  does not.
- A row that the model disagrees with, though not confidently, is an error as often as disagreements are confident.
  An accurate model on clean labels disagrees with few rows, and confidently with next to none of them, so its doubts
  count for next to nothing. If labels are wrong, most disagreements are confident, and most doubts are right.

So the probabilities are calibrated to the noise and not to the given labels, which a model that was trained on them
reproduces, errors included.

References
----------
Platt, "Probabilistic Outputs for Support Vector Machines", in Advances in Large Margin Classifiers, 1999

Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of Artificial
Intelligence Research 70, 2021, https://arxiv.org/abs/1911.00068
"""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from stages.artifacts.quality import Z
from stages.find_issues.confident import Rows
from stages.find_issues.evidence import Evidence

# log-odds beyond which a score is as good as 0 or 1
CERTAIN = 20.0
# So weak a penalty that it matters only if the score separates errors from the rest without a fault: then the slope
# would grow without end.
INVERSE_PENALTY = 1e3
YIELD_POINTS = 200
BINS = 10


def expect_errors(
    evidence: Evidence, scores: np.ndarray, fitted: np.ndarray, unconfident: float | None = None
) -> np.ndarray:
    """Return the probability that each row's label is wrong.

    Parameters
    ----------
    evidence : Evidence
        Of n rows.
    scores : ndarray of shape (n,), float
        Their label quality.
    fitted : ndarray of shape (n,), bool
        The rows to calibrate on: those that no person has confirmed.
    unconfident : float, optional
        How often a disagreement that is not confident is an error; estimated by default.

    Returns
    -------
    ndarray of shape (n,), float64
        Falling along the ranking. Over the rows that it was calibrated on it adds up to the errors that are counted.
    """
    errors, agrees = evidence.off_diagonal, evidence.rows.agrees
    if unconfident is None:
        # one of each beforehand: no disagreement at all does not prove that there are no errors
        unconfident = (errors[fitted].sum() + 1) / ((~agrees)[fitted].sum() + 2)
    targets = np.where(errors, 1.0, np.where(agrees, 0.0, unconfident))
    log_odds = _log_odds(scores)
    return _calibrate(log_odds[fitted], targets[fitted], log_odds)


def tabulate_yield(error_prob: np.ndarray, least: np.ndarray, most: np.ndarray) -> pd.DataFrame:
    """Return how many errors the worst rows are expected to hold.

    Parameters
    ----------
    error_prob, least, most : ndarray of shape (n,), float64
        The probability that each row is an error, in the order of the ranking; and the same if none, and if all, of the
        disagreements that are not confident are errors.

    Returns
    -------
    DataFrame with the columns rows, expected, low and high
        The band goes from the errors expected of the ``least`` to those of the ``most``, each widened by what chance
        adds to it (95 %, each row an error or not by itself).
    """
    n_rows = len(error_prob)
    points = np.unique(np.round(np.geomspace(1, n_rows, YIELD_POINTS)).astype(int)) if n_rows else np.empty(0, int)
    low, expected, high = (np.cumsum(probs)[points - 1] for probs in (least, error_prob, most))
    low_chance, high_chance = (np.sqrt(np.cumsum(p * (1 - p))[points - 1]) for p in (least, most))
    return pd.DataFrame(
        {
            "rows": points,
            "expected": expected,
            "low": np.maximum(low - Z * low_chance, 0),
            "high": np.minimum(high + Z * high_chance, points),
        }
    )


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


def _log_odds(scores: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        odds = np.log(scores.astype(np.float64)) - np.log1p(-scores.astype(np.float64))
    clipped: np.ndarray = np.clip(odds, -CERTAIN, CERTAIN)
    return clipped


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
