"""The styles that figures are drawn in, and how they become pictures."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

STYLES = {
    "light": {
        "ink": "#1d2733", "muted": "#6b7785", "line": "#dde3ea", "paper": "#ffffff",
        "accent": "#2563c9", "alert": "#d1491d",
    },
    "dark": {
        "ink": "#e6eaf0", "muted": "#97a3b2", "line": "#2e3844", "paper": "#1b222c",
        "accent": "#6ea3f7", "alert": "#ff8a5c",
    },
}  # fmt: skip
DPI = 160

Style = dict[str, str]


@contextmanager
def use_style(style: Style) -> Iterator[Style]:
    """Draw in a style within the context."""
    ink, muted, paper = style["ink"], style["muted"], style["paper"]
    settings: dict[Any, Any] = {
        "figure.facecolor": paper, "axes.facecolor": paper, "savefig.facecolor": paper, "text.color": ink,
        "axes.labelcolor": ink, "xtick.color": ink, "ytick.color": ink, "axes.edgecolor": muted,
        "axes.spines.top": False, "axes.spines.right": False, "font.size": 9.5, "figure.constrained_layout.use": True,
        "text.parse_math": False,
    }  # fmt: skip
    with mpl.rc_context(settings):
        yield style


def to_png(figure: Figure) -> bytes:
    """Return a figure as a PNG."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # signs that the font lacks are drawn as boxes; the tables beside the figures have the names
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(buffer, format="png", dpi=DPI)
    return buffer.getvalue()
