"""Rows that are unlike all others."""

from typing import Any

from stages.report.cards import describe_found
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 70
TITLE = "Outliers"


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return the strangest rows, if there are any."""
    found = results.trouble.outliers
    return {"outliers": describe_found(results, found.head(settings.top))} if len(found) else None
