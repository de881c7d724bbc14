"""How many rows a plan will likely take, before anyone has looked."""

import numpy as np

from stages.certificate.betting import count_drawn, grow, to_capital
from stages.certificate.bound import Bets, count_to_go
from stages.certificate.drawing import UNKNOWN
from stages.certificate.plan import Plan
from stages.certificate.progress import count_allowed

# reviews played through; the middle one is told
PLAYED = 9


def expect_errors(plan: Plan) -> float | None:
    """Return how many of the rows that are drawn from the model expected to be wrong; None if it is worthless."""
    if plan.shares == [UNKNOWN]:
        return None
    return float(plan.levels.counts @ plan.levels.shares)


def count_if_right(plan: Plan) -> int | None:
    """Return how many rows it takes if every label is right; None if more than the plan lists."""
    return count_to_go(Bets(plan.levels), plan.drawn, count_allowed(plan.goal, plan.labels), plan.confidence)


def count_as_expected(plan: Plan) -> int | None:
    """Return the median number of rows if as many labels are wrong as the model expects, where it expects them.

    None if it takes more than the plan lists. Each review is played with wrong rows of its own; the plan seeds them.
    """
    chances = plan.levels.shares[plan.drawn]
    left = float(plan.levels.counts @ plan.levels.shares) - chances.sum()
    if left > count_allowed(plan.goal, plan.labels):
        return None
    random = np.random.default_rng(int(plan.order[:16], 16))
    rows = sorted(_play(plan, random.random(len(chances)) < chances) for _ in range(PLAYED))
    middle = rows[PLAYED // 2]
    return middle if middle <= len(chances) else None


def _play(plan: Plan, wrong: np.ndarray) -> int:
    """Return after how many rows the goal is reached, one more than there are if it is not."""
    found = np.cumsum(wrong)
    # found rows are mended, so that with each more may be wrong among all
    hypotheses = count_allowed(plan.goal, plan.labels) + 1 + np.arange(found[-1] + 1)
    state = count_drawn(plan.levels, plan.drawn, wrong)
    beyond = hypotheses > plan.n_rows
    grown = grow(plan.levels, state, plan.drawn, wrong, np.minimum(hypotheses, plan.n_rows))
    best = np.maximum.accumulate(np.cumsum(grown, axis=0), axis=0)
    refuted = (best >= to_capital(plan.confidence)) | beyond
    reached = refuted[np.arange(len(found)), found]
    return int(np.argmax(reached)) + 1 if reached.any() else len(found) + 1
