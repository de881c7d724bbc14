"""What cleaning made of a score, with a 95 % interval.

Three things are luck: which rows are scored, how a training begins, and which labels were changed. A few changes that
say nothing move a model as well, and all rows with it, so that many rows would make a difference of nothing look sure.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm, t

CONFIDENCE = 0.95
NORMAL = float(norm.ppf((1 + CONFIDENCE) / 2))
# below so many rows nothing is said
FEWEST = 30
# Cochran's rule: an interval by Student's t holds if the rows are more than this times the squared skewness
SKEW_ROWS = 25
NEXT = 1e-9
Halves = tuple[np.ndarray, np.ndarray]


class Verdict(StrEnum):
    """What an interval says of cleaning."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Difference:
    """A score with given and with cleaned labels, and the difference between them.

    Attributes
    ----------
    given, cleaned : float
        The score, a mean over rows and trainings.
    difference, low, high : float
        Cleaned less given, and its 95 % interval.
    is_sound : bool
        Whether the interval can be believed: there are rows enough, and not a few of them make all of the difference.
    """

    given: float
    cleaned: float
    difference: float
    low: float
    high: float
    is_sound: bool

    def judge(self, *, more_is_better: bool) -> Verdict:
        """Say what it means for cleaning."""
        if not self.is_sound or self.low <= 0 <= self.high:
            return Verdict.UNCLEAR
        return Verdict.BETTER if (self.low > 0) == more_is_better else Verdict.WORSE


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


def compare_losses(given: np.ndarray, cleaned: np.ndarray, halves: Halves, weights: np.ndarray) -> Difference:
    """Compare losses by Student's t.

    Parameters
    ----------
    given, cleaned : ndarray of shape (n, R), float64
        The loss on each of n rows after each of R trainings; those with the same number share their seed.
    halves : two ndarray of shape (n, R), float64
        The same with one half of the changes, and with the other.
    weights : ndarray of shape (n,), float64
        How many rows each stands for.

    References
    ----------
    Cochran, "Sampling Techniques", third edition, 1977, section 2.15, for the rows that skewness asks for
    """
    spread = find_spread(cleaned - given, halves[1] - halves[0], weights)
    low, high = spread.interval
    return Difference(average(given, weights), average(cleaned, weights), spread.mean, low, high, spread.is_sound)


def average(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the mean over trainings, and over rows by their weights."""
    return float(weights @ values.mean(axis=1) / weights.sum())


def compare_hits(given: np.ndarray, cleaned: np.ndarray, halves: Halves, weights: np.ndarray) -> Difference:
    """Compare accuracies by Student's t or, where fewer than `FEWEST` rows differ, by Tango's score interval.

    The latter holds where few rows or none differ, as Wald's does not. It takes independent rows of equal weight, and
    one training; so it is asked with as many rows as say as much as these do, and never with more than there are.

    Parameters
    ----------
    given, cleaned : ndarray of shape (n, R), bool
        Whether each of n rows is predicted right after each of R trainings.
    halves : two ndarray of shape (n, R), bool
        The same with one half of the changes, and with the other.
    weights : ndarray of shape (n,), float64
        How many rows each stands for.

    References
    ----------
    Tango, "Equivalence test and confidence interval for the difference in proportions for the paired-sample design",
    Statistics in Medicine 17, 1998. Fagerland, Lydersen and Laake, "Recommended tests and confidence intervals for
    paired binomial proportions", Statistics in Medicine 33, 2014. Korn and Graubard, "Confidence intervals for
    proportions with small expected number of positive counts estimated from survey data", Survey Methodology 24, 1998
    """
    spread = find_spread(cleaned.astype(float) - given, halves[1].astype(float) - halves[0], weights)
    if spread.is_sound and spread.differing >= FEWEST:
        low, high = spread.interval
    else:
        won, lost = (average(part, weights) for part in (cleaned & ~given, given & ~cleaned))
        low, high = bound_few(won, lost, spread)
    is_sound = spread.rows >= FEWEST
    return Difference(average(given, weights), average(cleaned, weights), spread.mean, low, high, is_sound)


def bound_few(won: float, lost: float, spread: Spread) -> tuple[float, float]:
    """Return Tango's interval for shares of rows that only the second gets right, and only the first."""
    single, rows = won + lost - (won - lost) ** 2, spread.rows
    if single > 0 and spread.variance > 0:
        rows = min(rows, single / spread.variance * (NORMAL / spread.quantile) ** 2)
    return bound_paired(won * rows, lost * rows, rows)


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


def bound_paired(won: float, lost: float, rows: float) -> tuple[float, float]:
    """Return Tango's 95 % interval for the difference between two paired proportions.

    Parameters
    ----------
    won, lost : float
        In how many rows only the second is right, and only the first. They need not be whole.
    rows : float
        How many rows there are.
    """

    def surprise(difference: float, sign: int) -> float:
        twice = (2 * rows - won + lost) * difference - won - lost
        root = np.sqrt(max(0.0, twice**2 + 8 * rows * lost * difference * (1 - difference)))
        only_lost = (root - twice) / (4 * rows)
        spread = np.sqrt(max(0.0, rows * (2 * only_lost + difference * (1 - difference))))
        return float(won - lost - rows * difference - sign * NORMAL * spread)

    middle = (won - lost) / rows
    # in the middle itself there is no surprise, and where no row differs that is a root of its own
    low = -1.0 if surprise(-1.0, 1) <= 0 else float(brentq(surprise, -1.0, middle - NEXT, args=(1,)))
    high = 1.0 if surprise(1.0, -1) >= 0 else float(brentq(surprise, middle + NEXT, 1.0, args=(-1,)))
    return low, high
