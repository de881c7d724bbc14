"""How far a mean of paired differences may be off.

Three things are luck: which rows are scored, how a training begins, and which labels were changed. A few changes that
say nothing move a model as well, and all rows with it, so that many rows would make a difference of nothing look sure.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, t

CONFIDENCE = 0.95
NORMAL = float(norm.ppf((1 + CONFIDENCE) / 2))
# below so many rows nothing is said
FEWEST = 30
# Cochran's rule: an interval by Student's t holds if the rows are more than this times the squared skewness
SKEW_ROWS = 25


@dataclass(frozen=True)
class Spread:
    """How far the mean of paired differences may be off.

    Attributes
    ----------
    mean : float
        Of rows, weighted, and trainings.
    variance : float
        Of that mean: what other rows would change, other trainings, and other changes of labels.
    quantile : float
        How many standard deviations a 95 % interval reaches to each side.
    skewness : float
        Of what each row adds.
    rows : float
        How many rows of equal weight would say as much.
    differing : float
        How many rows make the variance, if they did so alike.
    """

    mean: float
    variance: float
    quantile: float
    skewness: float
    rows: float
    differing: float

    @property
    def interval(self) -> tuple[float, float]:
        """The interval by Student's t."""
        reach = self.quantile * self.variance**0.5
        return self.mean - reach, self.mean + reach

    @property
    def is_sound(self) -> bool:
        """Whether there are rows enough for Student's t."""
        return self.rows >= FEWEST and self.rows > SKEW_ROWS * self.skewness**2


def find_spread(differences: np.ndarray, contrasts: np.ndarray, weights: np.ndarray) -> Spread:
    """Return how far the mean of paired differences may be off.

    Rows and trainings are crossed. The variance between rows of their mean over the trainings, and that between
    trainings of their mean over the rows, are added; what both hold counts twice, which makes the interval wider.

    To these comes the variance by which labels were changed. If the changes say nothing, each moves the mean up or down
    by chance. Then what they do together is as far from 0 as what one half of them, drawn at random, does less what the
    other half does: as in balanced half-samples. What other trainings alone would make of that is taken off.

    Parameters
    ----------
    differences : ndarray of shape (n, R), float64
        Of n rows, at least two, in R pairs of trainings, at least two.
    contrasts : ndarray of shape (n, R), float64
        The same between one half of the changes and the other, drawn anew for each pair.
    weights : ndarray of shape (n,), float64
        How many rows each stands for.

    References
    ----------
    McCarthy, "Pseudo-replication: half samples", Review of the International Statistical Institute 37, 1969
    Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bulletin 2, 1946
    """
    n_rows, n_runs = differences.shape
    share = weights / weights.sum()
    by_row, by_run = differences.mean(axis=1), share @ differences
    mean, added = float(share @ by_row), share * (by_row - share @ by_row)
    of_rows = float((added**2).sum()) * n_rows / (n_rows - 1)
    of_runs = float(by_run.var(ddof=1)) / n_runs
    of_changes = max(0.0, float(((share @ contrasts) ** 2).mean()) - n_runs * of_runs)
    rows, variance = float(1 / (share**2).sum()), of_rows + of_runs + of_changes
    if variance == 0:
        return Spread(mean, 0.0, NORMAL, 0.0, rows, 0.0)
    uncertain = of_rows**2 / max(rows - 1, 1) + of_runs**2 / (n_runs - 1) + of_changes**2 / n_runs
    freedom = variance**2 / uncertain
    squares = added**2
    skewness = float((squares * added).mean() / squares.mean() ** 1.5) if of_rows else 0.0
    differing = float(squares.sum() ** 2 / (squares**2).sum()) if of_rows else 0.0
    quantile = float(t.ppf((1 + CONFIDENCE) / 2, freedom))
    return Spread(mean, variance, quantile, skewness, rows, differing)
