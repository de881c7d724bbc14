"""Which of all decisions count, and where people disagree."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from itertools import takewhile
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from stages.artifacts.decisions import UNDO, Decision, Verdict, to_time

# all of a decision but the line on which it stands
SAID = attrgetter(*(field.name for field in fields(Decision) if field.name != "line"))


def find_standing(decisions: Sequence[Decision]) -> dict[str, list[Decision]]:
    """Return each reviewer's last decision on each id.

    They are taken in the order of their times, so that the order in which a merge of two files puts their lines does
    not matter. An undo takes back the same reviewer's last decision on the id, so that the one before it counts again.
    After a decision that settles a disagreement, none before it counts.

    Parameters
    ----------
    decisions : sequence of Decision
        In the order of the file.

    Returns
    -------
    dict of str to list of Decision
        By id, at most one for each reviewer. An id without decisions is left out.
    """
    return find_last_words(find_untaken(decisions))


def find_untaken(decisions: Sequence[Decision]) -> dict[str, list[Decision]]:
    """Return, by id, all decisions that no undo has taken back, in the order of their times."""
    said: dict[str, list[Decision]] = {}
    for decision in _in_order(decisions):
        same = said.setdefault(decision.id, [])
        if decision.decision == UNDO:
            _take_back(same, decision.reviewer)
        else:
            same.append(decision)
    return said


def find_last_words(untaken: Mapping[str, list[Decision]]) -> dict[str, list[Decision]]:
    """Return what stands of the decisions that `find_untaken` returns."""
    return {row_id: _last_words(same) for row_id, same in untaken.items() if same}


def find_own_words(untaken: Sequence[Decision]) -> list[Decision]:
    """Return what each reviewer is sure of by themselves, of the decisions on one row that `find_untaken` returns."""
    # what settles a disagreement, and what comes after it, knows what others said
    alone = takewhile(lambda said: not said.settles, untaken)
    return [said for said in {said.reviewer: said for said in alone}.values() if said.decision != Verdict.UNSURE]


def fill_times(decisions: Iterable[Decision], last: str = "") -> list[Decision]:
    """Give a decision without a time that of the line before it, and the first one ``last``."""
    filled = []
    for decision in decisions:
        last = decision.time if to_time(decision.time) else last
        filled.append(decision if decision.time == last else replace(decision, time=last))
    return filled


def time_of(decision: Decision) -> datetime:
    """Return when it was decided, or the earliest time there is if the file does not say."""
    return to_time(decision.time) or datetime.min.replace(tzinfo=UTC)


def mark_counting(said: Iterable[Decision], standing: Iterable[Decision]) -> list[tuple[Decision, bool]]:
    """Return all that was said of a row, in the order of its times, and whether each is a last word that counts."""
    words = {(word.reviewer, word.time, word.line) for word in standing}
    return [(each, (each.reviewer, each.time, each.line) in words) for each in sorted(said, key=time_of)]


def find_conflict(same: list[Decision]) -> Iterator[str]:
    """Yield one text if the decisions on one id differ, not counting those that are unsure."""
    sure = [decision for decision in same if decision.decision != Verdict.UNSURE]
    if len({_verdict(decision) for decision in sure}) > 1:
        named = ", ".join(f"line {decision.line}: {_verdict(decision)} by {decision.reviewer}" for decision in sure)
        yield (
            f"holds a conflict on id {same[0].id!r} ({named}); settle it on the review page, "
            "or agree on one and take the others out"
        )


def agree(standing: dict[str, list[Decision]]) -> dict[str, Decision]:
    """Return the decision on each id on which someone is sure, with all its reviewers; there must be no conflict."""
    agreed = {}
    for row_id, same in standing.items():
        sure = [decision for decision in same if decision.decision != Verdict.UNSURE]
        if sure:
            agreed[row_id] = replace(sure[0], reviewer="; ".join(decision.reviewer for decision in sure))
    return agreed


class Counted(NamedTuple):
    """How many rows people have decided on, are only unsure of, and differ on."""

    decided: int
    unsure: int
    conflict: int

    def describe_rest(self) -> str:
        """Say what is not decided, after what is: ", 1 not sure, 2 in conflict"; nothing if there is none."""
        rest = ((self.unsure, "not sure"), (self.conflict, "in conflict"))
        return "".join(f", {n:,} {what}" for n, what in rest if n)


def count_words(standing: Mapping[str, list[Decision]]) -> Counted:
    """Count the rows on which people have said something, by what stands of it."""
    conflict = sum(any(find_conflict(same)) for same in standing.values())
    unsure = sum(all(said.decision == Verdict.UNSURE for said in same) for same in standing.values())
    return Counted(len(standing) - unsure - conflict, unsure, conflict)


def find_wrong(standing: Mapping[str, Sequence[Decision]], labels: Mapping[str, str]) -> dict[str, bool]:
    """Return by id whether people found a label wrong, where they are sure and agree.

    Parameters
    ----------
    standing : dict of str to list of Decision
        Each reviewer's last word, by id.
    labels : dict of str to str
        The given labels, by id. A decision on another label says nothing, nor does one on a row without a label.
    """
    wrong = {}
    for row_id, same in standing.items():
        given = labels.get(row_id)
        sure = [said for said in same if given and said.decision != Verdict.UNSURE and said.given_label == given]
        if len({(said.decision, said.label) for said in sure}) == 1:
            wrong[row_id] = sure[0].decision != Verdict.KEEP
    return wrong


def mark_wrong(standing: Mapping[str, Sequence[Decision]], labels: Mapping[str, str]) -> np.ndarray:
    """Return the same in the order of ``labels``, (n,) float64: 1 wrong, 0 right, NaN where nobody is sure."""
    wrong = find_wrong(standing, labels)
    return np.array([float(wrong.get(row_id, np.nan)) for row_id in labels])


def _in_order(decisions: Sequence[Decision]) -> list[Decision]:
    timed: dict[object, Decision] = {}
    for decision, filled in zip(decisions, fill_times(decisions), strict=True):
        # a merge may have kept a line of both files
        timed.setdefault(SAID(decision) if decision.time else decision.line, filled)
    return sorted(timed.values(), key=time_of)


def _take_back(same: list[Decision], reviewer: str) -> None:
    for place in range(len(same) - 1, -1, -1):
        if same[place].reviewer == reviewer:
            del same[place]
            return


def _last_words(same: list[Decision]) -> list[Decision]:
    settled = max((place for place, decision in enumerate(same) if decision.settles), default=0)
    return list({decision.reviewer: decision for decision in same[settled:]}.values())


def _verdict(decision: Decision) -> str:
    return f"relabel to {decision.label!r}" if decision.decision == Verdict.RELABEL else decision.decision
