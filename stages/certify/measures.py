"""What the drawn rows say besides: errors before cleaning, the recall of the flags, how far the model was off."""

from collections.abc import Collection
from typing import Any

import pandas as pd

from stages.artifacts.certificate import State
from stages.artifacts.cleaned import PEOPLE
from stages.certificate.certified import Certified, take_split
from stages.certificate.forecast import expect_errors


def measure_before(certified: Certified) -> dict[str, Any]:
    """Return between which numbers of labels were wrong before people changed any, in the data that were planned for.

    Those that people had found before the plan was made, and what the draw shows of the others. Rows on which nobody is
    sure count as wrong here, too.
    """
    found, progress = certified.plan.found, certified.progress
    return {
        "labels": certified.plan.decided + certified.plan.n_rows,
        "low": found + progress.low,
        "high": found + progress.high,
    }


def measure_flags(certified: Certified, labels: pd.DataFrame, flagged: Collection[str]) -> dict[str, Any] | None:
    """Return which share of the wrong labels is flagged, as people found: the recall, and between what it is.

    Parameters
    ----------
    certified : Certified
        What the plan shows.
    labels : DataFrame with the columns id, given_label, label and decided_by
        ``cleaned/labels.csv``.
    flagged : collection of str
        The ids of the flagged rows.

    Returns
    -------
    dict or None
        None if people have decided on no flagged row, so that nothing is known, if no label was wrong, or if the flags
        are those of other data.
    """
    rows = take_split(labels, certified.plan.split)
    rows = rows[rows["id"].isin(flagged)]
    decided = rows[rows["decided_by"] == PEOPLE]
    before = measure_before(certified)
    if decided.empty or certified.state == State.OUTDATED or not certified.looked_at or not before["high"]:
        return None
    found = int((decided["label"] != decided["given_label"]).sum())
    # as if each flagged row on which nobody has decided were wrong
    most = found + len(rows) - len(decided)
    return {
        "flagged": len(rows),
        "decided": len(decided),
        "found": found,
        "recall_low": round(found / max(before["high"], found), 4),
        "recall_high": round(most / max(before["low"], most), 4) if most else 0.0,
    }


def measure_model(certified: Certified) -> dict[str, Any] | None:
    """Return how many wrong labels the model expected among the rows drawn from, and how many there were.

    ``off`` is 0 where what it expected is in between, below 0 where it expected too few, and above where too many.
    """
    expected = expect_errors(certified.plan)
    if expected is None or not certified.looked_at:
        return None
    low, high = certified.progress.low, certified.progress.high
    off = min(0.0, expected - low) + max(0.0, expected - high)
    return {"expected": round(expected, 2), "low": low, "high": high, "off": round(off, 2)}
