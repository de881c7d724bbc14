"""How the training went."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from stages.report.figures import COLOURS
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 140
TITLE = "Training"
# for the lines of several models after the first two, in matplotlib's own order
MORE_COLOURS = ("C2", "C4", "C5", "C6", "C8", "C9")


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return nothing but the figure, if a model was trained in epochs."""
    return None if results.curves.empty else {}


def draw_curves(results: Results) -> Figure:
    """Show loss and accuracy by epoch: the mean over the folds and the range, for each model."""
    figure = Figure(figsize=(7, 3))
    loss, accuracy = figure.subplots(1, 2)
    for name, curves, trained_on, held_out in split_curves(results.curves):
        _draw_curve(loss, curves, "train_loss", f"{name}training", trained_on, ":" if name else "-")
        _draw_curve(loss, curves, "valid_loss", f"{name}held out", held_out)
        _draw_curve(accuracy, curves, "valid_accuracy", f"{name}held out", held_out)
    loss.set(xlabel="epoch", ylabel="loss (nats)", ylim=(0, None))
    accuracy.set(xlabel="epoch", ylabel="accuracy")
    loss.legend(frameon=False)
    for axes in (loss, accuracy):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def split_curves(curves: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame, str, str]]:
    """Yield each model's curves: its name in a legend, its rows, and the colours of what is trained on and held out."""
    if "member" not in curves:
        yield "", curves, COLOURS["muted"], COLOURS["accent"]
        return
    colours = (COLOURS["accent"], COLOURS["alert"], *MORE_COLOURS)
    for position, (member, rows) in enumerate(curves.groupby("member", sort=False)):
        colour = colours[position % len(colours)]
        yield f"{member}, ", rows, colour, colour


def _draw_curve(axes: Axes, curves: pd.DataFrame, column: str, label: str, colour: str, line: str = "-") -> None:
    by_epoch = curves.groupby("epoch")[column]
    mean, low, high = by_epoch.mean(), by_epoch.min(), by_epoch.max()
    axes.plot(mean.index, mean, color=colour, linestyle=line, label=label, marker="o" if len(mean) == 1 else "")
    axes.fill_between(mean.index, low, high, color=colour, alpha=0.2, linewidth=0)


FIGURES = {"curves": draw_curves}
