"""What is known of each data set without running anything: from the small files that its last run left."""

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from review.appending import read_status
from review.start.jobs import EXPORTED, JOBS
from review.start.slot import Slot
from stages.artifacts.certificate import read_certificate
from stages.artifacts.decisions import parse_decisions
from stages.artifacts.files import data_folder, read_json, report_folder
from stages.artifacts.fitting import Rows, fit
from stages.artifacts.issues import FLAGGED, read_issues
from stages.artifacts.standing import count_words
from stages.command.errors import InputError
from stages.command.params import read_block, read_datasets
from stages.command.run import check_name


def list_datasets() -> list[str]:
    """Return the data sets that params.yaml lists, each once."""
    return list(dict.fromkeys(read_datasets()))


def check_listed(dataset: str) -> None:
    """Raise InputError if params.yaml does not list a data set, or its name or block will not do."""
    if dataset not in list_datasets():
        raise InputError(f"params.yaml: `datasets` does not list {dataset!r}")
    check_name(dataset)
    read_block(dataset)


def describe_dataset(dataset: str, slot: Slot) -> dict[str, Any]:
    """Return what the page shows of a data set, or what is wrong with it."""
    try:
        check_listed(dataset)
        return {"name": dataset, "problem": "", **_describe_results(dataset), **_describe_job(dataset, slot)}
    except (InputError, OSError) as error:
        return {"name": dataset, "problem": str(error)}


def _describe_results(dataset: str) -> dict[str, Any]:
    data, report = data_folder(dataset), report_folder(dataset) / "index.html"
    # DVC keeps both, so they are here only if it has made or brought them
    if not (data / "quality").exists() or not report.exists():
        return {"made": None}
    metrics = read_json(report.with_name("metrics.json"))
    return {
        "made": datetime.fromtimestamp(report.stat().st_mtime, UTC).isoformat(timespec="seconds"),
        "rows": metrics["rows"],
        **count_decided(data, read_status(data / "issues.csv"), read_status(data / "decisions.csv")),
        "certificate": {name: read_certificate(data)[name] for name in ("state", "headline")},
        "planned": (data / "certificate" / "plan.csv").exists(),
        "exports": JOBS["export"].list_forms(dataset),
        "goals": JOBS["plan"].list_forms(dataset),
    }


@lru_cache(maxsize=100)
def count_decided(data: Path, *_: object) -> dict[str, int]:
    """Count the flagged rows, and those of them that people decided on, are not sure of, or differ on."""
    issues = read_issues(data)
    flagged = issues[issues["flagged"] == FLAGGED]
    rows = Rows.of(flagged, flagged["given_label"])
    standing = fit(parse_decisions(data / "decisions.csv"), rows).standing
    return {"flagged": len(flagged), **count_words(standing)._asdict()}


def _describe_job(dataset: str, slot: Slot) -> dict[str, Any]:
    job = slot.read_job(dataset)
    return {"job": job and {name: job[name] for name in ("job", "started", "ended")}}


def find_exported(home: Path) -> list[Path]:
    """Return the file that a finished export left: a table in a folder, or an archive."""
    return sorted((home / EXPORTED).glob("*.zip")) or sorted((home / EXPORTED).glob("*/labels.*"))
