"""Reads how many errors a review is expected to find, and at which share of errors it may stop."""

from typing import Any

import pandas as pd

from stages.artifacts.files import data_folder, read_table
from stages.command.params import read_section
from stages.find_issues.settings import Settings

COLUMNS = ("rows", "low", "high")


def read_min_yield(dataset: str) -> float:
    """Return the least share of errors that params.yaml asks for."""
    return read_section(dataset, "find_issues", Settings).min_yield


def read_bounds(dataset: str, flagged: pd.Series) -> dict[str, Any] | None:
    """Return the limits of the expected number of errors among the worst rows.

    Parameters
    ----------
    dataset : str
        Name of the data set.
    flagged : Series of bool
        Whether each row of ``issues.csv`` is flagged, in rank order.

    Returns
    -------
    dict of str to list of float, or None
        The columns `COLUMNS` of ``yield.csv``, with a first point for no rows. None if the flagged rows are not the
        worst rows, which are all that ``yield.csv`` is about.
    """
    if not flagged.head(int(flagged.sum())).all():
        return None
    points = read_table(data_folder(dataset) / "quality" / "yield.csv")
    return {name: [0.0, *points[name].astype(float)] for name in COLUMNS}
