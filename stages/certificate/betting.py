"""Bounds the number of wrong labels by bets, which hold however often a person looks and whenever they stop.

N rows, of which M are wrong, come one after the other without replacement, each with a chance proportional to its
weight. After S wrong ones among those drawn, the next one gives

    X = wrong / chance of this row, whose mean is M - S.

Bet against "at least m are wrong": a capital of 1 is multiplied by 1 + λ ((m - S) - X) at each row, where λ is chosen
before the row is seen, and small enough that the capital stays above 0. Where m or more are wrong the capital is
expected not to grow, so that it ever reaches 1 / α with a probability of α at most (Ville's inequality); then m is
refuted. Bets against "at most m are wrong" are the same with the sign turned.

λ makes the capital grow fastest on average (Kelly) if the shares of wrong rows are what the model and the rows drawn so
far suggest. A wrong guess makes the bound wide, never wrong. With one weight and no wrong row the bound is that of the
hypergeometric distribution.

References
----------
Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", Journal of the Royal Statistical
Society B 86, 2024. Shekhar, Xu, Lipton, Liang and Ramdas, "Risk-limiting financial audits via weighted sampling without
replacement", UAI 2023.
"""

from dataclasses import dataclass

import numpy as np

# the model's share of wrong rows counts as much as so many drawn rows of each level: drawn rows soon correct it
PRIOR_DRAWS = 1.0
# no level is taken to have a smaller share of wrong rows than this part of what is bet against, so that one surprise
# does not ruin the bettor
LEAST_SHARE = 0.02
# the steps in which the best λ is halved to
HALVINGS = 12
# hypotheses: all m up to the first, then in steps of so much
EXACT, RATIO = 500, 1.01


@dataclass(frozen=True)
class Levels:
    """The population by the weight that rows are drawn with.

    Attributes
    ----------
    weights : ndarray of shape (L,), float64
        Above 0.
    counts : ndarray of shape (L,), int64
        How many rows have each.
    shares : ndarray of shape (L,), float64
        Which share of them the model expects to be wrong. It may be any guess.
    """

    weights: np.ndarray
    counts: np.ndarray
    shares: np.ndarray

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return int(self.counts.sum())


@dataclass(frozen=True)
class Drawn:
    """What is known before each of T rows is drawn, for any number of reviews.

    Attributes
    ----------
    left, seen, wrong : ndarray of shape (..., T, L)
        By level: how many rows are not drawn yet, how many were drawn, and how many of these were wrong.
    """

    left: np.ndarray
    seen: np.ndarray
    wrong: np.ndarray


def count_drawn(levels: Levels, drawn: np.ndarray, wrong: np.ndarray) -> Drawn:
    """Count what is known before each row.

    Parameters
    ----------
    levels : Levels
        The population.
    drawn : ndarray of shape (..., T), int64
        The level of each row, in the order in which they were drawn.
    wrong : ndarray of shape (..., T), bool
        Whether its label is wrong.
    """
    each = drawn[..., None] == np.arange(len(levels.counts))
    seen = np.cumsum(each, axis=-2) - each
    errors = each & wrong[..., None]
    return Drawn(levels.counts - seen, seen, np.cumsum(errors, axis=-2) - errors)


def list_hypotheses(n_rows: int) -> np.ndarray:
    """Return the numbers of wrong rows to bet against, (G,) int64, from 1 to N.

    Who refutes one of them has refuted all up to the next: the same λ bets no worse against more.
    """
    steps = [float(min(EXACT, n_rows))]
    while steps[-1] < n_rows:
        steps.append(min(steps[-1] * RATIO, n_rows))
    return np.unique(np.concatenate([np.arange(1, min(EXACT, n_rows) + 1), np.ceil(steps)]).astype(np.int64))


def bet_against_more(levels: Levels, state: Drawn, hypotheses: np.ndarray) -> np.ndarray:
    """Return the λ of the bets against "at least m are wrong", (..., T, G) float64.

    Parameters
    ----------
    levels : Levels
        The population.
    state : Drawn
        What is known before each row.
    hypotheses : ndarray of shape (..., T, G) or (G,), int64
        The numbers m.
    """
    losses, chances = weigh(levels, state)
    open_wrong = hypotheses - state.wrong.sum(axis=-1)[..., None]
    shares = expect_shares(levels, state, open_wrong)
    most = losses.max(axis=-1, where=state.left > 0, initial=0.0)[..., None]
    limit = np.where(most > open_wrong, 1 / np.maximum(most - open_wrong, 1e-300), 0.0)
    gains = open_wrong[..., None] - losses[..., None, :]
    return _halve_to(limit, open_wrong, gains, chances[..., None, :] * shares)


def bet_against_fewer(levels: Levels, state: Drawn, hypotheses: np.ndarray) -> np.ndarray:
    """Return the λ of the bets against "at most m are wrong", as `bet_against_more` does."""
    losses, chances = weigh(levels, state)
    open_wrong = hypotheses - state.wrong.sum(axis=-1)[..., None]
    shares = expect_shares(levels, state, open_wrong)
    limit = np.where(open_wrong > 0, 1 / np.maximum(open_wrong, 1), 1.0)
    gains = losses[..., None, :] - open_wrong[..., None]
    return _halve_to(limit, -open_wrong, gains, chances[..., None, :] * shares)


def to_capital(confidence: float) -> float:
    """Return the logarithm of the capital at which a hypothesis is refuted."""
    return float(-np.log1p(-confidence))


def weigh(levels: Levels, state: Drawn) -> tuple[np.ndarray, np.ndarray]:
    """Return X for a wrong row of each level, and the chance that the next row is of it, both (..., T, L)."""
    total = (levels.weights * state.left).sum(axis=-1, keepdims=True)
    losses = np.where(state.left > 0, total / levels.weights, 0.0)
    return losses, levels.weights * state.left / np.maximum(total, 1e-300)


def expect_shares(levels: Levels, state: Drawn, open_wrong: np.ndarray) -> np.ndarray:
    """Return which share of each level to take for wrong, (..., T, G, L), from the model and the rows drawn."""
    guess = (PRIOR_DRAWS * levels.shares + state.wrong) / (PRIOR_DRAWS + state.seen)
    least = LEAST_SHARE * open_wrong / np.maximum(state.left.sum(axis=-1), 1)[..., None]
    shares: np.ndarray = np.clip(np.maximum(guess[..., None, :], least[..., None]), 0, 0.9)
    return shares


def grow(
    levels: Levels, state: Drawn, drawn: np.ndarray, wrong: np.ndarray, hypotheses: np.ndarray, *, fewer: bool = False
) -> np.ndarray:
    """Return the logarithm of what each row multiplies the capital by, (..., T, G) float64.

    It is infinite where a row shows that the hypothesis cannot be: more wrong ones than rows are left, or fewer than
    were found.
    """
    bet = bet_against_fewer if fewer else bet_against_more
    stakes = bet(levels, state, hypotheses)
    losses, _ = weigh(levels, state)
    open_wrong = hypotheses - state.wrong.sum(axis=-1)[..., None]
    value = np.where(wrong, np.take_along_axis(losses, drawn[..., None], axis=-1)[..., 0], 0.0)[..., None]
    gain = (value - open_wrong) if fewer else (open_wrong - value)
    with np.errstate(divide="ignore"):
        grown = np.log1p(np.maximum(stakes * gain, -1.0))
    left_after, open_after = state.left.sum(axis=-1)[..., None] - 1, open_wrong - wrong[..., None]
    impossible = open_after < 0 if fewer else open_after > left_after
    # nothing is bet on what the rows so far have shown to be true
    settled = open_wrong <= 0 if not fewer else open_wrong >= state.left.sum(axis=-1)[..., None]
    return np.where(impossible, np.inf, np.where(settled, 0.0, grown))


def _halve_to(limit: np.ndarray, right: np.ndarray, wrong: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Return the λ between 0 and its limit at which the expected logarithm of the capital is highest.

    Parameters
    ----------
    limit : ndarray of shape (..., G)
        The largest λ allowed.
    right : ndarray of shape (..., G)
        What λ is multiplied by if the row is right.
    wrong : ndarray of shape (..., G, L)
        The same if it is of a level, and wrong.
    chances : ndarray of shape (..., G, L)
        How likely that is.
    """
    unlikely = 1 - chances.sum(axis=-1)
    low, high = np.zeros_like(limit), limit.copy()
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        slope = unlikely * right / (1 + middle * right) + (chances * wrong / (1 + middle[..., None] * wrong)).sum(-1)
        rises = slope > 0
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    return low
