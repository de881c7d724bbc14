"""What cleaning made of a score, with a 95 % interval."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from stages.compare.few import bound_few
from stages.compare.spread import FEWEST, find_spread

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
