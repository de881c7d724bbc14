"""What reviewing a data set's worst rows is expected to find, and below which share of errors it is to stop."""

from typing import Any

import pandas as pd

from stages.artifacts.files import data_folder, read_table
from stages.command.params import read_section
from stages.find_issues.settings import Settings

COLUMNS = ("rows", "low", "high")


def read_min_yield(dataset: str) -> float:
    """Return the share of errors that params.yaml asks for at least."""
    return read_section(dataset, "find_issues", Settings).min_yield


def read_bounds(dataset: str, flagged: pd.Series) -> dict[str, Any] | None:
    """Return between which limits the errors among so many of the worst rows are expected.

    Parameters
    ----------
    dataset : str
        Its name.
    flagged : Series of bool
        Of each row that ``issues.csv`` lists, in rank order, whether it is flagged.

    Returns
    -------
    dict of str to list of float, or None
        The columns of ``yield.csv`` that say so, from no row on, or nothing where other rows than the worst are
        flagged: of those it says nothing.
    """
    if not flagged.head(int(flagged.sum())).all():
        return None
    points = read_table(data_folder(dataset) / "quality" / "yield.csv")
    return {name: [0.0, *points[name].astype(float)] for name in COLUMNS}
