"""What is known of one row: its labels, the decisions on it, the model's opinion, its place in certificates."""

import io
import json
from dataclasses import dataclass
from typing import Any

import pandas as pd

from labels.revisions import Revision, find_revision, list_releases, read_committed
from labels.versions import WORKING_TREE, read_labels
from stages.artifacts.certificate import FILE, State
from stages.artifacts.decisions import Decision, parse_decisions
from stages.artifacts.files import data_folder
from stages.artifacts.fitting import Rows, find_moved, fit, follow
from stages.artifacts.issues import read_flagged
from stages.artifacts.quality import QUALITY, read_quality, read_run
from stages.artifacts.standing import fill_times, mark_counting
from stages.command.errors import InputError, suggest

NO_LABEL = "(no label)"


@dataclass(frozen=True)
class Row:
    """A row, as it is in the working tree.

    Attributes
    ----------
    id : str
        Its id.
    labels : dict, optional
        Its line of labels.csv; None if it has left the data.
    rows : Rows
        All rows.
    said : list of tuple of Decision and bool
        The decisions on it, in the order of their times, and which of them count.
    """

    id: str
    labels: dict[str, str] | None
    rows: Rows
    said: list[tuple[Decision, bool]]

    @property
    def content(self) -> str:
        """What tells its file from others, if it is a picture in one."""
        return self.rows.contents.get(self.id, "")


def find_row(dataset: str, row_id: str) -> Row:
    """Find a row in the working tree.

    Raises
    ------
    InputError
        If it is not in the data, and nobody has decided on it.
    """
    labels = read_labels(dataset, None)
    rows = Rows.of(labels, labels["given_label"])
    lines = labels[labels["id"] == row_id].to_dict("records")
    said = find_decisions(dataset, row_id, rows)
    if not lines and not said:
        raise InputError(f"{row_id!r}: {dataset} has no row with this id{suggest(row_id, labels['id'])}; correct it")
    return Row(row_id, lines[0] if lines else None, rows, said)  # type: ignore[arg-type]


def find_decisions(dataset: str, row_id: str, rows: Rows) -> list[tuple[Decision, bool]]:
    """Return the decisions on a row, those included that it had elsewhere, and whether each counts."""
    decisions = fill_times(parse_decisions(data_folder(dataset) / "decisions.csv"))
    followed = follow(decisions, find_moved(decisions, rows))
    said = [each for each, now in zip(decisions, followed, strict=True) if row_id in (each.id, now.id)]
    return mark_counting(said, fit(decisions, rows).standing.get(row_id, []))


def read_opinion(dataset: str, row_id: str) -> dict[str, Any] | None:
    """Return what the model says of a row in the present run; None if that is not here."""
    folder = data_folder(dataset)
    if not (folder / QUALITY).exists():
        return None
    quality = read_quality(folder)
    found: list[dict[Any, Any]] = quality[quality["id"] == row_id].to_dict("records")
    flagged = row_id in set(read_flagged(folder)["id"])
    return {**found[0], "flagged": flagged, "of": len(quality), "run": read_run(folder)} if found else None


def list_versions(dataset: str, row: Row) -> tuple[list[list[str]], list[str]]:
    """Return a row of cells for each version, the working tree last, and what kept others from being read."""
    revisions = [find_revision(dataset, f"v{version}") for version in list_releases(dataset)]
    listed, problems = [], []
    for revision in (*revisions, None):
        name = revision.name if revision else WORKING_TREE
        try:
            labels = read_labels(dataset, revision)
        except InputError as error:
            problems.append(str(error))
            continue
        line = find_line(labels, row)
        about = [line[key] for key in ("given_label", "label", "status", "by")] if line else ["not there", "", "", ""]
        if line and not line["label"]:
            about[1] = f"({line['status']})"
        if line and not line["given_label"]:
            about[0] = NO_LABEL
        listed.append([name, *about, describe_certificate(dataset, revision, line["id"]) if line else ""])
    return listed, problems


def find_line(labels: pd.DataFrame, row: Row) -> dict[str, str] | None:
    """Return the row's line of a version's labels: by its id, or else by the content of its file."""
    lines = labels[labels["id"] == row.id]
    if lines.empty and row.content and "content" in labels:
        lines = labels[labels["content"] == row.content]
    found: list[dict[Any, Any]] = lines.head(1).to_dict("records")
    return found[0] if found else None


def describe_certificate(dataset: str, revision: Revision | None, row_id: str) -> str:
    """Say what a version's certificate has to do with a row."""
    folder = data_folder(dataset)
    try:
        certificate = json.loads(read_committed(revision, folder / FILE) or "{}")
    except ValueError:
        return f"{FILE.name} is damaged"
    listed = read_committed(revision, folder / "certificate" / "plan.csv")
    if certificate.get("state", State.NONE) == State.NONE or listed is None:
        return "none"
    drawn = pd.read_csv(io.StringIO(listed), dtype=str, keep_default_na=False)["id"].tolist()
    if row_id not in drawn:
        return f"{certificate['state']}: not among the first {len(drawn):,} to be drawn"
    place = drawn.index(row_id) + 1
    looked = "looked at" if place <= certificate["drawn"] else "not looked at yet"
    return f"{certificate['state']}: drawn as number {place:,}, {looked}"
