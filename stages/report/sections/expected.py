"""How many errors a review is expected to find."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from stages.artifacts.trust import Worth
from stages.report.expected import expect
from stages.report.results import Results
from stages.report.settings import Settings
from stages.report.yield_curve import draw_yield_curve

ORDER = 30
TITLE = "What to expect"
# how many rows the curve shows at least
ROWS_SHOWN = 300
# and how many times the flagged rows, or the expected errors
TIMES_SHOWN = 3
# people have looked at the worst rows down to where so many of them were decided on
LOOKED_AT = 0.9


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return what is expected of the ``worst`` rows, as many as are flagged or else shown, and ``everywhere``.

    ``on_top`` says whether the flagged rows are the worst ones, which depends on the rule that flags them. Of a model
    that is worthless nothing is expected.
    """
    if results.trust.verdict == Worth.WORTHLESS:
        return {}
    ranked = results.rows[results.rows["ranked"]].sort_values("rank")
    n_flagged = int(ranked["flagged"].sum())
    return {
        "worst": expect(results.expected, n_flagged or min(ROWS_SHOWN, len(ranked))),
        "everywhere": expect(results.expected, len(ranked)),
        "n_flagged": n_flagged,
        "on_top": bool(ranked["flagged"].head(n_flagged).all()),
        "decided": bool(results.rows["decided"].any()),
    }


def draw_yield(results: Results) -> Figure | None:
    """Show how many errors the worst rows are expected to hold, and how many people found."""
    if results.trust.verdict == Worth.WORTHLESS:
        return None
    flagged = int(results.rows["flagged"].sum())
    end, finds = choose_end(results), count_finds(results)
    is_good = results.trust.verdict == Worth.GOOD
    return draw_yield_curve(
        results.expected, end, finds, "found by people",
        mark=flagged, mark_name="flagged" if is_good else "to look at first", middle=is_good or len(finds) > 1,
    )  # fmt: skip


def choose_end(results: Results) -> int:
    """Return how many rows the curve shows."""
    most = max(int(results.rows["flagged"].sum()), expect(results.expected, len(results.rows)).errors)
    return max(1, min(len(results.rows), round(max(ROWS_SHOWN, TIMES_SHOWN * most))))


def count_finds(results: Results) -> pd.Series:
    """Return how many errors people found so far among the worst rows, by the number of those.

    It ends where people have not looked: beyond, a level line would read as if nothing were there. Rows that the model
    was trained with the decision on are not judged, so they are not in the ranking.
    """
    ranked = results.rows[results.rows["ranked"]].sort_values("rank")
    decided = ranked["decided"].to_numpy()
    looked_at = np.flatnonzero(decided & (np.cumsum(decided) >= LOOKED_AT * np.arange(1, len(decided) + 1)))
    end = looked_at[-1] + 1 if len(looked_at) else 0
    return pd.Series([0, *ranked["wrong"].head(end).cumsum()], index=range(end + 1))


FIGURES = {"yield": draw_yield}
