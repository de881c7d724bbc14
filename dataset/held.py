"""What a source holds, as far as a moment tells it."""

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from stages.artifacts.annotations import vote_names
from stages.fetch.annotations import melt
from stages.fetch.cells import to_text
from stages.fetch.settings import Settings

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


def take_labels(frame: pd.DataFrame, settings: Settings) -> pd.Series | None:
    """Return the labels of a table, by vote if annotators have a column each; None if a column is not there."""
    if settings.annotations or not {settings.first_label, *settings.annotators} <= {*frame}:
        return None
    if not settings.annotators:
        return to_text(frame[str(settings.label)])
    ids = pd.Series(range(len(frame))).astype("str")
    named = {f"label[{number}]": to_text(frame[name]).array for number, name in enumerate(settings.annotators)}
    return vote_names(ids, melt(pd.DataFrame({"id": ids, **named}), settings.annotators))
