"""How right the ranking and its probabilities were, as far as people have decided.

The probabilities are the model's own, `prior_error_prob`: those after people's verdicts have been fitted to them.
"""

from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.quality import bound_share
from stages.report.results import Results

# where the first bands of ranks end; each further one ends at twice the rank
RANKS = (25, 50, 100)
ERROR_PROBS = (0.0, 0.01, 0.05, 0.2, 0.5, 0.8, 1.0)
CLASSES_SHOWN = 20


def describe_decided(results: Results) -> dict[str, Any] | None:
    """Return the tables of this module, and how many decisions only the one by class holds, if any were made."""
    rows = results.rows
    if not rows["decided"].any():
        return None
    by_class = count_by_class(results)
    return {
        "flagged": count_flagged(results).to_dict("records"),
        "by_rank": count_by_rank(results).to_dict("records"),
        "by_error_prob": count_by_error_prob(results).to_dict("records"),
        "by_class": by_class.head(CLASSES_SHOWN).to_dict("records"),
        "n_classes": len(by_class),
        "expected": float(rows.loc[rows["decided"], "prior_error_prob"].sum()),
        "unranked": int((rows["decided"] & ~rows["ranked"]).sum()),
    }


def count_by_rank(results: Results) -> pd.DataFrame:
    """Count what people decided by rank among the judged rows, the worst first.

    Returns
    -------
    DataFrame with the columns first, last, decided, wrong, share, low, high
        ``first`` and ``last`` are ranks, from 1; bands without decisions are left out.
    """
    ranked = results.rows[results.rows["ranked"]].sort_values("rank")
    ends = list(RANKS)
    while ends[-1] < len(ranked):
        ends.append(2 * ends[-1])
    bands = np.searchsorted(ends, np.arange(1, len(ranked) + 1))
    firsts, lasts = np.array([1, *(end + 1 for end in ends[:-1])]), np.minimum(ends, len(ranked))
    table = _count(ranked, bands)
    return table.assign(first=firsts[table.index], last=lasts[table.index])


def count_by_class(results: Results) -> pd.DataFrame:
    """Count what people decided by given class, ordered by the lower end of the interval, the highest first.

    Returns
    -------
    DataFrame with the columns class, decided, wrong, share, low, high
    """
    table = _count(results.rows, results.rows["given_label"].to_numpy())
    ordered = table.sort_values(["low", "decided"], ascending=False, kind="stable")
    return ordered.rename_axis("class").reset_index()


def count_by_error_prob(results: Results) -> pd.DataFrame:
    """Count what people decided by the probability, from the model alone, that the label is wrong, the highest first.

    Returns
    -------
    DataFrame with the columns from, to, decided, expected, wrong, share, low, high
        ``expected`` is the mean probability of the rows that were decided on.
    """
    ranked = results.rows[results.rows["ranked"]]
    edges = np.array(ERROR_PROBS)
    bands = np.clip(np.searchsorted(edges, ranked["prior_error_prob"], side="right") - 1, 0, len(edges) - 2)
    table = _count(ranked, bands).sort_index(ascending=False)
    table["from"], table["to"] = edges[table.index], edges[table.index + 1]
    return table.assign(expected=ranked[ranked["decided"]].groupby(bands[ranked["decided"]])["prior_error_prob"].mean())


def count_flagged(results: Results) -> pd.DataFrame:
    """Count what people decided of the flagged rows: one row as `count_by_class` has them, or none."""
    flagged = results.rows[results.rows["flagged"]]
    return _count(flagged, np.zeros(len(flagged), dtype=np.int64))


def _count(rows: pd.DataFrame, by: np.ndarray) -> pd.DataFrame:
    decided = rows["decided"].to_numpy()
    wrong = rows.loc[decided, "wrong"].groupby(by[decided])
    table = pd.DataFrame({"decided": wrong.size(), "wrong": wrong.sum().astype(int)})
    low, high = bound_share(table["wrong"], table["decided"])
    return table.assign(share=table["wrong"] / table["decided"], low=low, high=high)
