"""What cleaning changed."""

from typing import Any

from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 150
TITLE = "Changes"
ROWS_SHOWN = 50


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return the rows whose cleaned label differs from the given one, the lowest label quality first."""
    changes = results.changes.assign(label_quality=results.changes["label_quality"].astype(float))
    changes = changes.sort_values("label_quality", kind="stable")
    return {"changes": changes.head(ROWS_SHOWN).to_dict("records"), "rows_shown": ROWS_SHOWN}
