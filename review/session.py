"""One data set under review: its parts, and what the page starts from."""

from dataclasses import asdict
from typing import Any

from review.catalogue import Catalogue
from review.certify.auto import Auto
from review.certify.planned import Planned
from review.certify.session import Certifying
from review.dealing import Dealing
from review.deciding import Deciding
from review.forecasting import Forecasting
from review.lists import SHEET_COLUMNS, SHEET_ROWS, Lists
from review.log import Log
from review.results import Results
from review.rows import EachRow
from review.sent import PICKED, Mending
from review.watching import describe_log, mend_log
from stages.artifacts.trust import Trust


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

    Attributes
    ----------
    planned : Planned
        Whether a certificate is.
    lists : Lists
        Which rows the page shows.
    rows : EachRow
        What it shows of one.
    deciding : Deciding
        What people choose.
    forecasting : Forecasting
        How many errors are left.
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
        self.planned = Planned(certifying, auto)
        self.lists = Lists(catalogue, log.refresh())
        self.rows = EachRow(catalogue, log)
        self.deciding = Deciding(catalogue, log, results, self.planned)
        self.forecasting = Forecasting(catalogue.ranking, log, self.planned)
        # so that the first page does not wait for it
        self.forecasting.tell()

    def session(self) -> dict[str, Any]:
        """Return all that the page starts from."""
        certifying, similar = self.planned.certifying, self.catalogue.similar
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
            "rows": self.lists.labels,
            "found": self.lists.count_found(),
            "map": self.rows.map and {"method": self.rows.map.method, "most": PICKED},
            "similar": similar and similar.measure,
            "trust": _describe(self.catalogue.ranking.trust),
            "on_top": self.catalogue.on_top,
            "forecast": self.forecasting.tell(),
            "min_yield": self.catalogue.min_yield,
            "dealing": asdict(self.dealing),
            "certify": certifying and certifying.describe(),
            **self.deciding.tell(),
        }

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

    def change(self) -> dict[str, Any]:
        """Change to drawn rows, if no more of the worst ones are worth a look before, and say whether they are."""
        if self.planned.change():
            # it tells how many rows come before, which are none now
            self.forecasting.forget()
        return {"planned": self.is_planned}

    @property
    def is_planned(self) -> bool:
        """Whether a certificate is planned."""
        return self.planned.certifying is not None

    def warm_up(self) -> None:
        """Make what the first requests need, so that they do not wait for it."""
        self.catalogue.warm_up()
        if self.planned.certifying:
            self.planned.certifying.warm_up()


def _describe(trust: Trust) -> dict[str, Any]:
    said = {name: getattr(trust, name) for name in ("headline", "meaning", "reasons", "advice")}
    return {"verdict": str(trust.verdict), "accuracy": trust.measures.get("accuracy"), **said}
