"""Draws what a review is expected to find, and how far the model's probabilities can be relied on."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter

from stages.report.expected import choose_end, count_finds, interpolate
from stages.report.results import Results
from stages.report.styles import Style

POINTS = 400


def draw_yield(results: Results, style: Style) -> Figure:
    """Show how many errors the worst rows are expected to hold, and how many people found."""
    end, finds = choose_end(results), count_finds(results)
    rows = np.unique(np.linspace(0, end, POINTS).round().astype(int))
    expected, low, high = (interpolate(results.expected, column, rows) for column in ("expected", "low", "high"))
    figure = Figure(figsize=(7, 3.6))
    axes = figure.add_subplot()
    axes.plot([0, end], [0, end], color=style["muted"], linewidth=0.8, label="every row an error")
    axes.fill_between(rows, low, high, color=style["accent"], alpha=0.2, linewidth=0)
    axes.plot(rows, expected, color=style["accent"], label="expected, and its band")
    if len(finds) > 1:
        axes.plot(finds, color=style["ink"], linewidth=2, label="found by people", drawstyle="steps-post")
    # the band soon is as wide as all rows there are: its upper end matters where people will stop
    flagged = int(results.rows["flagged"].sum())
    most = max(5, 1.5 * expected[-1], interpolate(results.expected, "high", np.array(flagged)), finds[: end + 1].max())
    axes.set(xlabel="rows reviewed, the worst first", ylabel="errors", xlim=(0, end), ylim=(0, 1.05 * most))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    if flagged:
        axes.axvline(flagged, color=style["alert"], linestyle="--", linewidth=1.2, label=f"flagged: {flagged:,}")
    figure.legend(frameon=False, loc="outside upper left", ncols=4, columnspacing=1.2, handlelength=1.4, fontsize=9)
    return figure


def draw_reliability(results: Results, style: Style) -> Figure:
    """Show how often labels are the suggested ones, by the probability that the model gives those."""
    table = results.reliability
    figure = Figure(figsize=(5.6, 4))
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=style["muted"], linewidth=0.8)
    axes.plot(
        table["mean_prob"],
        table["agree"],
        "o--",
        color=style["muted"],
        markersize=5,
        label="labels as given",
        clip_on=False,
    )
    axes.plot(
        table["mean_prob"], table["agree_allowed"], "o-", color=style["accent"], markersize=6,
        label="label errors allowed for", clip_on=False,
    )  # fmt: skip
    axes.set(xlabel="probability of the suggested label", ylabel="rows that have this label", xlim=(0, 1), ylim=(0, 1))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    axes.legend(frameon=False, loc="upper left")
    return figure
