"""Says why the label that several annotators mean together is another, by how many of them gave a row which."""

from typing import Any

from stages.artifacts.annotations import VOTES, read_votes

Row = dict[str, Any]


def explain(was: Row, now: Row) -> str:
    """Return what changed the given label of a row of labels.csv, which has the column `VOTES` now or had it then."""
    changed = f"the annotators' consensus changed: {_name(was)} → {_name(now)}"
    before, after = read_votes(was.get(VOTES)), read_votes(now.get(VOTES))
    if before is None or after is None:
        return changed
    same = f"the row's labels are as they were: {_list(after)}"
    return f"{changed} ({same if before == after else f'{_list(before)} → {_list(after)}'})"


def is_annotated(was: Row, now: Row) -> bool:
    """Say whether a row's given label is, or was, what several annotators mean together."""
    return read_votes(was.get(VOTES)) is not None or read_votes(now.get(VOTES)) is not None


def is_by_annotators(was: Row, now: Row) -> bool:
    """Say whether annotators of this very row brought its new label: more say so than did, and nobody outvotes them.

    A consensus that only the model moved, or what annotators said of other rows, is none of theirs.
    """
    before, after = read_votes(was.get(VOTES)), read_votes(now.get(VOTES))
    label = now["label"]
    if before is None or after is None or not label or label != now["given_label"]:
        return False
    return after.get(label, 0) > before.get(label, 0) and after[label] == max(after.values())


def _name(row: Row) -> str:
    return row["given_label"] or "no label"


def _list(votes: dict[str, int]) -> str:
    ordered = sorted(votes.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{label} {count}" for label, count in ordered) or "none"
