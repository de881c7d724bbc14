"""Say what the plan of a certificate shows: ``python -m stages.certify DATASET``.

Reads the plan in ``data/<dataset>/certificate/``, ``plan.json`` and ``plan.csv``, which people make by ``python -m
labels certify`` and no stage does, and what people decided. Writes ``certificate.json`` beside it: its bytes depend on
the plan, on which decisions stand, on the labels and on the flags alone.
"""

import hashlib
from pathlib import Path
from typing import Any

from stages.artifacts.certificate import FILE, State
from stages.artifacts.decisions import parse_decisions
from stages.artifacts.files import data_folder, read_table, replacing, write_json
from stages.artifacts.issues import read_flagged
from stages.certificate.certified import certify
from stages.certificate.checks import read_checks
from stages.certificate.plan import Plan, read_plan
from stages.certify.measures import measure_before, measure_flags, measure_model
from stages.certify.reviewed import measure_reviewers
from stages.certify.statement import describe, write_text
from stages.command.run import run_stage

NOTHING = "No certificate: nothing is planned."


def main(dataset: str) -> str:
    """Write the certificate and return its headline."""
    folder = data_folder(dataset)
    plan = read_plan(folder)
    about = certify_plan(folder, plan) if plan else {"state": State.NONE, "headline": NOTHING, "text": NOTHING}
    with replacing(folder / FILE) as (path,):
        write_json(path, about)
    return str(about["headline"])


def certify_plan(folder: Path, plan: Plan) -> dict[str, Any]:
    """Return all that the plan of a data set's folder shows."""
    path = folder / "cleaned" / "labels.csv"
    labels, decisions = read_table(path), parse_decisions(folder / "decisions.csv")
    certified = certify(plan, labels, decisions)
    about = {
        **describe(certified),
        "label_version": hashlib.sha256(path.read_bytes()).hexdigest(),
        "before": measure_before(certified),
        "flags": measure_flags(certified, labels, set(read_flagged(folder)["id"])),
        "model": measure_model(certified),
        **measure_reviewers(certified, read_checks(folder), decisions),
    }
    return about | write_text(about)


if __name__ == "__main__":
    run_stage("certify", main)
