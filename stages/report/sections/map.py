"""The rows on a plane, those beside each other that are alike."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.artifacts.files import data_folder, load_array, read_json
from stages.report.figures import CLASSES_SHOWN, COLOURS, shorten
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 75
TITLE = "Map"
# more points than this hide each other: of so many rows, evenly spread, and of all that are flagged
POINTS = 20_000
# sizes of points, in square points, and how wide a ring is, in points
SMALL, LARGE, RINGED, RING = 3, 14, 20, 0.9
NAMES = {"pca": "PCA", "tsne": "t-SNE"}
# up to so many classes have a colour of their own; the colours of more go round in a circle
COLOUR_MAPS = {10: "tab10", 20: "tab20"}


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return how many rows are drawn, and by what; nothing where an older run of `inspect` left no map."""
    path = find_map(results.dataset)
    if not path.exists():
        return None
    method = NAMES[read_json(path.with_name("examples.json"))["map"]]
    return {
        "method": method,
        "total": len(results.rows),
        "drawn": min(POINTS, len(results.rows)),
        "flagged": int(results.rows["flagged"].sum()),
    }


def find_map(dataset: str) -> Path:
    """Return where the map is."""
    return data_folder(dataset) / "examples" / "map.npy"


def draw_map(results: Results) -> Figure | None:
    """Show each row's place in the colour of its given label, with a ring around it if it is flagged."""
    if not find_map(results.dataset).exists():
        return None
    x, y = np.asarray(load_array(find_map(results.dataset))).T
    flagged = np.flatnonzero(results.rows["flagged"])
    drawn = np.setdiff1d(np.linspace(0, len(x) - 1, min(POINTS, len(x))).astype(np.int64), flagged)
    size = LARGE if len(drawn) < POINTS // 4 else SMALL
    colours = choose_colours(len(results.classes))
    given = pd.Index(results.classes).get_indexer(pd.Index(results.rows["given_label"]))
    # the last colour is that of -1, a row without a label
    coloured = np.array([*colours, mpl.colors.to_rgba(COLOURS["muted"])])[given]
    figure = Figure(figsize=(7, 5))
    axes = figure.subplots()
    axes.scatter(x[drawn], y[drawn], s=size, c=coloured[drawn], linewidths=0)
    axes.scatter(x[flagged], y[flagged], s=RINGED, c=coloured[flagged], edgecolors=COLOURS["ink"], linewidths=RING)
    axes.set_aspect("equal", adjustable="datalim")
    axes.axis("off")
    if len(colours) <= CLASSES_SHOWN:
        _name_colours(axes, results.classes, colours)
    return figure


def _name_colours(axes: Axes, classes: list[str], colours: list[Any]) -> None:
    for name, colour in zip(classes, colours, strict=True):
        axes.scatter([], [], s=LARGE, color=colour, linewidths=0, label=shorten(name))
    axes.scatter([], [], s=RINGED, color="none", edgecolors=COLOURS["ink"], linewidths=RING, label="flagged")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)


def choose_colours(count: int) -> list[Any]:
    """Return a colour for each of so many classes."""
    few = next((name for most, name in COLOUR_MAPS.items() if count <= most), None)
    if few:
        return [mpl.colormaps[few](place) for place in range(count)]
    return [mpl.colormaps["hsv"](place * 0.381966 % 1) for place in range(count)]


FIGURES = {"map": draw_map}
