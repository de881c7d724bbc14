"""All that people have said about a data set, kept so that one more decision costs what it changes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import heappop, heappush

from stages.artifacts.decisions import Decision, apply_verdict
from stages.artifacts.fitting import Rows, find_moved, follow, update
from stages.artifacts.standing import fill_times, find_last_words, find_own_words, find_untaken, time_of


class Said:
    """What stands of some decisions.

    Parameters
    ----------
    decisions : iterable of Decision
        In the order of the file.
    rows : Rows
        The data.

    Attributes
    ----------
    standing : dict of str to list of Decision
        Each reviewer's last word on each id, those about another label than the row has now as they were if they do
        not hold.
    """

    def __init__(self, decisions: Iterable[Decision], rows: Rows) -> None:
        self.standing: dict[str, list[Decision]] = {}
        self._rows = rows
        self._by_id: dict[str, list[Decision]] = {}
        self._untaken: dict[str, list[Decision]] = {}
        # of each reviewer: when each decision was made, the last first; those that were taken back may be among them
        self._actions: dict[str, list[tuple[float, str]]] = {}
        self._latest: dict[str, datetime] = {}
        self._time = ""
        # whether people said the same, by the ids on which more than one was sure
        self._same: dict[str, bool] = {}
        filled = fill_times(decisions)
        self._moved = find_moved(filled, rows)
        self._places = set(self._moved.values())
        self._take(follow(filled, self._moved))

    def take(self, decisions: Sequence[Decision]) -> set[str] | None:
        """Add decisions to the end.

        Returns
        -------
        set of str, or None
            The ids that they are about. None if a decision on a picture that lies elsewhere depends on them: then
            nothing is added, and all is to be read again.
        """
        given = self._rows.given
        if any(said.id in self._places or (said.content and said.id not in given) for said in decisions):
            return None
        return self._take(fill_times(decisions, self._time))

    def count_agreed(self) -> tuple[int, int]:
        """Return on how many rows more than one person was sure by themselves, and on how many all said the same."""
        return len(self._same), sum(self._same.values())

    def latest_of(self, reviewer: str) -> list[datetime]:
        """Return when the reviewer last said anything, or an empty list."""
        return [self._latest[reviewer]] if reviewer in self._latest else []

    def times_of(self, row_id: str) -> list[datetime]:
        """Return when anybody said anything about a row."""
        return [time_of(said) for said in self._by_id.get(row_id, ())]

    def tell(self, row_id: str) -> Sequence[Decision]:
        """Return all decisions on a row, with those that were taken back and the undos."""
        return self._by_id.get(row_id, ())

    def find_untaken(self, ids: Iterable[str]) -> dict[str, list[Decision]]:
        """Return all decisions on some ids that no undo has taken back."""
        return {row_id: self._untaken[row_id] for row_id in ids if row_id in self._untaken}

    def last_action(self, reviewer: str) -> list[Decision]:
        """Return what the reviewer said last and has not taken back: one decision, or several made in one go."""
        actions = self._actions.get(reviewer, [])
        last: list[Decision] = []
        action = None
        while actions and (not last or actions[0][0] == _order(last[0])):
            # what was taken back and said again is there twice
            before, action = action, heappop(actions)
            if action != before:
                time, row_id = action
                last += [said for said in self._untaken[row_id] if (said.reviewer, _order(said)) == (reviewer, time)]
        for said in last:
            heappush(actions, (_order(said), said.id))
        return last

    def _take(self, decisions: Sequence[Decision]) -> set[str]:
        for said in decisions:
            self._by_id.setdefault(said.id, []).append(said)
            self._latest[said.reviewer] = max([time_of(said), *self.latest_of(said.reviewer)])
        if decisions:
            self._time = decisions[-1].time
        ids = {said.id for said in decisions}
        for row_id in ids:
            # by itself: a line from before there were times would take that of another row
            untaken = find_untaken(self._by_id[row_id])
            self._list_actions(untaken[row_id], self._untaken.get(row_id, []))
            self._untaken |= untaken
            self._stand(row_id, find_last_words(untaken).get(row_id, []))
            self._compare(row_id)
        return ids

    def _list_actions(self, untaken: list[Decision], before: list[Decision]) -> None:
        for said in untaken:
            if said not in before:
                heappush(self._actions.setdefault(said.reviewer, []), (_order(said), said.id))

    def _compare(self, row_id: str) -> None:
        own = find_own_words(self._untaken[row_id])
        sure = [apply_verdict(each.decision, each.given_label, each.label) for each in own]
        self._same.pop(row_id, None)
        # of a row without a label there is no given one that people could find right or wrong
        if len(sure) > 1 and self._rows.given.get(row_id) != "":
            self._same[row_id] = len(set(sure)) == 1

    def _stand(self, row_id: str, last: list[Decision]) -> None:
        given = self._rows.given
        self.standing.pop(row_id, None)
        if last:
            self.standing[row_id] = [update(said, given.get(row_id, said.given_label)) or said for said in last]


def _order(said: Decision) -> float:
    return -time_of(said).timestamp()
