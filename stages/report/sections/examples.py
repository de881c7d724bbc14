"""The rows that params.yaml names."""

from typing import Any

from stages.report.cards import describe_rows
from stages.report.results import Results, find_examples
from stages.report.settings import Settings

ORDER = 20
TITLE = "Named examples"


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return the named rows, if there are any.

    Raises
    ------
    InputError
        If a name is not the id of a row.
    """
    if not settings.examples:
        return None
    return {"examples": describe_rows(results, find_examples(results, settings.examples))}
