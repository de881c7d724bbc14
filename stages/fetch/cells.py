"""Writes values of any type as text, one way for each, so that a table has the same bytes whatever it came in."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

from stages.fetch.raw import SourceError


def to_text(values: pd.Series) -> pd.Series:
    """Write each value of a column as text.

    Numbers are written in the fewest digits that give them back, truth as True or False, dates as ISO 8601 has them,
    categories by name; what is missing is the empty text.

    Raises
    ------
    SourceError
        If a value is not a single one (a list, say), or a text holds a NUL, which CSV cannot hold.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        names = to_text(pd.Series(values.cat.categories, name=values.name))
        return pd.Series(np.append(names.to_numpy(object), "")[values.cat.codes], name=values.name, dtype="str")
    if values.dtype == "str" and not values.hasnans:
        texts = values
    else:
        pairs = zip(_list_values(values), values.isna(), strict=True)
        cells = ["" if missing else _write(value, values.name) for value, missing in pairs]
        texts = pd.Series(cells, name=values.name, dtype="str")
    if "\0" in "".join(texts.to_numpy(object)):
        raise SourceError(f"the column {values.name!r} holds a NUL byte; take it out")
    return texts


def _list_values(values: pd.Series) -> Iterable[object]:
    """Return the values one by one: a float in its own precision, and days where all times are midnight."""
    if values.dtype.kind == "f":
        return values.to_numpy()
    if pd.api.types.is_datetime64_any_dtype(values) and values.dt.tz is None:
        there = values.dropna()
        return values.dt.date if (there == there.dt.normalize()).all() else values
    return values


def _write(value: object, column: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "__len__"):
        raise SourceError(f"the column {column!r} holds {type(value).__name__}s, not single values; write them as text")
    return str(value)
