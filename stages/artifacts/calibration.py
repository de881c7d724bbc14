"""How many errors are expected, given how far the model is believed and what people have found so far.

``find_issues`` gives each row a probability that its label is wrong, its `prior`, from the model alone. Truth is taken
to follow it up to a shift and a slope of its log-odds x,

    P(wrong) = 1 / (1 + exp(-(CENTRE + shift + slope · (x - CENTRE))))

of which only this is known: how far the number of errors that follows may be from what the prior adds up to, and the
slope from 1, as measured in runs in which the truth is known (`benchmarks.trust`). Each verdict of a person on a row
multiplies in what the row's probability says of it. What is left of the shifts and slopes is a grid of beliefs, each
with its weight: their mean is the probability of an error, and their spread the band. It is Platt's scaling (1999) with
a prior, in Bayes' way.

A slope is positive, so that no verdict changes which of two rows is likelier to be wrong.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

# the grid: shifts of log-odds, and logarithms of slopes
SHIFTS = np.arange(-8, 6.25, 0.25)
LOG_SLOPES = np.linspace(-1.5, 1.5, 9)
# the log-odds about which the slope turns
CENTRE = -2.0
# Student's t with so many degrees of freedom: its tails give way to verdicts that no one expected
TAILS = 2
# what a verdict counts: less than 1, as the truth follows the prior in a shift and a slope only roughly
TOLD = 0.6
# beside the likeliest belief, others that are so much less likely are left out
UNLIKELY = 1e-4
# log-odds beyond which a probability is as good as 0 or 1, and the steps in which they are told apart
CERTAIN, STEP = 25.0, 0.05
# so many verdicts are looked at one by one
ONE_BY_ONE = 2000
YIELD_POINTS = 200
# the share of the beliefs, and of what chance adds to each, that the band holds
BAND = 0.95
# quantiles of a normal distribution that stand for what chance adds
CHANCES = np.array([-2.24, -1.34, -0.67, 0.0, 0.67, 1.34, 2.24])
CHANCE_WEIGHTS = np.array([0.05, 0.13, 0.2, 0.24, 0.2, 0.13, 0.05])


@dataclass(frozen=True)
class Spread:
    """How far the prior may be off: standard deviations of the logarithms of the number of errors and of the slope."""

    total: float
    slope: float


@dataclass(frozen=True)
class Belief:
    """What shift and slope the truth may have.

    Attributes
    ----------
    shifts, slopes, weights : ndarray of shape (G,), float64
        The grid, and how likely each of its points is. The weights sum to 1.
    """

    shifts: np.ndarray
    slopes: np.ndarray
    weights: np.ndarray

    def expect(self, prior: np.ndarray) -> np.ndarray:
        """Return the probability that each label is wrong, (n,) float64, by its prior (n,); it rises with it."""
        grid = np.arange(-CERTAIN, CERTAIN + STEP, STEP)
        mean = self.weights @ self._wrong(grid)
        expected: np.ndarray = np.interp(to_log_odds(prior), grid, mean)
        return expected

    def total(self, prior: np.ndarray) -> np.ndarray:
        """Return how many errors there are by each belief, (G,) float64."""
        steps, counts = np.unique(_to_step(prior), return_counts=True)
        return np.asarray(self._wrong(steps * STEP - CERTAIN) @ counts)

    def _wrong(self, log_odds: np.ndarray) -> np.ndarray:
        wrong: np.ndarray = 1 / (1 + np.exp(-_move(self.shifts, self.slopes, log_odds)))
        return wrong


def believe(prior: np.ndarray, wrong: np.ndarray, spread: Spread) -> Belief:
    """Return what to believe after people's verdicts.

    Parameters
    ----------
    prior : ndarray of shape (n,), float64
        Of all rows.
    wrong : ndarray of shape (n,), float64
        1 for a row that people found wrong, 0 for one that they found right, NaN for any other.
    spread : Spread
        How far the prior may be off before any verdict.
    """
    shifts, logs = (axis.ravel() for axis in np.meshgrid(SHIFTS, LOG_SLOPES))
    slopes, told = np.exp(logs), ~np.isnan(wrong)
    totals = Belief(shifts, slopes, np.ones(len(shifts))).total(prior)
    # so that before any verdict the beliefs expect on average what the prior does
    more = np.log((totals + 1) / (prior.sum() + 1)) / spread.total + spread.total / 2
    # there may well be far fewer errors than expected, or none at all, but hardly far more
    score = np.where(more > 0, -(more**2) / 2, _log_tails(more)) + _log_tails(logs / spread.slope)
    odds, signs, counts = _gather(to_log_odds(prior[told]), np.where(wrong[told] == 1, -1, 1))
    # log of the probability of each verdict, without overflow
    score -= TOLD * (np.logaddexp(0, signs * _move(shifts, slopes, odds)) * counts).sum(axis=1)
    weights = np.exp(score - score.max())
    likely = weights > UNLIKELY
    return Belief(shifts[likely], slopes[likely], weights[likely] / weights[likely].sum())


def _gather(log_odds: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return verdicts with how often each comes; of many, those within a step of log-odds are one."""
    if len(signs) <= ONE_BY_ONE:
        return log_odds, signs, np.ones(len(signs))
    # the sign is the last bit
    verdicts, counts = np.unique(np.round(log_odds / STEP).astype(int) * 2 + (signs > 0), return_counts=True)
    return (verdicts // 2) * STEP, np.where(verdicts % 2, 1, -1), counts


def to_log_odds(probs: np.ndarray) -> np.ndarray:
    """Return the log-odds of probabilities, held within `CERTAIN`."""
    with np.errstate(divide="ignore"):
        odds = np.log(probs.astype(np.float64)) - np.log1p(-probs.astype(np.float64))
    held: np.ndarray = np.clip(odds, -CERTAIN, CERTAIN)
    return held


def tabulate_yield(belief: Belief, prior: np.ndarray, known: np.ndarray) -> pd.DataFrame:
    """Return how many errors the worst rows are expected to hold.

    Parameters
    ----------
    belief : Belief
        As `believe` returns it.
    prior : ndarray of shape (n,), float64
        Of the rows in the order of their rank.
    known : ndarray of shape (n,), float64
        1 for a row that people found wrong, 0 for one that they found right, NaN for any other.

    Returns
    -------
    DataFrame with the columns rows, expected, low and high
        ``rows`` are up to `YIELD_POINTS` numbers of worst rows. The band holds `BAND` of what may be: of the beliefs,
        and of what chance adds to each if each row is an error or not by itself.
    """
    n_rows = len(prior)
    if not n_rows:
        return pd.DataFrame(columns=["rows", "expected", "low", "high"], dtype=float)
    points = np.unique(np.round(np.geomspace(1, n_rows, YIELD_POINTS)).astype(int))
    found = np.concatenate([[0], np.cumsum(np.nan_to_num(known))])[points]
    means, variances = _sum_beliefs(belief, prior, np.isnan(known), points)
    chances = means[:, None, :] + CHANCES[:, None] * np.sqrt(variances)[:, None, :]
    weights = belief.weights[:, None] * CHANCE_WEIGHTS
    open_rows = np.concatenate([[0], np.cumsum(np.isnan(known))])[points]
    low, high = np.clip(_quantiles(chances, weights, [(1 - BAND) / 2, (1 + BAND) / 2]), 0, open_rows)
    expected = belief.weights @ means
    return pd.DataFrame(
        {
            "rows": points,
            "expected": found + expected,
            # rare beliefs can pull the mean out of the band
            "low": found + np.minimum(low, expected),
            "high": found + np.maximum(high, expected),
        }
    )


def _move(shifts: np.ndarray, slopes: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
    moved: np.ndarray = CENTRE + shifts[:, None] + slopes[:, None] * (log_odds - CENTRE)
    return moved


def _sum_beliefs(
    belief: Belief, prior: np.ndarray, is_open: np.ndarray, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean number of errors, and its variance, among so many worst rows under each belief: (G, points)."""
    # rows count by the step that their log-odds fall into: what a belief says of them is then computed once a step
    steps = _to_step(prior)
    part = np.searchsorted(points, np.arange(len(prior)) + 1)
    n_steps = round(2 * CERTAIN / STEP) + 1
    cells = part[is_open] * n_steps + steps[is_open]
    used, places = np.unique(steps[is_open], return_inverse=True)
    counts = np.zeros((len(points), len(used)))
    np.add.at(counts, (cells // n_steps, places), 1)
    wrong = belief._wrong(used * STEP - CERTAIN)
    counts = np.cumsum(counts, axis=0).T
    return wrong @ counts, (wrong * (1 - wrong)) @ counts


def _to_step(prior: np.ndarray) -> np.ndarray:
    steps: np.ndarray = np.round((to_log_odds(prior) + CERTAIN) / STEP).astype(int)
    return steps


def _quantiles(values: np.ndarray, weights: np.ndarray, shares: list[float]) -> np.ndarray:
    """Return weighted quantiles over all but the last axis of ``values``, whose weights lack that axis."""
    flat = values.reshape(-1, values.shape[-1])
    order = np.argsort(flat, axis=0)
    heaped = np.cumsum(weights.ravel()[order], axis=0)
    firsts = np.stack([(heaped >= share * heaped[-1]).argmax(axis=0) for share in shares])
    chosen: np.ndarray = np.take_along_axis(flat, np.take_along_axis(order, firsts, axis=0), axis=0)
    return chosen


def _log_tails(deviations: np.ndarray) -> np.ndarray:
    tails: np.ndarray = -(TAILS + 1) / 2 * np.log1p(deviations**2 / TAILS)
    return tails
