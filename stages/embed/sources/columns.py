"""``columns``: the columns of a table, in standard deviations."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack

from stages.artifacts.files import load_array, read_json
from stages.artifacts.kind import Kind
from stages.artifacts.vectors import Embedded, Vectors
from stages.embed.rows import Rows
from stages.embed.settings import Settings

KINDS: tuple[Kind, ...] = ("table",)
ARGUMENT = ""


def embed(argument: str, rows: Rows, settings: Settings) -> Embedded:
    """Return the scaled columns of a table."""
    cells = load_array(rows.prepared / "features.npy")[rows.firsts]
    scaled = scale_table(cells, read_json(rows.prepared / "columns.json"))
    return Embedded(scaled[rows.content], {"name": "columns", "metric": "euclidean"})


def scale_table(cells: np.ndarray, columns: list[dict[str, Any]]) -> Vectors:
    """Return numbers in standard deviations, and a column for each category.

    Two different categories are as far from each other as two numbers that are one standard deviation apart. A
    missing number counts as the column's median, a missing category as one of its own.
    """
    named = np.array([column["kind"] == "categorical" for column in columns])
    numbers = _standardise(cells[:, ~named]).astype(np.float32)
    if not named.any():
        return numbers
    sizes = [len(column["categories"]) + 1 for column in columns if column["kind"] == "categorical"]
    codes = np.where(np.isnan(cells[:, named]), np.array(sizes) - 1, cells[:, named]).astype(np.int64)
    places = (codes + np.cumsum([0, *sizes[:-1]])).ravel()
    shape = len(cells), sum(sizes)
    values = np.full(len(places), np.sqrt(0.5), np.float32)
    starts = np.arange(0, len(places) + 1, len(sizes))
    return csr_matrix(hstack([csr_matrix(numbers), csr_matrix((values, places, starts), shape=shape)], format="csr"))


def _standardise(numbers: np.ndarray) -> np.ndarray:
    """Bring each column to mean 0 and standard deviation 1; one that is the same everywhere becomes 0."""
    return np.stack(list(_standardise_columns(numbers)), axis=1) if numbers.shape[1] else numbers


def _standardise_columns(numbers: np.ndarray) -> Iterator[np.ndarray]:
    for column in numbers.T:
        present = np.isfinite(column)
        filled = np.where(present, column, np.median(column[present]) if present.any() else 0)
        # divided by the largest number, whose square could be too large for a float
        largest = np.abs(filled).max()
        filled = filled / largest if largest > 0 else filled
        yield (filled - filled.mean()) / filled.std() if np.ptp(filled) > 0 else np.zeros(len(filled))
