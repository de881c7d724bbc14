"""The curve of expected errors and of flips found, as a table."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from stages.find_issues.judge import Judged

COLUMNS = ["rows", "expected", "low", "high", "found"]
# the curve ends at this many times the number of flips
SHOWN_TIMES = 2.5
POINTS = 400


def tabulate_curve(flipped: np.ndarray, judged: "Judged") -> pd.DataFrame:
    """Return what was expected of the worst rows, and how many of them are flips.

    Parameters
    ----------
    flipped : ndarray of shape (m,), bool
        Which of the judged rows were flipped.
    judged : Judged
        The rows.

    Returns
    -------
    DataFrame with the columns `COLUMNS`
        ``rows`` are up to `POINTS` numbers of worst rows, evenly spread from 0. Of a worthless model nothing is
        expected: those columns are empty.
    """
    n_shown = min(len(judged.ranked), round(SHOWN_TIMES * int(flipped.sum())))
    rows = np.unique(np.linspace(0, n_shown, POINTS).round().astype(int))
    table = judged.tabulate_yield()
    expected = {
        name: np.nan if table.empty else np.interp(rows, [0, *table["rows"]], [0, *table[name]])
        for name in ("expected", "low", "high")
    }
    found = np.concatenate([[0], np.cumsum(flipped[judged.ranked])])[rows]
    return pd.DataFrame({"rows": rows, **expected, "found": found}, columns=COLUMNS)
