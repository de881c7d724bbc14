"""Rows that nothing was trained on and nothing judged."""

from typing import Any

from stages.report.results import Results
from stages.report.settings import Settings
from stages.report.summary import count_rare

ORDER = 80
TITLE = "Left out"


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return the rows of the source that are not in the data set, and those of rare classes, if there are any."""
    left_out, rare = results.trouble.left_out, count_rare(results)
    if left_out.empty and rare.empty:
        return None
    return {
        "left_out": left_out.head(settings.top).to_dict("records"),
        "reasons": left_out["reason"].value_counts(sort=False).to_dict(),
        "rare": rare.to_dict("records"),
        "n_rare": int(rare["rows"].sum()),
    }
