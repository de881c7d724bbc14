"""A version of the cleaned data, in memory: as numpy, pandas and torch take it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from labels.loading.files import Files
from labels.loading.places import LoadError

if TYPE_CHECKING:
    from torch.utils.data import Dataset

Kind = Literal["picture", "table", "text"]
PLURALS: dict[Kind, str] = {"picture": "pictures", "table": "rows of a table", "text": "texts"}


@dataclass(frozen=True, eq=False, repr=False)
class Data:
    """The n rows of a version that have a label, in the order of its ``labels.csv``.

    Attributes
    ----------
    name, version : str
        What was loaded.
    kind : str
        "picture", "table" or "text".
    features : ndarray, DataFrame or Files
        Pictures that are all of one size: (n, C, H, W), uint8. Pictures in files: `Files`, the bytes of each. A table:
        its columns as they were found, those of numbers as numbers, others as text, an empty cell as missing. Texts:
        (n,), str.
    rows : DataFrame of n rows, all text
        Who or what decided on each: the columns id, given_label, label, status, by, decided_by; split and content
        where rows have them.
    classes : list of str
        The names of the classes.
    certificate : dict or None
        How many of the labels are wrong at most, as ``certificate.json`` says of these very labels; None if nothing is
        planned.
    n_removed : int
        How many rows people, or a rule, removed: they are not here.
    n_unlabelled : int
        How many rows have no label, as nobody has given them one: they are not here either.
    distribution : ndarray of shape (n, K), float32, or None
        Where several annotators gave the labels, the probability of each of ``classes``: that of the consensus, and 1
        for a label that people or a rule decided on. None where a row had one label.
    """

    name: str
    version: str
    kind: Kind
    features: Any
    rows: pd.DataFrame
    classes: list[str]
    certificate: dict[str, Any] | None
    n_removed: int
    n_unlabelled: int = 0
    distribution: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        splits = Counter(() if self.split is None else self.split)
        counts = ", ".join(f"{split or 'without a split'} {count:,}" for split, count in splits.items())
        rows = f"{len(self):,} {PLURALS[self.kind]}{f' ({counts})' if counts else ''}"
        without = f"{self.n_removed:,} removed" + (f", {self.n_unlabelled:,} unlabelled" if self.n_unlabelled else "")
        return f"<{self.name}, {self.version}: {rows}, {len(self.classes):,} classes; {without}>"

    @property
    def ids(self) -> np.ndarray:
        """The rows' ids, (n,) str."""
        return self.rows["id"].to_numpy(dtype=object)

    @property
    def labels(self) -> np.ndarray:
        """The names of their classes, (n,) str."""
        return self.rows["label"].to_numpy(dtype=object)

    @property
    def targets(self) -> np.ndarray:
        """The places of their labels in ``classes``, (n,) int64."""
        return pd.Categorical(self.rows["label"], categories=self.classes).codes.astype(np.int64)

    @property
    def split(self) -> np.ndarray | None:
        """Their splits, such as train and test, (n,) str; None if rows have none."""
        return self.rows["split"].to_numpy(dtype=object) if "split" in self.rows else None

    def part(self, split: str) -> "Data":
        """Return the rows of one split; ``n_removed`` still counts those of all."""
        names = list(dict.fromkeys([] if self.split is None else self.split))
        if split not in names:
            raise LoadError(f"{self.name} has no split {split!r}; there are: {', '.join(names) or 'none'}")
        chosen = np.flatnonzero(self.rows["split"] == split)
        spread = None if self.distribution is None else self.distribution[chosen]
        features, rows = (_take(values, chosen) for values in (self.features, self.rows))
        return replace(self, features=features, rows=rows, distribution=spread)

    def to_numpy(self) -> tuple[np.ndarray, np.ndarray]:
        """Return features and targets as arrays: X of shape (n, …) and y of shape (n,).

        Raises
        ------
        LoadError
            If there is no such array: of a table with columns of text, or of pictures of many sizes.
        """
        if isinstance(self.features, Files):
            raise LoadError(f"{self.name}: pictures in files are of many sizes, so no array holds them; use to_torch")
        return (self._numbers() if self.kind == "table" else self.features), self.targets

    def to_frame(self) -> pd.DataFrame:
        """Return ``rows`` with the columns of a table, or the texts, beside them; pictures are left out.

        A column of the table that is called as one of ``rows`` has ``(column)`` added to its name.
        """
        if self.kind == "picture":
            return self.rows.copy()
        cells = self.features if self.kind == "table" else pd.DataFrame({"text": self.features})
        return self.rows.join(cells.rename(columns={name: f"{name} (column)" for name in cells if name in self.rows}))

    def to_torch(self, transform: Callable[[Any], Any] | None = None) -> "Dataset[tuple[Any, int]]":
        """Return a torch ``Dataset`` of pairs: what is in a row, and its target.

        Parameters
        ----------
        transform : callable, optional
            What to do with each row: a tensor of a picture, (C, H, W) float32 from 0 to 1; a picture in a file as
            Pillow has it, in RGB; a tensor of a table's row, (d,) float32; or a text. Without it, a picture in a file
            becomes a tensor as others do.
        """
        from labels.loading.torch_rows import Rows

        return Rows(self._numbers() if self.kind == "table" else self.features, self.targets, transform)

    def _numbers(self) -> np.ndarray:
        if texts := [str(name) for name, column in self.features.items() if not pd.api.types.is_numeric_dtype(column)]:
            raise LoadError(
                f"{self.name}: not all columns are numbers ({', '.join(texts[:5])}{', …' if len(texts) > 5 else ''}); "
                "encode `features` yourself, as docs/load.md shows"
            )
        numbers: np.ndarray = self.features.to_numpy(dtype=np.float64)
        return numbers


def _take(values: Any, rows: np.ndarray) -> Any:
    if isinstance(values, pd.DataFrame):
        return values.iloc[rows].reset_index(drop=True)
    return values.take(rows.tolist()) if isinstance(values, Files) else values[rows]
