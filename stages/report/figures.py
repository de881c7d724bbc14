"""Draws figures as PNG. Each is drawn once, in light colours; the theme's CSS turns them dark."""

import io
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from stages.artifacts.theme import read_colours
from stages.report.results import Results

COLOURS = read_colours()
DPI = 160
# a figure cannot show more classes than this apart from each other
CLASSES_SHOWN = 25
# returns nothing if there is nothing to draw
Drawing = Callable[[Results], Figure | None]


def draw_figures(drawings: Mapping[str, Drawing], results: Results) -> dict[str, bytes]:
    """Return the figures as PNGs, by name."""
    ink, paper = COLOURS["ink"], COLOURS["paper"]
    style: dict[Any, Any] = {
        "figure.facecolor": paper, "axes.facecolor": paper, "savefig.facecolor": paper, "text.color": ink,
        "axes.labelcolor": ink, "xtick.color": ink, "ytick.color": ink, "axes.edgecolor": COLOURS["muted"],
        "axes.spines.top": False, "axes.spines.right": False, "font.size": 9.5, "figure.constrained_layout.use": True,
        "text.parse_math": False,
    }  # fmt: skip
    with mpl.rc_context(style):
        figures = {name: draw(results) for name, draw in drawings.items()}
        return {name: to_png(figure) for name, figure in figures.items() if figure}


def to_png(figure: Figure) -> bytes:
    """Return a figure as a PNG."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # the font's missing signs are drawn as boxes; the tables beside the figures have the names
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(buffer, format="png", dpi=DPI)
    return buffer.getvalue()


def shorten(name: str, longest: int = 24) -> str:
    """Cut the middle out of a long name: names of many classes often begin alike."""
    half = longest // 2
    return name if len(name) <= longest else f"{name[: half - 1]}…{name[-half:]}"
