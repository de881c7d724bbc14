"""The rows without a label: how many there are, how sure the model is of them, and which to label next."""

from typing import Any

import numpy as np
import pandas as pd

from stages.report.cards import describe_found
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 58
TITLE = "Without a label"
# how many are shown
NEXT = 20


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return the rows to label next, and how sure the model is of all of them, if there are any."""
    rows = results.unlabelled
    if rows.empty:
        return None
    statuses = results.cleaned.loc[results.rows["unlabelled"], ["id", "status"]].set_index("id")["status"]
    waiting = rows[rows["id"].map(statuses).to_numpy() == "unlabelled"]
    return {
        "n_unlabelled": len(rows),
        "n_waiting": len(waiting),
        "n_labelled": metrics["labelled"],
        "n_removed": int((statuses == "removed").sum()),
        "sure": count_sure(rows["suggested_prob"], results.reliability).to_dict("records"),
        "next": describe_found(results, waiting.head(min(NEXT, settings.top))),
    }


def count_sure(suggested_prob: pd.Series, reliability: pd.DataFrame) -> pd.DataFrame:
    """Count rows by the probability of the class that the model suggests, the highest first.

    Parameters
    ----------
    suggested_prob : Series of n float
        That of each row without a label.
    reliability : DataFrame
        reliability.csv, of the rows that have one.

    Returns
    -------
    DataFrame with the columns from, to, rows, labelled and agree
        Without a line where there is no row. ``labelled`` is how many labelled rows have such a probability, and
        ``agree`` the share of these that have the label which the model suggests, NaN where there are none.
    """
    lower = np.floor(np.minimum(suggested_prob, 1 - 1e-9) * 10) / 10
    counts = lower.round(1).value_counts().sort_index(ascending=False)
    of_labelled = reliability.set_index(reliability["from"].round(1))[["rows", "agree"]].reindex(counts.index)
    known = of_labelled.rename(columns={"rows": "labelled"}).fillna({"labelled": 0})
    return known.assign(**{"from": counts.index, "to": (counts.index + 0.1).round(1), "rows": counts})
