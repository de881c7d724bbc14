"""How many rows have each label quality."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from stages.artifacts.trust import Worth
from stages.report.figures import COLOURS
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 110
TITLE = "Scores"


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return nothing but the figure."""
    return {}


def draw_scores(results: Results) -> Figure:
    """Show how many rows have each label quality, flagged ones apart."""
    flagged = results.rows["flagged"]
    quality = results.rows["label_quality"]
    names = ["to look at first", "others"] if results.trust.verdict == Worth.WEAK else ["flagged", "not flagged"]
    figure = Figure(figsize=(7, 3))
    axes = figure.add_subplot()
    axes.hist(
        [quality[flagged], quality[~flagged]], bins=np.linspace(0, 1, 51).tolist(), stacked=True,
        color=[COLOURS["alert"], COLOURS["accent"]], label=names,
    )  # fmt: skip
    axes.set(xlabel="label quality", ylabel="rows", yscale="log", xlim=(0, 1), ylim=(0.7, None))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.legend(frameon=False, loc="upper center", ncols=2)
    return figure


FIGURES = {"scores": draw_scores}
