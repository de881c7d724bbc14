"""The quality table: of every row, how good its label looks, how it ranks, and what the model suggests."""

import hashlib
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from stages.artifacts.files import read_table
from stages.command.errors import InputError

# 95 % of a normal distribution, in standard deviations from its mean: every band and interval has this width
Z = 1.96
QUALITY, RUN_DIGITS = Path("quality") / "label_quality.csv", 8
Counted = TypeVar("Counted", float, pd.Series)
NUMBERS = {
    "label_quality": float, "given_prob": float, "suggested_prob": float, "error_prob": float,
    "prior_error_prob": float, "rank": int,
}  # fmt: skip


def read_quality(folder: Path) -> pd.DataFrame:
    """Read ``label_quality.csv`` of a data set's folder, the columns of `NUMBERS` as numbers and the others as text.

    Raises
    ------
    InputError
        If it is missing or damaged, or lacks one of these columns.
    """
    path = folder / QUALITY
    quality = read_table(path)
    if missing := [name for name in NUMBERS if name not in quality]:
        raise InputError(f"{path}: has no column {', '.join(missing)}; `dvc repro` makes it again")
    # of a worthless model no errors are expected, and the cells are empty
    quality["error_prob"] = quality["error_prob"].replace("", "nan")
    return quality.astype(NUMBERS)


def read_run(folder: Path) -> str:
    """Return what tells the quality table of one run from those of others: the first digits of its SHA-256."""
    with (folder / QUALITY).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:RUN_DIGITS]


def bound_share(found: Counted, counted: Counted) -> tuple[Counted, Counted]:
    """Return the 95 % confidence interval of a share, by Wilson's score.

    Parameters
    ----------
    found, counted : int, or Series of int
        How many there were of how many, at least one.

    Returns
    -------
    low, high : float, or Series of float
        From 0 to 1.

    References
    ----------
    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the American Statistical
    Association 22, 1927
    """
    share, weight = found / counted, Z**2 / counted
    middle = (share + weight / 2) / (1 + weight)
    reach = Z * np.sqrt(share * (1 - share) / counted + weight / counted / 4) / (1 + weight)
    return np.clip(middle - reach, 0, 1), np.clip(middle + reach, 0, 1)
