"""Reads what people decided, and holds every line against the data before any of it counts."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stages.command import InputError

COLUMNS = ("id", "given_label", "decision", "label", "reviewer", "time", "note")
DECISIONS = ("keep", "relabel", "remove")


@dataclass(frozen=True)
class Decision:
    """A line of decisions.csv.

    Attributes
    ----------
    line : int
        Its line in the file, from 1; a record with line breaks counts from its last.
    id, given_label : str
        The row and the label it had when it was decided on.
    decision : str
        One of `DECISIONS`.
    label : str
        The new label where the decision is relabel.
    reviewer, time, note : str
        By whom, when, and why.
    """

    line: int
    id: str
    given_label: str
    decision: str
    label: str
    reviewer: str
    time: str
    note: str


def read_decisions(path: Path, given: dict[str, str], classes: list[str]) -> dict[str, Decision]:
    """Read the decisions and check each against the data.

    Parameters
    ----------
    path : Path
        A CSV file with the columns `COLUMNS`, in any order, and maybe more.
    given : dict of str to str
        The given label of every id.
    classes : list of str
        The names of the classes.

    Returns
    -------
    dict of str to Decision
        By id. Where several people decided alike, the reviewers are joined and the first line stands for all.

    Raises
    ------
    InputError
        With a line for each thing that is wrong, wherever it is in the file.
    """
    decisions = list(_parse(path))
    problems = [
        f"{path} line {decision.line}: {problem}"
        for decision in decisions
        for problem in find_problems(decision, given, classes)
    ]
    by_id: dict[str, list[Decision]] = {}
    for decision in decisions:
        by_id.setdefault(decision.id, []).append(decision)
    problems += [f"{path} {conflict}" for same in by_id.values() for conflict in find_conflict(same)]
    if problems:
        raise InputError("\n".join(problems))
    return {row_id: _join(same) for row_id, same in by_id.items()}


def find_problems(decision: Decision, given: dict[str, str], classes: list[str]) -> Iterator[str]:
    """Yield what is wrong with one decision: nothing, when it fits the data."""
    where = f"id {decision.id!r}"
    if decision.id not in given:
        yield f"{where} is not in the data set; correct the id or take the line out"
    elif given[decision.id] != decision.given_label:
        yield (
            f"{where} was decided on as {decision.given_label!r} but is now given as {given[decision.id]!r}; "
            "look at it again and correct given_label, or take the line out"
        )
    if decision.decision not in DECISIONS:
        yield f"{where}: decision {decision.decision!r} is none of {', '.join(DECISIONS)}"
    elif decision.decision == "relabel":
        if decision.label not in classes:
            yield f"{where}: label {decision.label!r} is not a class; classes: {', '.join(classes)}"
        elif decision.label == decision.given_label:
            yield f"{where} is relabelled to the label it has; write keep instead"
    elif decision.label not in ("", decision.given_label if decision.decision == "keep" else ""):
        yield f"{where}: {decision.decision} takes no label, but {decision.label!r} stands there; clear it"
    if not decision.reviewer:
        yield f"{where}: reviewer is empty; write who decided"


def find_conflict(same: list[Decision]) -> Iterator[str]:
    """Yield one text where the decisions on one id differ."""
    verdicts: dict[str, int] = {}
    for decision in same:
        wanted = f"relabel to {decision.label!r}" if decision.decision == "relabel" else decision.decision
        verdicts.setdefault(f"{wanted} by {decision.reviewer}", decision.line)
    if len({(decision.decision, decision.label * (decision.decision == "relabel")) for decision in same}) > 1:
        named = ", ".join(f"line {line}: {verdict}" for verdict, line in verdicts.items())
        yield f"contradicts itself on id {same[0].id!r} ({named}); agree on one and take the others out"


def _parse(path: Path) -> Iterator[Decision]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise InputError(
                    f"{path} line 1: no column {', '.join(missing)}; "
                    f"the first line must be {','.join(COLUMNS)} (separated by commas)"
                )
            for row in reader:
                if None in row or None in row.values():
                    mend = (
                        "put quotes around a cell that holds a comma"
                        if None in row
                        else "an empty cell needs its comma"
                    )
                    raise InputError(
                        f"{path} line {reader.line_num}: not {len(reader.fieldnames or ())} cells as in line 1; {mend}"
                    )
                yield Decision(reader.line_num, *(row[name] for name in COLUMNS))
    except FileNotFoundError:
        raise InputError(f"{path}: not found; make it with the one line {','.join(COLUMNS)}") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a CSV file in UTF-8 ({error}); save it as one, and close every quote") from None


def _join(same: list[Decision]) -> Decision:
    reviewers = dict.fromkeys(decision.reviewer for decision in same)
    first = same[0]
    return Decision(**{**first.__dict__, "reviewer": "; ".join(reviewers)})
