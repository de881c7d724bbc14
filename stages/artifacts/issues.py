"""The listed rows of issues.csv, worst first, and which of them are flagged."""

from pathlib import Path

import pandas as pd

from stages.artifacts.files import read_table
from stages.command.errors import InputError

FLAGGED, NOT_FLAGGED = "yes", "no"


def read_issues(folder: Path) -> pd.DataFrame:
    """Read ``issues.csv`` of a data set's folder, every cell as text: the flagged rows and those next in rank.

    Raises
    ------
    InputError
        If it is missing, damaged, or does not say which rows are flagged.
    """
    path = folder / "issues.csv"
    issues = read_table(path)
    if "flagged" not in issues or not issues["flagged"].isin([FLAGGED, NOT_FLAGGED]).all():
        raise InputError(
            f"{path}: must have a column flagged, with {FLAGGED} or {NOT_FLAGGED} for each row; `dvc repro` makes it"
        )
    return issues


def read_flagged(folder: Path) -> pd.DataFrame:
    """Read the flagged rows alone, as `read_issues` does, without the column that says so."""
    issues = read_issues(folder)
    return issues[issues["flagged"] == FLAGGED].drop(columns="flagged").reset_index(drop=True)
