"""Writes down what people choose, takes it back, and tells what stands on the rows."""

import threading
from typing import Any

from review.catalogue import Catalogue
from review.certify.planned import Planned
from review.log import Log
from review.results import Results
from review.sent import Choice, Row, Undo
from stages.artifacts.decisions import UNDO, Decision, find_flaws, find_misfits
from stages.artifacts.standing import time_of
from stages.command.errors import InputError

# what is told of a decision that stands
TOLD = ("decision", "label", "reviewer", "time", "note", "given_label")


class Deciding:
    """The decisions on one data set.

    Parameters
    ----------
    catalogue : Catalogue
        Its rows.
    log : Log
        Where the decisions are written.
    results : Results
        What they are made on.
    planned : Planned
        The way to a certificate, which also hands out rows.
    """

    def __init__(self, catalogue: Catalogue, log: Log, results: Results, planned: Planned) -> None:
        self._catalogue, self._log, self._results, self._planned = catalogue, log, results, planned
        # the names of the choices that were written
        self._chosen: set[str] = set()
        self._lock = threading.Lock()

    def tell(self, known: str = "") -> dict[str, Any]:
        """Return what changed of the decisions that stand since a version that the page knows, or all of them."""
        news = self._log.since(known)
        said = {row_id: self._describe(same) for row_id, same in news.standing.items()}
        if news.is_all:
            return {"version": news.version, "standing": said}
        return {"version": news.version, "before": known, "changed": said}

    def decide(self, choice: Choice) -> dict[str, Any]:
        """Write a choice down and return what then stands on its rows."""
        self._results.check(choice.run)
        with self._lock:
            before = self._log.version
            if choice.name not in self._chosen:
                self._take(choice)
                self._chosen.update({choice.name} - {""})
        return self._tell_changed(before, [row.id for row in choice.rows])

    def undo(self, undo: Undo) -> dict[str, Any]:
        """Take back the reviewer's last choice and return what then stands on its rows."""
        before = self._log.version
        last = self._log.last_action(undo.reviewer)
        certifying = self._planned.certifying
        check = certifying and certifying.checks.last(undo.reviewer)
        if certifying and check and not any(time_of(said) > check.moment for said in last):
            certifying.checks.undo(check)
            return self._tell_changed(before, [check.id])
        if not last:
            raise InputError(f"{undo.reviewer} has no decision to take back")
        self._add([Decision(said.id, said.given_label, UNDO, "", undo.reviewer) for said in last])
        return self._tell_changed(before, [decision.id for decision in last])

    def _take(self, choice: Choice) -> None:
        if choice.card:
            self._judge(choice)
        else:
            self._add([self._to_decision(row, choice) for row in choice.rows])

    def _judge(self, choice: Choice) -> None:
        """Write down a verdict on a row that was handed out: as a decision, unless it checks the reviewer."""
        certifying = self._planned.find()
        shown = certifying.take(choice.card, choice.reviewer)
        row = choice.rows[0]
        if [each.id for each in choice.rows] != [shown.id]:
            raise InputError(f"id {row.id!r} is not what was handed out; load the page again")
        said = self._to_decision(row, choice, shown.label)
        if shown.is_check:
            certifying.check(shown, said)
        else:
            self._add([said])

    def _add(self, said: list[Decision]) -> None:
        # after the checks too: an undo takes back what was last
        certifying = self._planned.certifying
        checks = certifying.checks.refresh() if certifying else []
        self._log.add(said, after=(check.moment for check in checks))

    def _to_decision(self, row: Row, choice: Choice, shown_label: str | None = None) -> Decision:
        number = self._catalogue.row_of.get(row.id)
        if number is None:
            raise InputError(f"id {row.id!r} is not in the data set")
        known, is_blind = self._catalogue.label_of(number), choice.blind or bool(choice.card)
        decision = Decision(
            id=row.id,
            given_label=known.given_label if shown_label is None else shown_label,
            decision=row.decision,
            label=row.label,
            reviewer=choice.reviewer,
            note=choice.note,
            suggested_label="" if is_blind else known.suggested_label,
            label_quality="" if is_blind else f"{known.label_quality:.6g}",
            settles=row.settles,
            content=self._catalogue.contents.get(row.id, ""),
            run="" if is_blind else self._catalogue.run,
        )
        for problem in (*find_flaws(decision), *find_misfits(decision, self._catalogue.classes)):
            raise InputError(f"id {row.id!r}{problem}")
        return decision

    def _tell_changed(self, before: str, ids: list[str]) -> dict[str, Any]:
        # what others said meanwhile is among it
        return {**self.tell(before), "ids": ids}

    def _describe(self, same: list[Decision]) -> list[dict[str, Any]]:
        """Describe the decisions on a row; its number tells the map which point they are about."""
        said = [{name: getattr(decision, name) for name in TOLD} for decision in same]
        return [
            each | {"row": self._catalogue.row_of.get(decision.id)} for each, decision in zip(said, same, strict=True)
        ]
