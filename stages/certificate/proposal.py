"""Proposes a plan: from which rows to draw, and whether to look at more of the worst rows before."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import pandas as pd

from stages.artifacts.decisions import Verdict
from stages.certificate.plan import Plan, digest_data, make_plan
from stages.certificate.progress import count_allowed
from stages.certificate.switch import count_worst
from stages.command.errors import InputError
from stages.command.params import PARAMS_FILE, read_block

CONFIDENCE = 0.95


class Asked(NamedTuple):
    """What a plan is to show, as `Plan` has it."""

    goal: float
    confidence: float = CONFIDENCE
    split: str = ""
    spent: float = 0.0


def check_rule(dataset: str) -> None:
    """Raise InputError if a rule of the data set changes labels that nobody has seen."""
    undecided = (read_block(dataset).get("clean") or {}).get("undecided", Verdict.KEEP)
    if undecided != Verdict.KEEP:
        raise InputError(
            f"{PARAMS_FILE}: {dataset}.clean.undecided is {undecided}: that rule changes labels which nobody has seen, "
            "so nothing could be certified; set it to keep and run `dvc repro`"
        )


def propose_plan(rows: pd.DataFrame, decided: Mapping[str, bool], removed: int, asked: Asked) -> Plan:
    """Return a plan that draws from the rows on which nobody has decided.

    Parameters
    ----------
    rows : DataFrame with the columns id, label (text) and error_prob (float)
        All rows of the split, with their given labels; NaN where the model says nothing.
    decided : dict of str to bool
        Whether the given label was wrong, by the ids of the rows on which people have decided.
    removed : int
        How many of these they removed.
    asked : Asked
        What to show.
    """
    about = {
        **asked._asdict(),
        "made": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "labels": len(rows) - removed,
        "decided": len(decided),
        "found": sum(decided.values()),
        "data": digest_data(rows["id"], rows["label"]),
    }
    return make_plan(rows[~rows["id"].isin(decided)].reset_index(drop=True), about)


def count_before(error_prob: pd.Series, labels: int, asked: Asked) -> int:
    """Return how many more of the worst rows to look at before rows are drawn, for the fewest looks in all.

    Parameters
    ----------
    error_prob : Series of float
        Of the rows on which nobody has decided. None is worth it where the model says nothing.
    labels : int
        How many labels there are.
    asked : Asked
        What to show.
    """
    worst_first = np.sort(error_prob.dropna().to_numpy())[::-1]
    if len(worst_first) < len(error_prob) / 2:
        return 0
    return count_worst(worst_first, count_allowed(asked.goal, labels), asked.confidence)
