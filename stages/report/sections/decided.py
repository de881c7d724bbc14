"""How many labels were wrong, as far as people have decided."""

from typing import Any

from stages.report.decided import describe_decided
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 50
TITLE = "What people found"


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return the tables of what people decided, if they did."""
    return describe_decided(results)
