"""How far the people who decide agree, with each other and with themselves."""

from typing import Any

from stages.report.agreement import MIN_ROWS, measure_alpha
from stages.report.results import Results
from stages.report.reviewers import list_reviewers
from stages.report.settings import Settings

ORDER = 52
TITLE = "Reviewers"
SHOWN = 20


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return the table of reviewers, if somebody looked at a row again."""
    looks = results.looks
    if not looks.shared and not looks.again:
        return None
    table = list_reviewers(looks)
    return {
        "shared": looks.shared,
        "alpha": measure_alpha(looks.said),
        "people": table.head(SHOWN).to_dict("records"),
        "n_people": len(table),
        "least": MIN_ROWS,
    }
