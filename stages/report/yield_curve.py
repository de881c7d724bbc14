"""Draws how many errors the worst rows are expected to hold, and how many were found there."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from stages.report.expected import interpolate
from stages.report.figures import COLOURS

POINTS = 400


def draw_yield_curve(
    table: pd.DataFrame, end: int, found: pd.Series, found_by: str, *, mark: int, mark_name: str, middle: bool = True
) -> Figure:
    """Show the expected and the found errors among the first ``end`` rows, worst first.

    Parameters
    ----------
    table : DataFrame with the columns rows, expected, low, high
        How many errors that many rows, the worst first, are expected to hold, and the band around that.
    end : int
        How many rows to show.
    found : Series of int
        How many errors were found so far among the worst rows, by the number of those.
    found_by : str
        What the legend calls them.
    mark : int
        The number of rows that a line marks, or 0 for no line.
    mark_name : str
        What the legend calls that line.
    middle : bool
        Whether to show what is expected, or its band alone.
    """
    rows = np.unique(np.linspace(0, end, POINTS).round().astype(int))
    expected, low, high = (interpolate(table, column, rows) for column in ("expected", "low", "high"))
    figure = Figure(figsize=(7, 3.6))
    axes = figure.add_subplot()
    axes.plot([0, end], [0, end], color=COLOURS["muted"], linewidth=0.8, label="every row an error")
    name = None if middle else "the band of what is expected"
    axes.fill_between(rows, low, high, color=COLOURS["accent"], alpha=0.2, linewidth=0, label=name)
    if middle:
        axes.plot(rows, expected, color=COLOURS["accent"], label="expected, and its band")
    if len(found) > 1:
        axes.plot(found, color=COLOURS["ink"], linewidth=2, label=found_by, drawstyle="steps-post")
    # far on, the band is as wide as all the rows: its upper end matters where people will stop
    end_shown = 1.5 * expected[-1] if middle else high[-1]
    most = max(5, end_shown, interpolate(table, "high", np.array(mark)), found[found.index <= end].max())
    axes.set(xlabel="rows reviewed, the worst first", ylabel="errors", xlim=(0, end), ylim=(0, 1.05 * most))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    if mark:
        axes.axvline(mark, color=COLOURS["alert"], linestyle="--", linewidth=1.2, label=f"{mark_name}: {mark:,}")
    figure.legend(frameon=False, loc="outside upper left", ncols=4, columnspacing=1.2, handlelength=1.4, fontsize=9)
    return figure
