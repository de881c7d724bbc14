"""How many rows of each split are flagged, and how many labels people found wrong there."""

from typing import Any

from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 55
TITLE = "Splits"


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return the counts by split, where rows have splits."""
    return {"splits": metrics["splits"]} if "splits" in metrics else None
