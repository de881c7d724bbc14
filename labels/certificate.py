"""What the certificate of the working tree's labels says, and whether it shows what is asked for."""

import hashlib
from collections.abc import Iterator
from typing import Any

from labels.versions import cleaned_file
from stages.artifacts.files import data_folder, read_json
from stages.certificate.certified import State
from stages.certificate.plan import read_plan
from stages.certificate.words import bound, percent
from stages.command.errors import InputError

Certificate = dict[str, Any]


def read_certificate(dataset: str) -> Certificate:
    """Read ``certificate.json``; its state alone is there if nothing is planned.

    Raises
    ------
    InputError
        If it is missing, damaged, or of another plan or other labels than there are.
    """
    path, labels = data_folder(dataset) / "certificate" / "certificate.json", cleaned_file(dataset, "labels.csv")
    certificate = read_json(path)
    if not isinstance(certificate, dict) or certificate.get("state") not in list(State):
        raise InputError(f"{path}: damaged (no state); remove it and `dvc repro` makes it again")
    plan = read_plan(data_folder(dataset))
    if certificate.get("plan") != (plan and plan.order):
        raise InputError(f"{path}: is of another plan than plan.json beside it; run `dvc repro`")
    if plan and certificate["label_version"] != hashlib.sha256(labels.read_bytes()).hexdigest():
        raise InputError(f"{path}: is of other labels than {labels}; run `dvc repro`")
    return certificate


def find_lack(certificate: Certificate, most: float) -> Iterator[str]:
    """Yield why it is not shown that at most such a share of all labels is wrong, if it is not."""
    asked = f"at most {percent(most)} wrong is asked for"
    if certificate["state"] == State.NONE:
        yield f"{asked}, and no certificate is planned; `labels certify` plans one"
    elif certificate["state"] == State.OUTDATED:
        yield f"{asked}, and the data have changed since the certificate was planned; plan again"
    elif certificate["split"]:
        yield f"{asked}, and the certificate is about the split {certificate['split']} alone; plan one for all rows"
    elif not certificate["drawn"]:
        yield f"{asked}, and nobody has looked at a drawn row; `review --certify` shows them"
    elif certificate["bound"]["share"] > most + 1e-9:
        shown, sure = bound(certificate["bound"]["share"]), percent(certificate["confidence"])
        yield f"{asked}, and shown is at most {shown} (with {sure} confidence); look at more rows"
