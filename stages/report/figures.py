"""Draws the report's figures, each in a light and a dark style."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from stages.artifacts.examples import Pictures
from stages.artifacts.pictures import to_pixels
from stages.report.forecasts import draw_reliability, draw_yield
from stages.report.members import split_curves
from stages.report.results import Results
from stages.report.styles import STYLES, Style, to_png, use_style
from stages.report.summary import count_pairs, rank_classes, worst_rows

WORST = 15
# how they stand in their figure: so many in a line, and so far apart, in widths of a picture
PER_LINE, COLUMN, LINE = 5, 1.06, 1.31
# More classes than this cannot be told apart in one figure: the ones that matter most are drawn.
CLASSES_SHOWN = 25


def draw_all(results: Results, style_name: str) -> dict[str, bytes]:
    """Return each figure as a PNG, by name."""
    drawings: dict[str, Callable[[Results, Style], Figure]] = {
        "worst": draw_worst,
        "yield": draw_yield,
        "pairs": draw_pairs,
        "classes": draw_classes,
        "scores": draw_scores,
        "reliability": draw_reliability,
        "curves": draw_curves,
    }
    if results.curves.empty:
        del drawings["curves"]
    if results.examples.kind != Pictures.kind:
        del drawings["worst"]
    with use_style(STYLES[style_name]) as style:
        return {name: to_png(draw(results, style)) for name, draw in drawings.items()}


def draw_worst(results: Results, style: Style) -> Figure:
    """Show the worst rows with their ids, given and suggested labels."""
    assert isinstance(results.examples, Pictures)
    images, rows = results.examples.images, worst_rows(results, WORST)
    figure = Figure(figsize=(7.5, 5.6))
    figure.set_layout_engine("none")
    # one pair of axes for all of them: each costs as much time as a figure
    axes = figure.add_axes((0, 0, 1, 1))
    for position, described in enumerate(rows.to_dict("records")):
        pixels = to_pixels(images[described["row"]])
        right, below = (0.5 * length / max(pixels.shape[:2]) for length in pixels.shape[1::-1])
        x, y = COLUMN * (position % PER_LINE), LINE * (position // PER_LINE)
        axes.imshow(pixels, cmap="gray", vmin=0, vmax=255, extent=(x - right, x + right, y + below, y - below))
        row_id, given, suggested = (_short(described[name], 18) for name in ("id", "given_label", "suggested_label"))
        colour = style["alert"] if described["flagged"] else style["ink"]
        named = f"id {row_id}\n{given} → {suggested}"
        axes.text(x, y - 0.53, named, fontsize=9, color=colour, ha="center", va="bottom")
    lines = WORST // PER_LINE
    axes.set(xlim=(-0.53, COLUMN * (PER_LINE - 1) + 0.53), ylim=(LINE * (lines - 1) + 0.53, -0.8))
    axes.axis("off")
    return figure


def draw_pairs(results: Results, style: Style) -> Figure:
    """Show how many flagged rows have each given and suggested label."""
    pairs = count_pairs(results)
    names = _classes_to_show(results.classes, pairs)
    counts = pairs.set_index(["given_label", "suggested_label"])["rows"]
    table = np.array([[counts.get((given, suggested), 0) for suggested in names] for given in names])
    size = max(3.6, min(8.0, 0.42 * len(names) + 1.2))
    figure = Figure(figsize=(size + 0.6, size))
    axes = figure.add_subplot()
    shades = LinearSegmentedColormap.from_list("shades", [style["paper"], style["accent"]])
    axes.imshow(table, cmap=shades, vmin=0, vmax=max(1, table.max()))
    _write_counts(axes, table, style)
    labels = [_short(name) for name in names]
    axes.set_xticks(range(len(names)), labels, rotation=90 if max(map(len, labels)) > 2 else 0)
    axes.set_yticks(range(len(names)), labels)
    axes.set(xlabel="suggested label", ylabel="given label")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def draw_classes(results: Results, style: Style) -> Figure:
    """Show the estimated label quality of each class, the lowest on top."""
    table = rank_classes(results).dropna(subset="label_quality").head(CLASSES_SHOWN)[::-1]
    figure = Figure(figsize=(7, max(2.2, 0.26 * len(table) + 0.9)))
    axes = figure.add_subplot()
    places = range(len(table))
    quality = 100 * table["label_quality"].to_numpy()
    low = min(quality.min(), 95.0)
    left = max(0.0, low - 0.15 * (100 - low))
    # by place, since two names may be cut to the same
    axes.hlines(places, left, quality, color=style["muted"], linewidth=1)
    axes.plot(quality, places, "o", color=style["accent"], markersize=6)
    axes.set_yticks(places, [_short(name) for name in table["class"]])
    axes.set(xlabel="estimated share of right labels (%)", xlim=(left, 100 + 0.03 * (100 - left)))
    axes.tick_params(axis="y", length=0)
    return figure


def draw_scores(results: Results, style: Style) -> Figure:
    """Show how many rows have each label quality, flagged ones apart."""
    flagged = results.rows["flagged"]
    quality = results.rows["label_quality"]
    figure = Figure(figsize=(7, 3))
    axes = figure.add_subplot()
    axes.hist(
        [quality[flagged], quality[~flagged]], bins=np.linspace(0, 1, 51).tolist(), stacked=True,
        color=[style["alert"], style["accent"]], label=["flagged", "not flagged"],
    )  # fmt: skip
    axes.set(xlabel="label quality", ylabel="rows", yscale="log", xlim=(0, 1), ylim=(0.7, None))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.legend(frameon=False, loc="upper center", ncols=2)
    return figure


def draw_curves(results: Results, style: Style) -> Figure:
    """Show loss and accuracy by epoch: the mean over the folds and the range, for each model."""
    figure = Figure(figsize=(7, 3))
    loss, accuracy = figure.subplots(1, 2)
    for name, curves, trained_on, held_out in split_curves(results.curves, style):
        _draw_curve(loss, curves, "train_loss", f"{name}training", trained_on, ":" if name else "-")
        _draw_curve(loss, curves, "valid_loss", f"{name}held out", held_out)
        _draw_curve(accuracy, curves, "valid_accuracy", f"{name}held out", held_out)
    loss.set(xlabel="epoch", ylabel="loss (nats)", ylim=(0, None))
    accuracy.set(xlabel="epoch", ylabel="accuracy")
    loss.legend(frameon=False)
    for axes in (loss, accuracy):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _draw_curve(axes: Axes, curves: pd.DataFrame, column: str, label: str, colour: str, line: str = "-") -> None:
    by_epoch = curves.groupby("epoch")[column]
    mean, low, high = by_epoch.mean(), by_epoch.min(), by_epoch.max()
    axes.plot(mean.index, mean, color=colour, linestyle=line, label=label, marker="o" if len(mean) == 1 else "")
    axes.fill_between(mean.index, low, high, color=colour, alpha=0.2, linewidth=0)


def _classes_to_show(classes: list[str], pairs: pd.DataFrame) -> list[str]:
    if len(classes) <= CLASSES_SHOWN:
        return classes
    frequent = pairs[["given_label", "suggested_label"]].to_numpy().ravel()
    involved = list(dict.fromkeys([*frequent, *classes]))[:CLASSES_SHOWN]
    return [name for name in classes if name in involved]


def _write_counts(axes: Axes, table: np.ndarray, style: Style) -> None:
    for (row, column), count in np.ndenumerate(table):
        if count:
            colour = style["paper"] if count > table.max() / 2 else style["ink"]
            axes.text(column, row, str(count), ha="center", va="center", fontsize=8, color=colour)
    cells = np.arange(len(table) + 1) - 0.5
    axes.hlines(cells, *cells[[0, -1]], color=style["line"], linewidth=0.6)
    axes.vlines(cells, *cells[[0, -1]], color=style["line"], linewidth=0.6)


def _short(name: str, longest: int = 24) -> str:
    # names of many classes often begin alike
    half = longest // 2
    return name if len(name) <= longest else f"{name[: half - 1]}…{name[-half:]}"
