"""Takes the texts to classify from a table."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from stages.artifacts.files import write_table
from stages.artifacts.kind import Kind
from stages.command.errors import InputError, some, suggest
from stages.preprocess.contents import find_contents

EMPTY = "whose text is empty"


@dataclass(frozen=True)
class Texts:
    """A data set of texts.

    Attributes
    ----------
    texts : Series of n str
        As they were found; those of several columns are joined by a line break.
    """

    texts: pd.Series
    kind: ClassVar[Kind] = "text"

    def flaws(self) -> np.ndarray:
        """Return why each row cannot be read, (n,) str; empty if it can."""
        return np.where(self.texts.str.strip() == "", EMPTY, "")

    def take(self, rows: np.ndarray) -> "Texts":
        """Return some of the rows."""
        return Texts(self.texts.iloc[rows])

    def contents(self) -> np.ndarray:
        """Return the first row with the same text, for each."""
        return find_contents(text.encode() for text in self.texts)

    def write(self, folder: Path) -> None:
        """Write ``rows.csv``, a column called text."""
        write_table(folder / "rows.csv", self.texts.to_frame("text"))

    def __str__(self) -> str:
        return f"{len(self.texts):,} texts of {self.texts.str.len().median():,.0f} characters (median)"


def read_texts(table: pd.DataFrame, columns: str | list[str]) -> Texts:
    """Take the texts from a column, or several, whose texts are joined by a line break.

    Raises
    ------
    InputError
        Naming columns that are not there, or when none is named.
    """
    names = [columns] if isinstance(columns, str) else columns
    missing = [name for name in names if name not in table]
    if missing or not names:
        unknown = some(f"{name!r}{suggest(name, table.columns)}" for name in missing)
        wrong = f"raw/rows.csv has no column {unknown}" if missing else "names no column"
        raise InputError(f"params.yaml: preprocess.text: {wrong}; there are: {some(table.columns)}")
    texts = table[names[0]]
    for name in names[1:]:
        texts = texts.str.cat(table[name], sep="\n")
    return Texts(texts)
