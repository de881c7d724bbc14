"""What cleaning made of a model trained on these data, in the data sets that `compared` lists."""

from typing import Any

from stages.artifacts.compared import read_compared
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 45
TITLE = "Did cleaning help?"


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return compared.json, if the data set is compared."""
    compared = read_compared(results.dataset)
    return {"compared": compared} if compared else None
