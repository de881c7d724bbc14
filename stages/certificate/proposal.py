"""Proposes a plan: from which rows to draw, and whether to look at more of the worst rows before."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import pandas as pd

from stages.artifacts.decisions import Verdict
from stages.certificate.plan import Plan, digest_data, make_plan
from stages.certificate.progress import count_allowed
from stages.certificate.switch import count_worst, scale_prior
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


def count_before(rows: pd.DataFrame, decided: Mapping[str, bool], labels: int, asked: Asked) -> int:
    """Return how many more of the worst rows to look at before rows are drawn, for the fewest looks in all.

    How many errors are left is guessed in two ways, and the first that says so ends it: draws cost little more than
    they must whatever is true, and the worst rows cost much where the model expects far too many errors.

    Parameters
    ----------
    rows : DataFrame with the columns id, prior_error_prob and error_prob (float)
        All rows: how likely each label is wrong by the model alone, and after people's verdicts; NaN where it says
        nothing. Nothing is worth a look where that is so of most.
    decided : dict of str to bool
        As `propose_plan` takes it.
    labels : int
        How many labels there are.
    asked : Asked
        What to show.
    """
    wrong = rows["id"].map(decided).astype(float)
    scaled = scale_prior(rows["prior_error_prob"].to_numpy(dtype=float), wrong.to_numpy())
    goal = count_allowed(asked.goal, labels)
    return min(_count_worst(guess[wrong.isna()], goal, asked) for guess in (rows["error_prob"].to_numpy(), scaled))


def _count_worst(error_prob: np.ndarray, goal: int, asked: Asked) -> int:
    worst_first = np.sort(error_prob[~np.isnan(error_prob)])[::-1]
    if len(worst_first) < len(error_prob) / 2:
        return 0
    return count_worst(worst_first, goal, asked.confidence)
