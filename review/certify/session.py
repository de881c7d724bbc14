"""Review to certify, as the page works with it: the next rows, what is shown so far, and how the checks came out."""

import threading
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from review.appending import read_status
from review.catalogue import Catalogue
from review.certify.cards import AGAIN, DRAWN, KNOWN, LOOK, Card, Dealer, Shown
from review.certify.checks import Checks
from review.certify.course import Course
from review.certify.schedule import Schedule
from review.certify.summary import describe_checks, describe_progress, find_differing
from review.log import Log
from review.sent import to_line
from stages.artifacts.decisions import Decision, parse_decisions
from stages.artifacts.files import read_table
from stages.certificate.certified import count_reopened, find_decided, is_current, take_split
from stages.certificate.checks import Check
from stages.certificate.plan import Plan, read_plan
from stages.certificate.progress import Progress, Tracker
from stages.command.errors import InputError

# as many of the next rows as may be with others
AHEAD = 100
GOALS = (0.02, 0.01, 0.005)


class Ask(BaseModel):
    """What a page asks for: what is shown towards a goal, and the next rows.

    ``held`` names the cards that it has, ``judged`` those whose verdicts are on their way. With ``beyond`` it goes on
    after the goal is reached.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    reviewer: Annotated[str, AfterValidator(to_line)]
    goal: float = Field(gt=0, lt=1)
    held: list[str] = []
    judged: list[str] = []
    beyond: bool = False


class Certifying:
    """The way to a certificate by one plan.

    Parameters
    ----------
    plan : Plan
        What is drawn.
    folder : Path
        The data set's folder, where the plan lies.
    catalogue : Catalogue
        The rows.
    log : Log
        The decisions.
    known_share : float
        The share of rows with a turned label, from 0 to 1.
    """

    def __init__(self, plan: Plan, folder: Path, catalogue: Catalogue, log: Log, known_share: float) -> None:
        self.plan, self.checks = plan, Checks(folder, log)
        self._path = folder / "certificate" / "plan.json"
        self._status = read_status(self._path)
        self._catalogue, self._log = catalogue, log
        self._table = read_table(folder / "prepared" / "ids.csv")
        self._table["given_label"] = self._table["id"].map(log.rows.given)
        self._drawn = [Shown(DRAWN, *row) for row in zip(plan.rows["id"], plan.rows["label"], strict=True)]
        self._schedule = Schedule(plan, catalogue, log.rows.given, known_share)
        self._tracker, self._course, self._dealer = Tracker(plan), Course(plan), Dealer()
        self._turned: dict[int, Shown] = {}
        self._first: int | None = None
        # one request at a time: what is shown goes on from what was shown before
        self._lock = threading.RLock()

    @property
    def is_current(self) -> bool:
        """Whether the plan is of the rows as they are now."""
        return is_current(self.plan, self._table)

    @property
    def has_begun(self) -> bool:
        """Whether people have looked at drawn rows."""
        return self._tracker.track(self._log.refresh()).verdicts.looked_at > 0

    def describe(self) -> dict[str, Any]:
        """Return what a page starts from."""
        goals = sorted({*GOALS, self.plan.goal}, reverse=True)
        return {"rows": self.plan.n_rows, "goal": self.plan.goal, "goals": goals, "split": self.plan.split}

    def ask(self, ask: Ask) -> dict[str, Any]:
        """Return what is shown, and the cards that the page is to have."""
        with self._lock:
            if read_status(self._path) != self._status:
                raise InputError(f"{self._path} has changed; start the review again")
            progress = self._confirm(self._tracker.track(self._log.refresh(), ask.goal))
            course = self._course.follow(progress)
            cards = [] if progress.reached and not ask.beyond else self._deal(ask, progress.verdicts.looked_at)
            return {
                # while it goes on, nothing tells which rows were checks
                "progress": describe_progress(self.plan, progress, self._list_checks() if cards else []),
                "course": course,
                "cards": [self._show(card) for card in cards],
                "end": None if cards else self._describe_end(ask.reviewer),
            }

    def _confirm(self, progress: Progress) -> Progress:
        """Count, where the goal is reached, the decisions from before the plan that were taken back since."""
        if progress.reached:
            rows, decisions = take_split(self._table, self.plan.split), parse_decisions(self._log.path)
            decided = find_decided(rows, self._log.refresh())
            reopened = count_reopened(self.plan, rows, decisions, decided, is_current=True)
            progress = replace(progress, most=progress.most + reopened)
        return progress

    def warm_up(self) -> None:
        """Work out what is shown, so that the first page does not wait for it."""
        with self._lock:
            self._course.follow(self._tracker.track(self._log.refresh()))
            self._schedule.warm_up()

    def compare(self, name: str) -> dict[str, Any]:
        """Return all that a row shows, and what to compare it with: nothing of what the model thinks of it."""
        card = self._dealer.find(name)
        if card is None:
            raise LookupError(f"card {name}")
        return self._catalogue.compare(self._catalogue.row_of[card.shown.id], card.shown.label)

    def take(self, name: str, reviewer: str) -> Shown:
        """Return what a verdict is about; the reviewer is at work, and no longer on this row."""
        with self._lock:
            card = self._dealer.find(name)
            if card is None or card.reviewer != reviewer:
                raise InputError("this row was not handed out; load the page again")
            self._dealer.judge(card)
            return card.shown

    def check(self, shown: Shown, said: Decision) -> None:
        """Write a verdict on a check down."""
        check = Check(said.id, shown.kind, shown.label, said.decision, said.label, said.reviewer, "", self.plan.mark)
        self.checks.add(check)

    def _deal(self, ask: Ask, looked_at: int) -> list[Card]:
        standing, checks = self._log.refresh(), self._list_checks()
        drawn = list(islice((shown for shown in self._drawn if not standing.get(shown.id)), AHEAD))
        again = self._list_again(checks, looked_at)
        known = self._list_known(checks, looked_at)
        left = {*again, *known}
        held = [card for name in ask.held if (card := self._dealer.find(name)) and card.reviewer == ask.reviewer]
        kept = [card for card in held if card.shown in left or self._is_open(card.shown)]
        judged = {card.shown.id for name in ask.judged if (card := self._dealer.find(name))}
        return self._dealer.deal(ask.reviewer, kept, drawn, [*again, *known], judged)

    def _is_open(self, shown: Shown) -> bool:
        return shown.kind == DRAWN and not self._log.refresh().get(shown.id)

    def _list_checks(self) -> list[Check]:
        return [check for check in self.checks.refresh() if check.of == self.plan.mark]

    def _list_again(self, checks: list[Check], looked_at: int) -> list[Shown]:
        """Return the rows that come a second time now."""
        done = {check.id for check in checks if check.kind == AGAIN}
        due = self._schedule.list_again(looked_at)
        return [Shown(AGAIN, row_id, label) for row_id, label in due if row_id not in done]

    def _list_known(self, checks: list[Check], looked_at: int) -> list[Shown]:
        """Return the rows with a turned label that come now; none come for what was looked at before the start."""
        if self._first is None:
            self._first = looked_at
        done = {check.id for check in checks if check.kind == KNOWN}
        for place in self._schedule.list_turns(self._first, looked_at):
            used = done | {shown.id for shown in self._turned.values()}
            if place not in self._turned and (found := self._schedule.turn(self._log.refresh(), looked_at, used)):
                self._turned[place] = Shown(KNOWN, *found)
        return [shown for shown in self._turned.values() if shown.id not in done]

    def _show(self, card: Card) -> dict[str, Any]:
        """Describe a card, whatever the reason that it was handed out for."""
        row = self._catalogue.row_of[card.shown.id]
        return {"card": card.name, "given_label": card.shown.label, **self._catalogue.preview(row)}

    def _describe_end(self, reviewer: str) -> dict[str, Any]:
        """Return what there is to say where nothing is left: how the checks came out, and what to look at again."""
        checks, standing = self._list_checks(), self._log.refresh()
        differing = find_differing(checks, standing)
        cards = [self._dealer.make(reviewer, Shown(LOOK, check.id, check.shown_label)) for check in differing]
        second = [{"decision": check.decision, "label": check.label} for check in differing]
        again = [self._show(card) | {"second": said} for card, said in zip(cards, second, strict=True)]
        untaken = self._log.find_untaken({check.id for check in checks})
        is_open = any(not standing.get(shown.id) for shown in self._drawn)
        return {"open": is_open, "checks": describe_checks(checks, untaken), "again": again}


def open_certifying(folder: Path, catalogue: Catalogue, log: Log, known_share: float) -> Certifying | None:
    """Read a data set's plan; None if nothing is planned for the data as they are now.

    Raises
    ------
    InputError
        If the plan is damaged.
    """
    plan = read_plan(folder)
    if plan is None:
        return None
    certifying = Certifying(plan, folder, catalogue, log, known_share)
    return certifying if certifying.is_current else None
