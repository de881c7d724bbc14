"""What the certificate of the working tree's labels says, and whether it shows what is asked for."""

import hashlib
from collections.abc import Iterator
from typing import Any

from labels.versions import cleaned_file
from stages.artifacts.certificate import FILE, State, read_certificate
from stages.artifacts.files import data_folder
from stages.certificate.plan import read_plan
from stages.certificate.words import bound, percent
from stages.command.errors import InputError

Certificate = dict[str, Any]


def read_current(dataset: str) -> Certificate:
    """Read the certificate of the labels in the working tree.

    Raises
    ------
    InputError
        If it is missing or damaged, or of another plan or other labels than there are.
    """
    folder, labels = data_folder(dataset), cleaned_file(dataset, "labels.csv")
    certificate, plan = read_certificate(folder), read_plan(folder)
    if certificate.get("plan") != (plan and plan.order):
        raise InputError(f"{folder / FILE}: is of another plan than plan.json beside it; run `dvc repro`")
    if plan and certificate["label_version"] != hashlib.sha256(labels.read_bytes()).hexdigest():
        raise InputError(f"{folder / FILE}: is of other labels than {labels}; run `dvc repro`")
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
