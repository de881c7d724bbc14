"""The rows whose labels are most likely wrong."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from stages.artifacts.examples import Cells
from stages.artifacts.trust import Worth
from stages.report.cards import describe_rows
from stages.report.figures import COLOURS, shorten
from stages.report.results import Results
from stages.report.settings import Settings
from stages.report.summary import count_agreeing, worst_rows

ORDER = 10
TITLE = "The worst labels"
TITLES = {Worth.GOOD: TITLE, Worth.WEAK: "Rows to look at first", Worth.WORTHLESS: "Flagged rows"}
DRAWN, DRAWN_SIDE = 15, 320
# pictures in a line, and the distances between them in widths of a picture
PER_LINE, COLUMN, LINE = 5, 1.06, 1.31


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return the flagged rows, worst first, and a few that come next in rank."""
    cards = describe_rows(results, worst_rows(results, settings.top))
    return {
        "title": TITLES[results.trust.verdict],
        "flagged_cards": [card for card in cards if card["flagged"]],
        "other_cards": [card for card in cards if not card["flagged"]],
        "n_agreeing": count_agreeing(results),
    }


def draw_worst(results: Results) -> Figure | None:
    """Show the worst rows with their ids, given and suggested labels, if they are pictures."""
    examples, rows = results.examples, worst_rows(results, DRAWN)
    if isinstance(examples, Cells):
        return None
    figure = Figure(figsize=(7.5, 5.6))
    figure.set_layout_engine("none")
    # one pair of axes for all of them: each costs as much time as a figure
    axes = figure.add_axes((0, 0, 1, 1))
    for position, described in enumerate(rows.to_dict("records")):
        pixels = np.asarray(examples.preview(described["row"], DRAWN_SIDE))
        right, below = (0.5 * length / max(pixels.shape[:2]) for length in pixels.shape[1::-1])
        x, y = COLUMN * (position % PER_LINE), LINE * (position // PER_LINE)
        axes.imshow(pixels, cmap="gray", vmin=0, vmax=255, extent=(x - right, x + right, y + below, y - below))
        row_id, given, suggested = (shorten(described[name], 18) for name in ("id", "given_label", "suggested_label"))
        colour = COLOURS["alert" if described["flagged"] else "ink"]
        named = f"id {row_id}\n{given} → {suggested}"
        axes.text(x, y - 0.53, named, fontsize=9, color=colour, ha="center", va="bottom")
    lines = DRAWN // PER_LINE
    axes.set(xlim=(-0.53, COLUMN * (PER_LINE - 1) + 0.53), ylim=(LINE * (lines - 1) + 0.53, -0.8))
    axes.axis("off")
    return figure


# beside the page, which shows these rows as cards
FIGURES = {"worst": draw_worst}
