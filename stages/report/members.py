"""Shows several models that were averaged: how good each is, and how their training went."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from stages.artifacts.files import read_table

# of the lines of several models, those after the first two in matplotlib's own order
MORE_COLOURS = ("C2", "C4", "C5", "C6", "C8", "C9")


def read_members(predictions: Path) -> list[dict[str, Any]]:
    """Return the rows of members.csv, with numbers as numbers: none where one model was trained, or nothing."""
    path = predictions / "members.csv"
    rows = read_table(path).to_dict("records") if path.exists() else []
    return [{str(name): cell if name == "member" else float(cell) for name, cell in row.items()} for row in rows]


def split_curves(curves: pd.DataFrame, style: dict[str, str]) -> Iterator[tuple[str, pd.DataFrame, str, str]]:
    """Yield each model's curves: its name in a legend, its rows, and the colours of what is trained on and held out."""
    if "member" not in curves:
        yield "", curves, style["muted"], style["accent"]
        return
    colours = (style["accent"], style["alert"], *MORE_COLOURS)
    for number, (member, rows) in enumerate(curves.groupby("member", sort=False)):
        colour = colours[number % len(colours)]
        yield f"{member}, ", rows, colour, colour
