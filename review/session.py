"""One data set under review: what the page starts from, and what it does."""

import threading
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import pandas as pd

from review.catalogue import Catalogue
from review.certify.auto import Auto
from review.certify.session import Ask, Certifying
from review.dealing import Dealing
from review.forecast import Known, forecast
from review.history import tell_history
from review.log import Log
from review.map import pack, read_map
from review.pictures import Gallery
from review.results import Results
from review.sent import PICKED, Choice, Mending, Pick, Row, Undo
from review.spread import choose_spread
from review.watching import describe_log, mend_log
from stages.artifacts.decisions import UNDO, Decision, find_flaws, find_misfits
from stages.artifacts.files import data_folder
from stages.artifacts.pictures import Encoded
from stages.artifacts.standing import time_of
from stages.artifacts.trust import Trust
from stages.command.errors import InputError

# pictures of many rows are sent as sheets of so many, in so many columns
SHEET_ROWS, SHEET_COLUMNS = 100, 10
# at most so many duplicates, in whole sets, so many outliers and so many bad pictures are shown
FOUND_SHOWN = 5000
# so many rows are shown with the one that they are like
SIMILAR = 59
LABELS = "labels"
# before the first forecast: of which version of the decisions, and what it says
NEVER: tuple[str, dict[str, Any] | None] = ("", None)


class Review:
    """The review of one data set.

    Parameters
    ----------
    catalogue : Catalogue
        Its rows.
    log : Log
        Its decisions.
    reviewer : str
        Who decides, unless the page is told otherwise.
    certifying : Certifying, optional
        The way to a certificate, if one is planned.
    auto : Auto, optional
        Plans one by itself, if none is.
    results : Results
        What it was opened on.
    dealing : Dealing
        How the rows are shared out.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        log: Log,
        reviewer: str,
        certifying: Certifying | None = None,
        auto: Auto | None = None,
        *,
        results: Results,
        dealing: Dealing,
    ) -> None:
        self.results, self.dealing = results, dealing
        self.catalogue, self.log, self.reviewer = catalogue, log, reviewer
        self._certifying, self._auto = certifying, auto
        trouble = catalogue.trouble
        self.found = {
            "spread": list_spread(catalogue),
            "duplicates": first_sets(trouble.duplicates),
            "outliers": trouble.outliers.head(FOUND_SHOWN),
            "picture_quality": trouble.bad_pictures.head(FOUND_SHOWN),
            "unlabelled": list_unlabelled(catalogue, log.refresh()).head(FOUND_SHOWN),
        }
        elsewhere = {row_id for found in self.found.values() for row_id in found["id"]} | {*catalogue.unlabelled["id"]}
        self.rows = catalogue.list_rows(row_id for row_id in log.refresh() if row_id not in elsewhere)
        folder, n_rows = data_folder(catalogue.dataset), len(catalogue.quality)
        self.map = read_map(folder, n_rows, len(catalogue.classes))
        self.similar = catalogue.similar
        self._lists: dict[str, list[dict[str, Any]]] = {}
        self._known = Known(catalogue.ranking)
        # of a version of the decisions
        self._forecast = NEVER
        self._forecasting = threading.Lock()
        # the names of the choices that were written
        self._chosen: set[str] = set()
        self._choosing = threading.Lock()
        self.forecast()

    def session(self) -> dict[str, Any]:
        """Return all that the page starts from."""
        return {
            "dataset": self.catalogue.dataset,
            "classes": self.catalogue.classes,
            "total": len(self.catalogue.quality),
            "kind": self.catalogue.examples.kind,
            "exact": getattr(self.catalogue.examples, "are_exact", True),
            "seen": self.catalogue.seen,
            "columns": self.catalogue.examples.columns,
            "files": bool(self.catalogue.contents),
            "reviewer": self.reviewer,
            "stamp": self.results.stamp,
            "sheet": {"rows": SHEET_ROWS, "columns": SHEET_COLUMNS},
            "rows": self.rows,
            "found": self._count_found(),
            "map": self.map and {"method": self.map.method, "most": PICKED},
            "similar": self.similar and self.similar.measure,
            "trust": _describe(self.catalogue.ranking.trust),
            "on_top": self.catalogue.on_top,
            "forecast": self.forecast(),
            "min_yield": self.catalogue.min_yield,
            "dealing": asdict(self.dealing),
            "certify": self._certifying and self._certifying.describe(),
            **self.decisions(),
        }

    def check_run(self, stamp: str) -> None:
        """Raise InputError if a page that shows another run asks, or if the results were made anew since.

        Parameters
        ----------
        stamp : str
            Of the run that the page shows; empty if it does not say.
        """
        if stamp not in ("", self.results.stamp) or not self.results.are_current:
            raise InputError("the results were made anew, and this page shows older ones; load them")

    def reopen(self) -> "Review":
        """Return the review of the results that are there now."""
        review = self.results.reopen()
        review.log.succeed(self.log)
        return review

    def watch(self, stamp: str) -> dict[str, Any]:
        """Return what has changed under a page that shows a run, other than by decisions, and how far people agree."""
        is_current = stamp == self.results.stamp and self.results.are_current
        return {"outdated": not is_current, **describe_log(self.log)}

    def mend(self, mending: Mending) -> dict[str, Any]:
        """Write lost decisions again, or leave them out from now on."""
        return {"written": mend_log(self.log, again=mending.again)}

    def list_found(self, name: str) -> dict[str, Any]:
        """Return the spread rows, the duplicates, those first whose labels differ, or another list, worst first."""
        return {"rows": self._listed(name)}

    def points(self) -> bytes:
        """Return the rows' places and labels, as `pack` packs them."""
        if self.map is None:
            raise LookupError("map")
        return pack(self.map.places, self.catalogue.quality, self.catalogue.classes)

    def pick(self, pick: Pick) -> dict[str, Any]:
        """Return rows by their numbers."""
        for row in pick.rows:
            self._check(row, len(self.catalogue.quality))
        return {"rows": self.catalogue.list_picked(pick.rows)}

    def find_similar(self, row: int) -> dict[str, Any]:
        """Return a row and after it those that are most like it."""
        self._check(row, len(self.catalogue.quality))
        if self.similar is None:
            raise LookupError("comparison of the rows")
        return {"rows": self.catalogue.list_picked([row, *self.similar.find(row, SIMILAR)])}

    def decisions(self, known: str = "") -> dict[str, Any]:
        """Return what changed of the decisions that stand since a version that the page knows, or all of them."""
        news = self.log.since(known)
        said = {row_id: self._write(same) for row_id, same in news.standing.items()}
        if news.is_all:
            return {"version": news.version, "standing": said}
        return {"version": news.version, "before": known, "changed": said}

    def forecast(self) -> dict[str, Any] | None:
        """Return how many errors are left, by what the model expects and what stands now."""
        with self._forecasting:
            news = self.log.since(self._forecast[0])
            if self._forecast[0] != news.version:
                self._known.take(news.standing)
                expected = forecast(self.catalogue.ranking, self._known.wrong)
                if expected and self._auto and not self._certifying:
                    expected["before"] = self._auto.count_worst()
                self._forecast = news.version, expected
            return self._forecast[1]

    def describe(self, row: int) -> dict[str, Any]:
        """Return a row's likeliest classes, and rows to compare it with."""
        self._check(row, len(self.catalogue.quality))
        return self.catalogue.describe(row)

    def history(self, row: int) -> dict[str, Any]:
        """Return what people have said of a row."""
        self._check(row, len(self.catalogue.quality))
        return tell_history(self.catalogue, self.log, row)

    def picture(self, row: int) -> Encoded:
        """Return a row's picture as large as a screen shows it."""
        self._check(row, len(self.catalogue.quality))
        return self._pictures().picture(row)

    def preview(self, row: int) -> Encoded:
        """Return a row's picture, small."""
        self._check(row, len(self.catalogue.quality))
        return self._pictures().preview(row)

    def sheet(self, name: str, number: int) -> Encoded:
        """Return the pictures of so many rows of a list, from number times `SHEET_ROWS` on, as one."""
        start, rows = number * SHEET_ROWS, self._listed(name)
        self._check(start, len(rows))
        return self._pictures().sheet([row["row"] for row in rows[start : start + SHEET_ROWS]], SHEET_COLUMNS)

    def decide(self, choice: Choice) -> dict[str, Any]:
        """Write a choice down and return what then stands on its rows."""
        self.check_run(choice.run)
        with self._choosing:
            before = self.log.version
            if choice.name not in self._chosen:
                self._take(choice)
                self._chosen.update({choice.name} - {""})
        return self._changed(before, [row.id for row in choice.rows])

    def undo(self, undo: Undo) -> dict[str, Any]:
        """Take back the reviewer's last choice and return what then stands on its rows."""
        before = self.log.version
        last = self.log.last_action(undo.reviewer)
        check = self._certifying and self._certifying.checks.last(undo.reviewer)
        if self._certifying and check and not any(time_of(said) > check.moment for said in last):
            self._certifying.checks.undo(check)
            return self._changed(before, [check.id])
        if not last:
            raise InputError(f"{undo.reviewer} has no decision to take back")
        self._add([Decision(said.id, said.given_label, UNDO, "", undo.reviewer) for said in last])
        return self._changed(before, [decision.id for decision in last])

    def change(self) -> dict[str, Any]:
        """Change to drawn rows, if no more of the worst ones are worth a look before, and say whether they are."""
        with self._forecasting:
            if self._auto and not self._certifying and not self._auto.count_worst():
                self._certifying = self._auto.start()
                # it tells how many rows come before, which are none now
                self._forecast = NEVER
        return {"planned": self.is_planned}

    @property
    def is_planned(self) -> bool:
        """Whether a certificate is planned."""
        return self._certifying is not None

    def ask(self, ask: Ask) -> dict[str, Any]:
        """Return how far the certificate has come, and the next rows to look at."""
        return self._planned().ask(ask)

    def compare(self, card: str) -> dict[str, Any]:
        """Return what to compare a row with that was handed out."""
        return self._planned().compare(card)

    def warm_up(self) -> None:
        """Make what the first requests need, so that they do not wait for it."""
        self.catalogue.warm_up()
        if self._certifying:
            self._certifying.warm_up()

    def _planned(self) -> Certifying:
        if self._certifying is None:
            raise LookupError("plan of a certificate")
        return self._certifying

    def _take(self, choice: Choice) -> None:
        if choice.card:
            self._judge(choice)
        else:
            self._add([self._to_decision(row, choice) for row in choice.rows])

    def _judge(self, choice: Choice) -> None:
        """Write down a verdict on a row that was handed out: as a decision, unless it checks the reviewer."""
        shown = self._planned().take(choice.card, choice.reviewer)
        row = choice.rows[0]
        if [each.id for each in choice.rows] != [shown.id]:
            raise InputError(f"id {row.id!r} is not what was handed out; load the page again")
        said = self._to_decision(row, choice, shown.label)
        if shown.is_check:
            self._planned().check(shown, said)
        else:
            self._add([said])

    def _add(self, said: list[Decision]) -> None:
        # after the checks too: an undo takes back what was last
        checks = self._certifying.checks.refresh() if self._certifying else []
        self.log.add(said, after=(check.moment for check in checks))

    def _check(self, row: int, n_rows: int) -> None:
        if row >= n_rows:
            raise LookupError(f"row {row}")

    def _listed(self, name: str) -> list[dict[str, Any]]:
        if name == LABELS:
            return self.rows
        if name not in self.found:
            raise LookupError(f"list {name}")
        if name not in self._lists:
            self._lists[name] = self.catalogue.list_found(self.found[name])
        return self._lists[name]

    def _count_found(self) -> dict[str, Any]:
        trouble = self.catalogue.trouble
        counts = {
            "spread": len(self.found["spread"]),
            "duplicates": len(trouble.duplicates),
            "outliers": len(trouble.outliers),
            "picture_quality": len(trouble.bad_pictures),
            "unlabelled": len(self.catalogue.unlabelled),
        }
        return {name: {"shown": len(self.found[name]), "all": count} for name, count in counts.items() if count}

    def _pictures(self) -> Gallery:
        if not isinstance(self.catalogue.examples, Gallery):
            raise LookupError("picture in this data set")
        return self.catalogue.examples

    def _to_decision(self, row: Row, choice: Choice, shown_label: str | None = None) -> Decision:
        number = self.catalogue.row_of.get(row.id)
        if number is None:
            raise InputError(f"id {row.id!r} is not in the data set")
        known, is_blind = self.catalogue.label_of(number), choice.blind or bool(choice.card)
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
            content=self.catalogue.contents.get(row.id, ""),
            run="" if is_blind else self.catalogue.run,
        )
        for problem in (*find_flaws(decision), *find_misfits(decision, self.catalogue.classes)):
            raise InputError(f"id {row.id!r}{problem}")
        return decision

    def _changed(self, before: str, ids: list[str]) -> dict[str, Any]:
        # what others said meanwhile is among it
        return {**self.decisions(before), "ids": ids}

    def _write(self, same: list[Decision]) -> list[dict[str, Any]]:
        """Describe decisions; the row's number tells the map which point they are about."""
        fields = ("decision", "label", "reviewer", "time", "note", "given_label")
        said = [{name: getattr(decision, name) for name in fields} for decision in same]
        return [
            each | {"row": self.catalogue.row_of.get(decision.id)} for each, decision in zip(said, same, strict=True)
        ]


def list_spread(catalogue: Catalogue) -> pd.DataFrame:
    """Return the rows that are spread over the ranking, as `Catalogue.list_found` takes them."""
    ranked = catalogue.ranking.rows
    spread: pd.DataFrame = catalogue.quality.loc[ranked[choose_spread(len(ranked))], ["id", "given_label"]]
    return spread


def list_unlabelled(catalogue: Catalogue, decided: Collection[str]) -> pd.DataFrame:
    """Return the rows without a label, in their order, those last on which people said something."""
    rows = catalogue.unlabelled[["id"]].assign(given_label="")
    return rows.sort_values("id", key=lambda ids: ids.isin(decided), kind="stable")


def first_sets(duplicates: pd.DataFrame) -> pd.DataFrame:
    """Return as many whole sets as fit into `FOUND_SHOWN` rows; if the first is larger, so many rows of it."""
    shown = duplicates.head(FOUND_SHOWN)
    if len(shown) == len(duplicates):
        return shown
    whole = shown[shown["set"] != duplicates["set"].iloc[FOUND_SHOWN]]
    return shown if whole.empty else whole


def _describe(trust: Trust) -> dict[str, Any]:
    said = {name: getattr(trust, name) for name in ("headline", "meaning", "reasons", "advice")}
    return {"verdict": str(trust.verdict), **said}
