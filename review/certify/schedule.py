"""Says which rows check the reviewers, and when: chosen by the plan, so that nobody chooses them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from review.catalogue import Catalogue
from stages.artifacts.decisions import Decision
from stages.artifacts.standing import find_wrong
from stages.certificate.drawing import digest
from stages.certificate.plan import Plan

# the share of the rows that were looked at which comes again
AGAIN_SHARE = 0.05
# how many other rows come between, at least, so that nobody knows the row from before
APART = 20
# no row is turned that is drawn so soon
SOON = 50
# of the labels that no person has looked at, those are turned that look best: so many of all, but some in any case
BEST_SHARE, BEST_LEAST = 0.1, 100


class Schedule:
    """The checks of one plan.

    Parameters
    ----------
    plan : Plan
        What is drawn.
    catalogue : Catalogue
        The rows.
    given : dict of str to str
        Their labels, by id.
    known_share : float
        The share of the rows looked at, from 0 to 1, after which one with a turned label comes.
    """

    def __init__(self, plan: Plan, catalogue: Catalogue, given: Mapping[str, str], known_share: float) -> None:
        self.plan, self._catalogue, self._given, self._known_share = plan, catalogue, given, known_share
        self._ids, self._labels = plan.rows["id"].tolist(), plan.rows["label"].tolist()

    def list_again(self, looked_at: int) -> list[tuple[str, str]]:
        """Return the ids of the rows that are to come a second time, and their labels."""
        return [(self._ids[place], self._labels[place]) for place in self._again if place < looked_at - APART]

    def list_turns(self, first: int, looked_at: int) -> list[int]:
        """Return the places in the plan after which a row with a turned label comes, from ``first`` on."""
        return [place for place in self._turns if first <= place < looked_at]

    def turn(
        self, standing: Mapping[str, Sequence[Decision]], looked_at: int, used: set[str]
    ) -> tuple[str, str] | None:
        """Return a row that is right, and a label that is not.

        Rows that people decided to keep come first, then those whose labels look best. What is drawn soon, or was a
        moment ago, and what was ``used`` stays aside.
        """
        near = {*used, *self._ids[max(0, looked_at - APART) : looked_at + SOON]}
        right = find_wrong(standing, self._given)
        kept = sorted((row_id for row_id, is_wrong in right.items() if not is_wrong), key=self._lot)
        best = (row_id for row_id in self._best if row_id not in standing)
        row_id = next((row_id for row_id in (*kept, *best) if row_id not in near), None)
        return None if row_id is None else (row_id, self._turn_label(self._catalogue.row_of[row_id]))

    def warm_up(self) -> None:
        """Choose what may be turned, so that no row waits for it."""
        if self._turns:
            self.turn({}, 0, set())

    @cached_property
    def _again(self) -> list[int]:
        return list(self._pick("again", AGAIN_SHARE))

    @cached_property
    def _turns(self) -> list[int]:
        return list(self._pick("known", self._known_share))

    @cached_property
    def _best(self) -> list[str]:
        quality = self._catalogue.quality
        best = quality.nlargest(max(BEST_LEAST, int(BEST_SHARE * len(quality))), "label_quality")
        return sorted(best["id"].tolist(), key=self._lot)

    def _pick(self, kind: str, share: float) -> Iterator[int]:
        for place in range(len(self._ids)):
            if int(digest(f"{self.plan.order}\0{kind}\0{place}")[:12], 16) < share * 16**12:
                yield place

    def _lot(self, row_id: str) -> str:
        return digest(f"{self.plan.order}\0{row_id}")

    def _turn_label(self, row: int) -> str:
        """Return the likeliest other class."""
        classes, given = self._catalogue.classes, self._catalogue.label_of(row).given_label
        probs = np.where(np.array(classes) == given, -1.0, self._catalogue.pred_probs[row])
        return classes[int(np.argmax(probs))]
