"""The lines of decisions.csv: what people decided, when, and whether it fits the data."""

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from stages.command.errors import InputError, one_line

REQUIRED = ("id", "given_label", "decision", "label", "reviewer")
OPTIONAL = ("time", "note", "suggested_label", "label_quality", "settles")
COLUMNS: tuple[str, ...] = REQUIRED + OPTIONAL
# not in files of decisions from before there were these, and the first of pictures in files alone
CONTENT, RUN = "content", "run"
UNDO = "undo"
# a note may be longer than a cell is by Python's default
csv.field_size_limit(sys.maxsize)
# beyond, a time of another zone or a moment later is none that Python knows
LAST_YEAR = 9000


class Verdict(StrEnum):
    """What a person, or the rule for rows without a decision, says of a row."""

    KEEP = "keep"
    RELABEL = "relabel"
    REMOVE = "remove"
    UNSURE = "unsure"


# what a cleaned row is called after its verdict; unsure decides nothing
STATUS = {Verdict.KEEP: "kept", Verdict.RELABEL: "relabelled", Verdict.REMOVE: "removed"}
# what one without a given label is called: once people gave it one, and before
LABELLED, UNLABELLED = "labelled", "unlabelled"


@dataclass(frozen=True)
class Decision:
    """A line of decisions.csv.

    Attributes
    ----------
    id, given_label : str
        The row and the label it had when it was decided on; empty if it had none.
    decision : str
        A `Verdict`, or `UNDO`, which takes back the reviewer's last decision on the row.
    label : str
        The new label if the decision is relabel.
    reviewer : str
        Who decided.
    time : str
        When, as ISO 8601 in UTC. If it is empty, that of the line before it counts.
    note : str
        Why.
    suggested_label, label_quality : str
        What the reviewer saw of the model's opinion, if anything.
    settles : str
        The reviewers whose disagreement it settles: no decision before it counts any more.
    content : str
        What tells the picture's file from others, wherever it lies: the first digits of its SHA-256.
    run : str
        Of which run the reviewer saw the model's opinion, as `stages.artifacts.quality.read_run` names it.
    line : int
        Its line in the file, from 1; a record with line breaks counts from its last.
    """

    id: str
    given_label: str
    decision: str
    label: str
    reviewer: str
    time: str = ""
    note: str = ""
    suggested_label: str = ""
    label_quality: str = ""
    settles: str = ""
    content: str = ""
    run: str = ""
    line: int = 0


def parse_decisions(path: Path, content: bytes | None = None, revision: str = "") -> list[Decision]:
    """Return every line of decisions.csv, without a check of its cells.

    Parameters
    ----------
    path : Path
        The file.
    content : bytes, optional
        What is read instead: the first line and others, or what the file held at an earlier commit.
    revision : str, optional
        The name of that commit.

    Raises
    ------
    InputError
        As `read_lines`, and with a line for each line that does not fit the columns.
    """
    decisions, flaws = read_lines(path, content, revision)
    if flaws:
        raise InputError("\n".join(flaws))
    return decisions


def read_lines(path: Path, content: bytes | None = None, revision: str = "") -> tuple[list[Decision], list[str]]:
    """Return the lines of decisions.csv that fit its columns, and what is wrong with the others.

    Parameters
    ----------
    path : Path
        A CSV file with the columns `REQUIRED` and any of `OPTIONAL`, `CONTENT` and `RUN`, in any order, and maybe
        others. A line may end after the last required column. The names of the columns may come again.
    content, revision
        As `parse_decisions` takes them.

    Returns
    -------
    decisions : list of Decision
        In the order of the file.
    flaws : list of str
        One for each line with too few or too many cells.

    Raises
    ------
    InputError
        If the file is missing, is not a CSV file in UTF-8, or lacks a required column.
    """
    name = f"{path} at {revision}" if revision else str(path)
    try:
        with path.open("rb") if content is None else io.BytesIO(content) as file:
            lines = list(_parse(name, io.TextIOWrapper(file, encoding="utf-8-sig", newline="")))
    except FileNotFoundError:
        raise InputError(f"{path}: not found; make it with the one line {','.join((*COLUMNS, RUN))}") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{name}: not a CSV file in UTF-8 ({error}); save it as one, and close every quote") from None
    return [line for line in lines if isinstance(line, Decision)], [line for line in lines if isinstance(line, str)]


def apply_verdict(verdict: str, given_label: str, label: str) -> str:
    """Return the cleaned label: the given one, the new ``label``, or an empty one if the row is removed."""
    labels: dict[str, str] = {Verdict.KEEP: given_label, Verdict.RELABEL: label}
    return labels.get(verdict, "")


def find_flaws(decision: Decision) -> Iterator[str]:
    """Yield what is wrong with a line, whatever the data."""
    known = (*Verdict, UNDO)
    if decision.decision not in known:
        yield f": decision {decision.decision!r} is not one of {', '.join(known)}"
    if not decision.reviewer:
        yield ": reviewer is empty; write who decided"
    if decision.time and not to_time(decision.time):
        yield f": time {decision.time!r} is not ISO 8601; write it like 2026-11-24T10:00:00Z, or leave it empty"


def find_misfits(decision: Decision, classes: list[str]) -> Iterator[str]:
    """Yield why the label of a decision does not fit its verdict, or the classes."""
    if decision.decision == Verdict.RELABEL:
        if decision.label not in classes:
            wrong = f"label {decision.label!r} is not a class" if decision.label else "relabel needs a label"
            yield f": {wrong}; classes: {', '.join(map(one_line, classes))}"
        elif decision.label == decision.given_label:
            yield " is relabelled to the label it has; write keep instead"
    elif decision.decision == Verdict.KEEP and not decision.given_label:
        yield " has no label to keep; write relabel, and its label"
    elif decision.label not in ("", decision.given_label if decision.decision == Verdict.KEEP else ""):
        yield f": {decision.decision} takes no label, but {decision.label!r} stands there; clear it"


def to_time(text: str) -> datetime | None:
    """Return the time that an ISO 8601 text names, in UTC if it names no zone, or None if it is not a time."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1 < time.year < LAST_YEAR:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _parse(path: str, file: Iterable[str]) -> Iterator[Decision | str]:
    reader = csv.DictReader(file, strict=True)
    columns = list(reader.fieldnames or ())
    if twice := [name for name, count in Counter(columns).items() if count > 1]:
        raise InputError(f"{path} line 1: more than one column {', '.join(twice)}; take out or rename the others")
    if missing := [name for name in REQUIRED if name not in columns]:
        raise InputError(
            f"{path} line 1: no column {', '.join(missing)}; "
            f"the first line must be {','.join(COLUMNS)} (separated by commas; those after reviewer may be left out)"
        )
    for row in reader:
        if all(row[name] == name for name in REQUIRED):
            again = [*(cell for name, cell in row.items() if name and cell is not None), *row.get(None, ())]
            if flaw := _find_difference(columns, again):
                yield f"{path} line {reader.line_num}{flaw}"
            reader.fieldnames = columns = max(columns, again, key=len)
            continue
        lacking = [name for name, cell in row.items() if cell is None and name not in (*OPTIONAL, CONTENT, RUN)]
        if None in row or lacking:
            mend = "put quotes around a cell that holds a comma" if None in row else "an empty cell needs its comma"
            n_cells = sum(cell is not None for cell in row.values()) - (None in row) + len(row.get(None, ()))
            yield f"{path} line {reader.line_num}: not {len(columns)} cells as in line 1, but {n_cells}; {mend}"
            continue
        if any("\0" in cell for cell in row.values() if cell):
            yield (
                f"{path} line {reader.line_num}: holds NUL bytes, as after a full disk; take the line out, or bring "
                "the file back with git"
            )
            continue
        known = {name: row[name] or "" for name in (*COLUMNS, CONTENT, RUN) if name in columns}
        # blanks around a name make nobody another person
        yield Decision(**{**known, "reviewer": known["reviewer"].strip()}, line=reader.line_num)


def _find_difference(columns: list[str], again: list[str]) -> str:
    """Say what is wrong if the names of the columns come a second time.

    A merge leaves them twice where one side has added a column at their end; then the longer ones hold for both.
    """
    shared = min(len(columns), len(again))
    if columns[:shared] == again[:shared]:
        return ""
    return ": names columns again, and not those of line 1 or more at their end; take it out, and mend what follows it"
