"""Whether the model is as sure as it may be."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from stages.artifacts.trust import Worth
from stages.report.figures import COLOURS
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 120
TITLE = "Reliability"
# two shares that differ by this or less count as the same
NEARLY = 0.02


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return how sure the model is, and how sure it may be."""
    return describe_trust(results.reliability, "agree_allowed" if can_allow(results) else "agree")


def can_allow(results: Results) -> bool:
    """Say whether there is an estimate of errors that can be allowed for: only a good model's can be believed."""
    return results.trust.verdict == Worth.GOOD


def describe_trust(reliability: pd.DataFrame, against: str) -> dict[str, float | str]:
    """Say whether the model is as sure as it may be.

    Parameters
    ----------
    reliability : DataFrame
        reliability.csv.
    against : str
        The column that it is held against: agree, or agree_allowed.

    Returns
    -------
    dict
        ``mean_prob``, ``agree`` and ``agree_allowed``, the means over the rows, and the ``verdict``.
    """
    known = reliability.dropna()
    means = {
        name: float(np.average(known[name], weights=known["rows"])) for name in ("mean_prob", "agree", "agree_allowed")
    }
    surplus = means["mean_prob"] - means[against]
    verdict = (
        "about as sure as it may be" if abs(surplus) <= NEARLY else "too sure" if surplus > 0 else "not sure enough"
    )
    return {**means, "verdict": verdict}


def draw_reliability(results: Results) -> Figure:
    """Show how often labels are the suggested ones, by the probability that the model gives those."""
    table = results.reliability
    probs, given, allowed = table["mean_prob"], table["agree"], table["agree_allowed"]
    muted, accent = COLOURS["muted"], COLOURS["accent"]
    figure = Figure(figsize=(5.6, 4))
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=muted, linewidth=0.8)
    axes.plot(probs, given, "o--", color=muted, markersize=5, label="labels as given", clip_on=False)
    if can_allow(results):
        axes.plot(probs, allowed, "o-", color=accent, markersize=6, label="label errors allowed for", clip_on=False)
    axes.set(xlabel="probability of the suggested label", ylabel="rows that have this label", xlim=(0, 1), ylim=(0, 1))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    axes.legend(frameon=False, loc="upper left")
    return figure


FIGURES = {"reliability": draw_reliability}
