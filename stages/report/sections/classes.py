"""Label quality by class."""

from typing import Any

from matplotlib.figure import Figure

from stages.artifacts.trust import Worth
from stages.report.figures import CLASSES_SHOWN, COLOURS, shorten
from stages.report.results import Results
from stages.report.settings import Settings
from stages.report.summary import rank_classes

ORDER = 100
TITLE = "Quality by class"
ROWS_SHOWN = 50


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return the classes with the lowest label quality; of a model that is worthless there is no estimate."""
    if results.trust.verdict == Worth.WORTHLESS:
        return None
    return {"by_class": rank_classes(results).head(ROWS_SHOWN).to_dict("records"), "classes_drawn": CLASSES_SHOWN}


def draw_classes(results: Results) -> Figure:
    """Show the estimated label quality of each class, the lowest on top."""
    table = rank_classes(results).dropna(subset="label_quality").head(CLASSES_SHOWN)[::-1]
    figure = Figure(figsize=(7, max(2.2, 0.26 * len(table) + 0.9)))
    axes = figure.add_subplot()
    places = range(len(table))
    quality = 100 * table["label_quality"].to_numpy()
    low = min(quality.min(), 95.0)
    left = max(0.0, low - 0.15 * (100 - low))
    # by place, since two names may be cut to the same
    axes.hlines(places, left, quality, color=COLOURS["muted"], linewidth=1)
    axes.plot(quality, places, "o", color=COLOURS["accent"], markersize=6)
    axes.set_yticks(places, [shorten(name) for name in table["class"]])
    axes.set(xlabel="estimated share of right labels (%)", xlim=(left, 100 + 0.03 * (100 - left)))
    axes.tick_params(axis="y", length=0)
    return figure


FIGURES = {"classes": draw_classes}
