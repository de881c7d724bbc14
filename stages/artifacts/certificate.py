"""The certificate: how many labels are wrong at most, or that nothing is planned; ``certificate/certificate.json``."""

from enum import StrEnum
from pathlib import Path
from typing import Any

from stages.artifacts.files import read_json
from stages.command.errors import InputError

FILE = Path("certificate") / "certificate.json"
# what every certificate says, and what one that is planned says besides
ALWAYS = ("state", "headline", "text")
PLANNED = (
    "sentence", "way", "beside", "says_not", "split", "confidence", "bound", "goal", "drawn", "found", "unsure",
    "reviewers", "plan", "label_version", "before", "flags", "model", "reviewers_measured", "corrected",
)  # fmt: skip


class State(StrEnum):
    """How far a certificate has come."""

    NONE = "none"
    OPEN = "open"
    REACHED = "reached"
    OUTDATED = "outdated"


def read_certificate(folder: Path) -> dict[str, Any]:
    """Read the certificate of a data set's folder.

    Raises
    ------
    InputError
        If it is missing or damaged, or lacks something.
    """
    path = folder / FILE
    certificate = read_json(path)
    state = certificate.get("state") if isinstance(certificate, dict) else None
    if state not in list(State):
        raise InputError(f"{path}: state must be one of {', '.join(State)}; remove it and `dvc repro` makes it again")
    if missing := [name for name in (*ALWAYS, *(PLANNED if state != State.NONE else ())) if name not in certificate]:
        raise InputError(f"{path}: lacks {', '.join(missing)}; remove it and `dvc repro` makes it again")
    found: dict[str, Any] = certificate
    return found
