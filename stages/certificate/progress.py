"""How far a certificate has come: what is shown by the rows drawn so far, and how many more it takes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stages.artifacts.decisions import Decision
from stages.certificate.bound import Bets, count_to_go, go_on
from stages.certificate.plan import Plan
from stages.certificate.verdicts import Verdicts, read_verdicts


@dataclass(frozen=True)
class Progress:
    """What the rows drawn so far show.

    Attributes
    ----------
    verdicts : Verdicts
        What people said.
    labels : int
        How many labels the statement is about.
    most : int
        How many of them are wrong at most, with the plan's confidence.
    goal : int
        How many may be, for the goal.
    to_go : int or None
        How many more rows it takes if all of them are right; None if more than the plan lists.
    low, high : int
        How many of the rows that the plan drew from were wrong when it was made, with its confidence.
    """

    verdicts: Verdicts
    labels: int
    most: int
    goal: int
    to_go: int | None
    low: int
    high: int

    @property
    def share(self) -> float:
        """The share of wrong labels that there is at most, from 0 to 1."""
        return self.most / self.labels if self.labels else 0.0

    @property
    def reached(self) -> bool:
        """Whether the goal is reached."""
        return self.verdicts.looked_at > 0 and self.most <= self.goal


def count_allowed(share: float, labels: int) -> int:
    """Return how many labels a share of them is, rounded down; 1 % of 300 is 3 in spite of how computers divide."""
    return math.floor(share * labels + 1e-9)


class Tracker:
    """Follows a plan's progress from one verdict to the next.

    Parameters
    ----------
    plan : Plan
        The plan.

    Attributes
    ----------
    bets : Bets
        Those on the rows that were looked at when it was last asked.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.bets = Bets(plan.levels)

    def track(self, standing: Mapping[str, Sequence[Decision]], goal: float | None = None) -> Progress:
        """Return what is shown now.

        Parameters
        ----------
        standing : dict of str to list of Decision
            Each reviewer's last word, by id.
        goal : float, optional
            The share of wrong labels to show; the plan's by default.
        """
        plan, verdicts = self.plan, read_verdicts(self.plan, standing)
        bets = self.bets
        go_on(bets, plan.drawn[: verdicts.looked_at], verdicts.wrong)
        labels = plan.labels - verdicts.removed
        allowed = count_allowed(plan.goal if goal is None else goal, labels)
        most = max(0, bets.bound_above(plan.confidence) - verdicts.mended)
        # each side with half of what may go wrong
        both = (1 + plan.confidence) / 2
        return Progress(
            verdicts=verdicts,
            labels=labels,
            most=most,
            goal=allowed,
            to_go=self._count_to_go(verdicts, most, allowed),
            low=bets.bound_below(both),
            high=bets.bound_above(both),
        )

    def aim_at(self, progress: Progress, allowed: int) -> Progress:
        """Return the progress that was tracked last, towards so many wrong labels in place of the goal's."""
        return replace(progress, goal=allowed, to_go=self._count_to_go(progress.verdicts, progress.most, allowed))

    def _count_to_go(self, verdicts: Verdicts, most: int, allowed: int) -> int | None:
        if most <= allowed:
            return 0
        # a verdict further down is not asked for again
        unmended = int(verdicts.unsure.sum())
        following = self.plan.drawn[verdicts.looked_at :]
        return count_to_go(self.bets, following, max(0, allowed - unmended), self.plan.confidence)
