"""Holds what people decided against the data as they are now: rows leave, pictures move, labels change at the source.

A decision follows a picture that lies elsewhere now, known by its content, if nothing else is decided on it there. One
to remove a row does not follow: often it was one of two copies, and the other stays. If the given label has changed to
what was decided, people now agree with it. If it has changed to anything else, or is gone, the row is to be looked at
again. What fits no row counts for nothing, and stays in the file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pandas as pd

from stages.artifacts.decisions import Decision, Verdict, apply_verdict, find_flaws, find_misfits, read_lines
from stages.artifacts.standing import agree, find_conflict, find_standing
from stages.command.errors import InputError, one_line, some


class Rows(NamedTuple):
    """The rows that decisions are about: each row's given label, and its content if that is known, by id."""

    given: Mapping[str, str]
    contents: Mapping[str, str]

    @classmethod
    def of(cls, table: pd.DataFrame, given: Iterable[str]) -> "Rows":
        """Return the rows of a table with the column id and, for pictures in files, content."""
        contents = dict(zip(table["id"], table["content"], strict=True)) if "content" in table else {}
        return cls(dict(zip(table["id"], given, strict=True)), contents)


@dataclass(frozen=True)
class Fitted:
    """What counts of all decisions.

    Attributes
    ----------
    standing : dict of str to list of Decision
        Each reviewer's last word, by the id and about the label that the row has now.
    moved : dict of str to str
        The ids of pictures that lie elsewhere now, by the ids that they had.
    left : list of str
        Ids that were decided on and are not in the data.
    outdated : list of str
        Ids whose given label has changed to another one than was decided.
    """

    standing: dict[str, list[Decision]]
    moved: dict[str, str]
    left: list[str]
    outdated: list[str]

    def describe(self) -> Iterator[str]:
        """Yield a line for each way in which decisions and data have parted."""
        if self.moved:
            pairs = some(f"{one_line(old)} → {one_line(new)}" for old, new in self.moved.items())
            yield f"decisions on {len(self.moved):,} row(s) follow pictures that lie elsewhere now: {pairs}"
        if self.left:
            yield f"decisions on {len(self.left):,} row(s) that have left the data are put aside: {some(self.left)}"
        if self.outdated:
            yield (
                f"decisions on {len(self.outdated):,} row(s) are put aside, for the given label has changed since: "
                f"{some(self.outdated)}; look at these again"
            )


def read_decisions(path: Path, rows: Rows, classes: list[str]) -> dict[str, Decision]:
    """Return the decision on each id on which someone is sure, as `agree` does, after `check_decisions`."""
    return agree(check_decisions(path, rows, classes).standing)


def check_decisions(path: Path, rows: Rows, classes: list[str]) -> Fitted:
    """Read the decisions that count, and check each.

    Parameters
    ----------
    path : Path
        As `read_lines` reads it.
    rows : Rows
        The data.
    classes : list of str
        The names of the classes.

    Raises
    ------
    InputError
        With a line for each flaw in the file.
    """
    decisions, lines = read_lines(path)
    fitted = fit(decisions, rows)
    problems = [(decision, flaw) for decision in decisions for flaw in find_flaws(decision)]
    for same in fitted.standing.values():
        problems += [(decision, misfit) for decision in same for misfit in find_misfits(decision, classes)]
    lines += [f"{path} line {decision.line}: id {decision.id!r}{problem}" for decision, problem in problems]
    lines += [f"{path} {conflict}" for same in fitted.standing.values() for conflict in find_conflict(same)]
    if lines:
        raise InputError("\n".join(lines))
    return fitted


def fit(decisions: Sequence[Decision], rows: Rows) -> Fitted:
    """Return what counts of the lines of decisions.csv."""
    moved = find_moved(decisions, rows)
    standing: dict[str, list[Decision]] = {}
    left, outdated = [], []
    for row_id, same in find_standing(follow(decisions, moved)).items():
        if row_id not in rows.given:
            left.append(row_id)
            continue
        kept = [now for said in same if (now := update(said, rows.given[row_id]))]
        if kept:
            standing[row_id] = kept
        if len(kept) < len(same):
            outdated.append(row_id)
    return Fitted(standing, moved, left, outdated)


def follow(decisions: Sequence[Decision], moved: Mapping[str, str]) -> list[Decision]:
    """Give the decisions on pictures that lie elsewhere now the ids that these have there."""
    return [replace(said, id=moved[said.id]) if said.id in moved else said for said in decisions]


def find_moved(decisions: Sequence[Decision], rows: Rows) -> dict[str, str]:
    """Return the ids that pictures have now, by the ids under which they were decided on."""
    gone = {said.id: said.content for said in decisions if said.content and said.id not in rows.given}
    if not gone:
        return {}
    decided, wanted = {said.id for said in decisions}, set(gone.values())
    places: dict[str, list[str]] = {}
    for row_id, content in rows.contents.items():
        if content in wanted and row_id not in decided:
            places.setdefault(content, []).append(row_id)
    moved: dict[str, str] = {}
    taken = set()
    for row_id, same in find_standing([said for said in decisions if said.id in gone]).items():
        free = [place for place in places.get(gone[row_id], []) if place not in taken]
        named = [place for place in free if PurePosixPath(place).name == PurePosixPath(row_id).name] or free
        if len(named) == 1 and all(said.decision != Verdict.REMOVE for said in same):
            moved[row_id] = named[0]
            taken.add(named[0])
    return moved


def update(said: Decision, given_label: str) -> Decision | None:
    """Return a decision as it is about the label that the row has now, or None if it says nothing about that."""
    if said.given_label == given_label or said.decision == Verdict.UNSURE:
        return said
    if not given_label or apply_verdict(said.decision, said.given_label, said.label) != given_label:
        return None
    return replace(said, decision=Verdict.KEEP, given_label=given_label, label="")
