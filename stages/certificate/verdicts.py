"""What people said of the rows that were drawn, as far as they have come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stages.artifacts.decisions import Decision, Verdict
from stages.artifacts.standing import find_wrong
from stages.certificate.plan import Plan


@dataclass(frozen=True)
class Verdicts:
    """What people said of a plan's rows.

    Attributes
    ----------
    wrong : ndarray of shape (t,), bool
        Of the drawn rows up to the first on which there is no verdict: whether the label counts as wrong. It does, too,
        where a person is unsure or people disagree.
    unsure : ndarray of shape (t,), bool
        Which of these they are.
    ahead : int
        How many listed rows further down have a verdict: it counts once the rows before them have one.
    mended : int
        How many wrong labels people have found among all listed rows. They are none any more.
    removed : int
        How many of these rows they removed, which have no label any more.
    reviewers : list of str
        Who said it.
    """

    wrong: np.ndarray
    unsure: np.ndarray
    ahead: int
    mended: int
    removed: int
    reviewers: list[str]

    @property
    def found(self) -> np.ndarray:
        """Which labels people surely found wrong, (t,) bool."""
        found: np.ndarray = self.wrong & ~self.unsure
        return found

    @property
    def looked_at(self) -> int:
        """How many rows were drawn and looked at."""
        return len(self.wrong)


def read_verdicts(plan: Plan, standing: Mapping[str, Sequence[Decision]]) -> Verdicts:
    """Return what people said of the rows of a plan.

    It depends on which decisions stand, and not on when or in which order they were made.

    Parameters
    ----------
    plan : Plan
        The rows in their order.
    standing : dict of str to list of Decision
        Each reviewer's last word, by id.
    """
    labels = plan.labels_by_id
    said = {row_id: same for row_id in labels if (same := standing.get(row_id))}
    wrong = find_wrong(said, labels)
    first = next((place for place, row_id in enumerate(labels) if row_id not in said), len(labels))
    looked_at = list(labels)[:first]
    return Verdicts(
        wrong=np.array([wrong.get(row_id, True) for row_id in looked_at], dtype=bool),
        unsure=np.array([row_id not in wrong for row_id in looked_at], dtype=bool),
        ahead=len(said) - first,
        mended=sum(wrong.values()),
        removed=count_removed(wrong, said),
        reviewers=sorted({decision.reviewer for same in said.values() for decision in same}),
    )


def count_removed(wrong: Mapping[str, bool], standing: Mapping[str, Sequence[Decision]]) -> int:
    """Count the rows that people removed, among those on which they agree, as `find_wrong` returns them."""
    found = (standing[row_id] for row_id, is_wrong in wrong.items() if is_wrong)
    return sum(any(said.decision == Verdict.REMOVE for said in same) for same in found)
