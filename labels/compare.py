"""Compares two versions of the labels row by row."""

from typing import Any

import numpy as np
import pandas as pd

from labels.consensus import explain, is_annotated, is_by_annotators
from labels.versions import LabelVersion
from stages.artifacts.cleaned import PEOPLE, RULE
from stages.artifacts.decisions import LABELLED, STATUS, UNLABELLED, Decision, Verdict

COLUMNS = ["id", "from", "to", "by", "why", "status", "time"]
KEPT, RELABELLED, REMOVED = (STATUS[verdict] for verdict in (Verdict.KEEP, Verdict.RELABEL, Verdict.REMOVE))
STATUSES = (RELABELLED, REMOVED, LABELLED, UNLABELLED, "kept again", "given changed", "added", "left")
Row = dict[str, Any]


def compare(old: LabelVersion, new: LabelVersion) -> pd.DataFrame:
    """Return the rows whose cleaned or given label differs, and those that only one version has.

    Returns
    -------
    DataFrame with the columns of `COLUMNS`, decided, taken_back and by_annotators
        In the order of ``new``, then the rows that it lacks. ``from`` and ``to`` are the cleaned labels, empty if the
        row is removed or not there. ``status`` is one of `STATUSES`. ``decided`` says that the row is as people
        decided, ``taken_back`` that they had decided on it and no longer do, ``by_annotators`` that new labels of its
        annotators brought its label.
    """
    missing = old.labels[~old.labels["id"].isin(new.labels["id"])]
    order = pd.Index([*new.labels["id"], *missing["id"]])
    before, after = (version.labels.set_index("id").reindex(order) for version in (old, new))
    columns = ["given_label", "label"]
    differs = (before[columns].fillna("") != after[columns].fillna("")).any(axis=1)
    differs |= before["label"].isna() != after["label"].isna()
    pairs = zip(order[differs], _records(before[differs]), _records(after[differs]), strict=True)
    decisions = new.decisions
    rows = [_describe(row_id, was, now, decisions.get(row_id)) for row_id, was, now in pairs]
    return pd.DataFrame(rows, columns=[*COLUMNS, "decided", "taken_back", "by_annotators"])


def take_given(version: LabelVersion) -> LabelVersion:
    """Return a version as it would be without any decision or rule."""
    given = version.labels["given_label"]
    status = np.where(given == "", UNLABELLED, KEPT)
    return LabelVersion("the given labels", version.labels.assign(label=given, status=status, by="", decided_by=""), {})


def summarise(changes: pd.DataFrame) -> str:
    """Return a line that counts the changes by status."""
    counts = changes["status"].value_counts()
    listed = ", ".join(f"{counts[status]:,} {status}" for status in STATUSES if status in counts)
    return f"{len(changes):,} {'row' if len(changes) == 1 else 'rows'} changed{': ' if listed else ''}{listed}"


def _records(table: pd.DataFrame) -> list[Row | None]:
    rows: list[Row] = table.to_dict("records")  # type: ignore[assignment]
    return [None if pd.isna(row["label"]) else row for row in rows]


def _describe(row_id: str, was: Row | None, now: Row | None, decision: Decision | None) -> Row:
    was_by, now_by = (row["decided_by"] if row else "" for row in (was, now))
    said = decision if now_by == PEOPLE else None
    taken_back = was_by == PEOPLE and now is not None and now_by != PEOPLE and not decision
    return {
        "id": row_id,
        "from": was["label"] if was else "",
        "to": now["label"] if now else "",
        "by": now["by"] if now else "",
        "why": "; ".join(_reasons(was, now, said.note if said else "", taken_back)),
        "status": _status(was, now),
        "time": said.time if said else "",
        "decided": said is not None,
        "taken_back": taken_back,
        "by_annotators": bool(was and now and now_by != PEOPLE and is_by_annotators(was, now)),
    }


def _status(was: Row | None, now: Row | None) -> str:
    if was is None or now is None:
        return "added" if was is None else "left"
    if was["label"] == now["label"] or (now["status"] == KEPT and was["status"] in (KEPT, UNLABELLED)):
        return "given changed"
    return "kept again" if now["status"] == KEPT else str(now["status"])


def _reasons(was: Row | None, now: Row | None, note: str, taken_back: bool) -> list[str]:
    reasons = []
    if was and now:
        if was["given_label"] != now["given_label"]:
            at_source = f"given label changed at the source: {was['given_label']} → {now['given_label']}"
            reasons.append(explain(was, now) if is_annotated(was, now) else at_source)
        if taken_back:
            reasons.append(f"the decision by {was['by']} was taken back")
        elif was["decided_by"] == RULE and not now["decided_by"]:
            reasons.append("no longer flagged")
    return [*reasons, note] if note else reasons
