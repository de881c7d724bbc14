"""How many errors a review is expected to find, how many it did find, and how sure the model may be."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stages.report.results import Results

# how far the curve goes at least
ROWS_SHOWN = 300
# so many times as far as the flagged rows, or the expected errors, go
TIMES_SHOWN = 3
# how far two shares may be apart and still count as the same
NEARLY = 0.02


@dataclass(frozen=True)
class Expected:
    """How many errors the worst rows are expected to hold.

    Attributes
    ----------
    rows : int
        How many rows.
    errors, low, high : float
        How many errors, and the band around that.
    """

    rows: int
    errors: float
    low: float
    high: float

    @property
    def none(self) -> bool:
        """Whether not even one error is expected."""
        return self.errors < 1


def expect(table: pd.DataFrame, rows: int) -> Expected:
    """Read off yield.csv what the worst ``rows`` rows are expected to hold, linearly between its lines."""
    errors, low, high = (float(interpolate(table, column, np.array(rows))) for column in ("expected", "low", "high"))
    return Expected(rows, errors, low, high)


def interpolate(table: pd.DataFrame, column: str, rows: np.ndarray) -> np.ndarray:
    """Return a column of yield.csv at any numbers of rows: 0 at none, and its last value beyond the last."""
    values: np.ndarray = np.asarray(np.interp(rows, [0, *table["rows"]], [0, *table[column]]))
    return values


def describe_expected(results: Results) -> dict[str, Any]:
    """Say what is expected of the ``worst`` rows, as many as are flagged or else listed, and ``everywhere``.

    ``on_top`` says whether the flagged rows are the worst ones, which not every rule for flagging gives.
    """
    ranked = results.rows[results.rows["ranked"]].sort_values("rank")
    n_flagged = int(ranked["flagged"].sum())
    return {
        "worst": expect(results.expected, n_flagged or min(ROWS_SHOWN, len(ranked))),
        "everywhere": expect(results.expected, len(ranked)),
        "on_top": bool(ranked["flagged"].head(n_flagged).all()),
    }


def choose_end(results: Results) -> int:
    """Return how many rows the curve shows."""
    most = max(int(results.rows["flagged"].sum()), expect(results.expected, len(results.rows)).errors)
    return max(1, min(len(results.rows), round(max(ROWS_SHOWN, TIMES_SHOWN * most))))


def count_finds(results: Results) -> np.ndarray:
    """Return how many of the first 0, 1, 2, … rows that people decided on were wrong, worst first.

    Rows that the model does not judge, as it was trained with the decision, have no place in the ranking.
    """
    reviewed = results.rows[results.rows["decided"] & results.rows["ranked"]].sort_values("rank")
    return np.concatenate([[0], reviewed["wrong"].cumsum().to_numpy(dtype=np.int64)])


def describe_trust(reliability: pd.DataFrame) -> dict[str, float | str]:
    """Say whether the model is as sure as it may be.

    Parameters
    ----------
    reliability : DataFrame
        reliability.csv.

    Returns
    -------
    dict
        ``mean_prob``, ``agree`` and ``agree_allowed``, the means over the rows, and the ``verdict``.
    """
    known = reliability.dropna()
    means = {
        name: float(np.average(known[name], weights=known["rows"])) for name in ("mean_prob", "agree", "agree_allowed")
    }
    surplus = means["mean_prob"] - means["agree_allowed"]
    verdict = (
        "about as sure as it may be" if abs(surplus) <= NEARLY else "too sure" if surplus > 0 else "not sure enough"
    )
    return {**means, "verdict": verdict}
