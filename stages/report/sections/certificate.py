"""How many labels are wrong at most, as people showed by rows drawn at random."""

from typing import Any

from stages.artifacts.certificate import State
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 5
TITLE = "Certificate"


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return what the certificate says beside its sentences, if one is planned."""
    certificate = results.certificate
    if certificate["state"] == State.NONE:
        return None
    return {name: certificate[name] for name in ("before", "flags", "model", "reviewers_measured", "corrected")}
