"""What a source holds, as far as a moment tells it."""

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

# up to so many bytes on this machine, everything is read; of more, only what names the columns
MOST_BYTES = 20_000_000


@dataclass(frozen=True)
class Held:
    """What is at a source.

    Attributes
    ----------
    kind : {"pictures", "table", "arrays", "unknown"}
        unknown where it is not on this machine.
    columns : list of str or None
        The names of a table's columns, those of the label and the id included.
    labels : Series or None
        What was given, if all of it could be read in a moment.
    width : int or None
        How many numbers a row of arrays has.
    found : str
        What to say of it.
    is_raw : bool
        Whether it is what `fetch` left: then the columns are without those of the label and the id.
    """

    kind: Literal["pictures", "table", "arrays", "unknown"] = "unknown"
    columns: list[str] | None = None
    labels: pd.Series | None = field(default=None, repr=False)
    width: int | None = None
    found: str = "not looked at: it is not on this machine"
    is_raw: bool = False
