"""The listed rows of issues.csv, worst first, which of them are flagged, and how the others rank."""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.artifacts.files import read_table
from stages.command.errors import InputError

FLAGGED, NOT_FLAGGED = "yes", "no"


def read_issues(folder: Path) -> pd.DataFrame:
    """Read ``issues.csv`` of a data set's folder, every cell as text: the flagged rows and those next in rank.

    Raises
    ------
    InputError
        When it is missing, damaged, or does not say which rows are flagged.
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


def rank_rows(quality: pd.Series, ids: pd.Series, listed: pd.Series, order: np.ndarray) -> np.ndarray:
    """Return each row's rank, (n,) int64, 1 the worst, as `find_issues` ranks them.

    Parameters
    ----------
    quality, ids : Series of n rows
        Label quality, rounded as it is in a table, and the ids.
    listed : Series of str
        The ids in issues.csv, in its order, which was found before the rounding.
    order : ndarray of shape (n,), int64
        The numbers of the rows in the order of their ids, which decides between equal scores.
    """
    listed_at = pd.Series(np.arange(len(listed)), index=listed).reindex(ids, fill_value=len(listed))
    seen_at, rank = np.empty((2, len(ids)), dtype=np.int64)
    seen_at[order] = np.arange(len(ids))
    rank[np.lexsort((seen_at, listed_at.to_numpy(), quality.to_numpy()))] = np.arange(1, len(ids) + 1)
    return rank
