"""The one form that every source's data takes, so that the same data has the same bytes whoever sent it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from stages.fetch.settings import Settings

CORRECT = "correct it in fetch.sources"
LATER = "try again later, or put a source that you have first in fetch.sources"
REPLACE = "put a whole one in its place"


class SourceError(Exception):
    """A source did not give its data; the text says why, and how to mend it."""


def count_classes(labels: pd.Series) -> str:
    """Say how many classes there are; a row without a label is of none."""
    return f"{labels[labels != ''].nunique():,} classes"


@dataclass(frozen=True)
class RawData:
    """A data set as it was found.

    Attributes
    ----------
    features : ndarray of shape (n, d), uint8 or float32
        uint8 where every value is a whole number from 0 to 255.
    table : DataFrame with the columns id and label, and split if there are splits
        A row's id, its number counted from 0 unless the source has ids, its given label, and the split that it belongs
        to, all as text; empty where it has none.
    """

    features: np.ndarray
    table: pd.DataFrame

    def sha256(self) -> str:
        """Return the SHA-256 of what the data says: the features' type, shape and bytes, then ids and labels."""
        digest = hashlib.sha256(f"{self.features.dtype.str} {self.features.shape}\n".encode())
        digest.update(self.features.tobytes())
        digest.update(self.table.to_csv(index=False, lineterminator="\n").encode())
        return digest.hexdigest()

    def write(self, folder: Path) -> None:
        """Write the features."""
        np.save(folder / "features.npy", self.features)

    def __str__(self) -> str:
        """Say what it holds."""
        rows, width = self.features.shape
        return f"{rows:,} rows of {width:,} features"


def normalise(
    features: np.ndarray,
    labels: Sequence[object] | np.ndarray,
    ids: Sequence[object] | np.ndarray | None = None,
    splits: Sequence[object] | np.ndarray | None = None,
) -> RawData:
    """Bring features and labels into the form that `RawData` describes.

    Parameters
    ----------
    features : ndarray of shape (n, ...), any number type
        Each row is flattened in C order.
    labels : sequence of n values
        None and NaN count as missing.
    ids : sequence of n values, optional
        The rows' numbers by default.
    splits : sequence of n values, optional
        The split that each row belongs to; None and NaN count as none.

    Raises
    ------
    SourceError
        If there are no features, if labels, ids or splits are not as many as rows, or if two rows have the same id.
    """
    for named, values in {"labels": labels, "ids": ids, "splits": splits}.items():
        if values is not None and len(values) != len(features):
            raise SourceError(f"{len(features)} rows of features but {len(values)} {named}; each row needs one")
    if not features.size:
        raise SourceError("has no rows, or none with a feature in it; a model has nothing to learn")
    flat = features.reshape(len(features), -1)
    row_ids = pd.Series(range(len(flat)) if ids is None else np.asarray(ids)).astype(str)
    if row_ids.duplicated().any():
        raise SourceError(f"two rows have the id {row_ids[row_ids.duplicated()].iloc[0]!r}; each needs one of its own")
    table = pd.DataFrame({"id": row_ids, "label": _to_text(labels)})
    return RawData(to_smallest(flat), table if splits is None else table.assign(split=_to_text(splits)))


def refuse_columns(settings: Settings) -> None:
    """Raise SourceError if settings name columns and the source has none."""
    named = [key for key, column in settings.columns.items() if column is not None]
    if named:
        keys = ", ".join(f"fetch.{key}" for key in named)
        raise SourceError(f"{keys}: counts only for tables, and this source has no columns to name; set it to null")


def to_smallest(values: np.ndarray) -> np.ndarray:
    """Return numbers as bytes if that loses nothing, otherwise as float32."""
    if values.dtype == np.uint8:
        return np.ascontiguousarray(values)
    if values.min() >= 0 and values.max() <= np.iinfo(np.uint8).max:
        whole = values.astype(np.uint8, order="C")
        if np.array_equal(whole, values):
            return whole
    return values.astype(np.float32, order="C")


def _to_text(values: Sequence[object] | np.ndarray) -> pd.Series:
    series = pd.Series(np.asarray(values, dtype=object))
    return series.astype(str).where(series.notna(), "")
