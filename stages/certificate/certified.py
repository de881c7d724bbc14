"""What a plan and people's decisions show of the labels as they are now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from stages.artifacts.certificate import State
from stages.artifacts.cleaned import PEOPLE
from stages.artifacts.decisions import Decision, to_time
from stages.artifacts.fitting import Rows, fit
from stages.artifacts.standing import find_wrong, time_of
from stages.certificate.bound import Bets
from stages.certificate.plan import Plan, digest_data
from stages.certificate.progress import Progress, Tracker, count_allowed
from stages.certificate.verdicts import count_removed

Standing = Mapping[str, Sequence[Decision]]


@dataclass(frozen=True)
class Certified:
    """What a plan shows.

    Attributes
    ----------
    plan : Plan
        The plan.
    progress : Progress
        What the rows drawn so far show, of the rows that the plan draws from.
    bets : Bets
        What that rests on.
    is_current : bool
        Whether ids and given labels are those that the plan was made for.
    labels : int
        How many labels there are now, of the split.
    uncovered : int
        How many of them neither a person nor the draw stands for: people took their decision back, or a rule changed
        the label. They count as wrong.
    beside : int
        How many labels people gave to rows that had none. The plan is not about them.
    first, last : str
        When the first and the last drawn row was decided on; empty if that is not known.
    """

    plan: Plan
    progress: Progress
    bets: Bets
    is_current: bool
    labels: int
    uncovered: int
    beside: int
    first: str
    last: str

    @property
    def confidence(self) -> float:
        """Of the certificate: less where plans were given up, as one of these may have been right only by chance."""
        return self.plan.stated

    @property
    def looked_at(self) -> int:
        """How many rows were drawn and looked at."""
        return self.progress.verdicts.looked_at

    @property
    def most(self) -> int:
        """How many labels are wrong at most."""
        return min(self.progress.most + self.uncovered, self.labels)

    @property
    def share(self) -> float:
        """The share of the labels that this is, from 0 to 1."""
        return self.most / self.labels if self.labels else 0.0

    @property
    def goal(self) -> int:
        """How many labels may be wrong, for the goal."""
        return count_allowed(self.plan.goal, self.labels)

    @property
    def state(self) -> State:
        """How far it has come."""
        if not self.is_current:
            return State.OUTDATED
        return State.REACHED if self.has_reached else State.OPEN

    @property
    def has_reached(self) -> bool:
        """Whether the goal is reached, or was for the data that the plan was made for."""
        return self.looked_at > 0 and self.most <= self.goal


def take_split(labels: pd.DataFrame, split: str) -> pd.DataFrame:
    """Return the rows of a split that have a given label, or all such rows if the split is empty."""
    labels = labels[labels["given_label"] != ""]
    if not split:
        return labels
    return labels[labels["split"] == split] if "split" in labels else labels.head(0)


def count_beside(labels: pd.DataFrame, split: str) -> int:
    """Count the labels of a split, or of all rows, that people gave to rows that had none."""
    given = labels[(labels["given_label"] == "") & (labels["label"] != "")]
    return int((given["split"] == split).sum()) if split and "split" in given else len(given)


def is_current(plan: Plan, labels: pd.DataFrame) -> bool:
    """Say whether a plan is of these rows: the columns id, given_label and, if it is of a split, split."""
    rows = take_split(labels, plan.split)
    return digest_data(rows["id"], rows["given_label"]) == plan.data


def certify(plan: Plan, labels: pd.DataFrame, decisions: Sequence[Decision]) -> Certified:
    """Hold a plan against people's decisions and the labels as they are now.

    Parameters
    ----------
    plan : Plan
        The plan.
    labels : DataFrame with the columns id, given_label, label and decided_by
        ``cleaned/labels.csv``, maybe with split and content.
    decisions : sequence of Decision
        Every line of decisions.csv, in any order.
    """
    rows = take_split(labels, plan.split)
    current = is_current(plan, labels)
    standing = now = fit(decisions, Rows.of(labels, labels["given_label"])).standing
    if not current:
        # what was shown of rows that are as they were still holds
        standing = fit(decisions, Rows(dict(zip(plan.rows["id"], plan.rows["label"], strict=True)), {})).standing
    decided = find_decided(rows, now)
    ruled = _find_ruled(rows, decided)
    n_labels = len(rows) - count_removed(decided, now) - int((ruled["label"] == "").sum())
    uncovered = count_reopened(plan, rows, decisions, decided, current) + int((ruled["label"] != "").sum())
    tracker = Tracker(plan)
    progress = tracker.track(standing)
    if progress.labels:
        progress = tracker.aim_at(progress, max(0, count_allowed(plan.goal, n_labels) - uncovered))
    first, last = _find_times(plan.rows["id"].head(progress.verdicts.looked_at), standing)
    return Certified(
        plan=plan,
        progress=progress,
        bets=tracker.bets,
        is_current=current,
        labels=n_labels,
        uncovered=uncovered,
        beside=count_beside(labels, plan.split),
        first=first,
        last=last,
    )


def is_judged(certified: Certified) -> bool:
    """Say whether people have looked at drawn rows since the plan was made."""
    return certified.looked_at > 0 and not is_before(certified.last, certified.plan.made)


def is_before(time: str, other: str) -> bool:
    """Say whether a time is known, and before another one."""
    known, limit = to_time(time), to_time(other)
    return known is not None and limit is not None and known < limit


def find_decided(rows: pd.DataFrame, standing: Standing) -> dict[str, bool]:
    """Return whether the label was wrong, by the ids of the rows on which people are sure and agree."""
    given = dict(zip(rows["id"], rows["given_label"], strict=True))
    return find_wrong({row_id: same for row_id, same in standing.items() if row_id in given}, given)


def _find_ruled(rows: pd.DataFrame, decided: Mapping[str, bool]) -> pd.DataFrame:
    """Return the rows whose label a rule changed."""
    changed = rows[(rows["label"] != rows["given_label"]) & (rows["decided_by"] != PEOPLE)]
    return changed[~changed["id"].isin(decided)]


def count_reopened(
    plan: Plan, rows: pd.DataFrame, decisions: Sequence[Decision], decided: Mapping[str, bool], is_current: bool
) -> int:
    """Count the rows that the plan leaves out, as people had decided on them, and on which they no longer do.

    The plan lists not all the rows that it draws from. If some are not listed, those count that somebody has said
    something on since the plan was made, or as many as are decided on too few.
    """
    outside = rows.loc[~rows["id"].isin(plan.rows["id"]), "id"]
    is_open = ~outside.isin(decided)
    if is_current and plan.n_rows == len(plan.rows):
        return int(is_open.sum())
    since = {said.id for said in decisions if not is_before(said.time, plan.made)}
    too_few = plan.decided - int((~is_open).sum()) if is_current else 0
    return max(int((is_open & outside.isin(since)).sum()), too_few)


def _find_times(ids: pd.Series, standing: Standing) -> tuple[str, str]:
    """Return the first and the last time at which these rows were decided on."""
    timed = sorted((said for row_id in ids for said in standing[row_id] if said.time), key=time_of)
    return (timed[0].time, timed[-1].time) if timed else ("", "")
