"""How many labels are wrong at most, as people showed by rows drawn at random."""

from typing import Any

from stages.artifacts.certificate import State
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 5
TITLE = "Certificate"


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return nothing more than every section has, if a certificate is planned."""
    return None if results.certificate["state"] == State.NONE else {}
