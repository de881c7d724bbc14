"""Which classes are mixed up."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from stages.artifacts.trust import Worth
from stages.report.figures import CLASSES_SHOWN, COLOURS, shorten
from stages.report.results import Results
from stages.report.settings import Settings
from stages.report.summary import count_pairs

ORDER = 90
TITLE = "Mixed-up classes"
PAIRS_SHOWN = 12


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return the most frequent pairs of two different labels; what a model mixes up that is worthless is chance."""
    if results.trust.verdict == Worth.WORTHLESS:
        return None
    pairs = count_pairs(results)
    pairs = pairs[pairs["given_label"] != pairs["suggested_label"]]
    return {
        "pairs": pairs.head(PAIRS_SHOWN).to_dict("records"),
        "n_pairs": len(pairs),
        "classes_drawn": CLASSES_SHOWN,
    }


def draw_pairs(results: Results) -> Figure:
    """Show how many flagged rows have each given and suggested label."""
    pairs = count_pairs(results)
    names = choose_classes(results.classes, pairs)
    counts = pairs.set_index(["given_label", "suggested_label"])["rows"]
    table = np.array([[counts.get((given, suggested), 0) for suggested in names] for given in names])
    size = max(3.6, min(8.0, 0.42 * len(names) + 1.2))
    figure = Figure(figsize=(size + 0.6, size))
    axes = figure.add_subplot()
    shades = LinearSegmentedColormap.from_list("shades", [COLOURS["paper"], COLOURS["accent"]])
    axes.imshow(table, cmap=shades, vmin=0, vmax=max(1, table.max()))
    _write_counts(axes, table)
    labels = [shorten(name) for name in names]
    axes.set_xticks(range(len(names)), labels, rotation=90 if max(map(len, labels)) > 2 else 0)
    axes.set_yticks(range(len(names)), labels)
    axes.set(xlabel="suggested label", ylabel="given label")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def choose_classes(classes: list[str], pairs: pd.DataFrame) -> list[str]:
    """Return the classes that are mixed up most, in the order of all classes."""
    if len(classes) <= CLASSES_SHOWN:
        return classes
    frequent = pairs[["given_label", "suggested_label"]].to_numpy().ravel()
    involved = list(dict.fromkeys([*frequent, *classes]))[:CLASSES_SHOWN]
    return [name for name in classes if name in involved]


def _write_counts(axes: Axes, table: np.ndarray) -> None:
    for (row, column), count in np.ndenumerate(table):
        if count:
            colour = COLOURS["paper" if count > table.max() / 2 else "ink"]
            axes.text(column, row, str(count), ha="center", va="center", fontsize=8, color=colour)
    cells = np.arange(len(table) + 1) - 0.5
    axes.hlines(cells, *cells[[0, -1]], color=COLOURS["line"], linewidth=0.6)
    axes.vlines(cells, *cells[[0, -1]], color=COLOURS["line"], linewidth=0.6)


FIGURES = {"pairs": draw_pairs}
