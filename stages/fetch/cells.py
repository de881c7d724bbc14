"""Writes values of any type as text, one way for each, so that a table has the same bytes whatever it came in."""

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
        When a value is no single value, such as a list, or a text holds a NUL, which no CSV file can hold.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        names = to_text(pd.Series(values.cat.categories, name=values.name))
        return pd.Series(np.append(names.to_numpy(object), "")[values.cat.codes], name=values.name, dtype="str")
    if values.dtype == "str" and not values.hasnans:
        texts = values
    else:
        given = _days(values) if pd.api.types.is_datetime64_any_dtype(values) else values
        missing = given.isna()
        cells = ["" if empty else _write(cell, values.name) for cell, empty in zip(given, missing, strict=True)]
        texts = pd.Series(cells, name=values.name, dtype="str")
    if "\0" in "".join(texts.to_numpy(object)):
        raise SourceError(f"the column {values.name!r} holds a NUL byte; take it out")
    return texts


def _days(times: pd.Series) -> pd.Series:
    """Return dates in place of times that are all midnight."""
    there = times.dropna()
    if times.dt.tz is None and (there == there.dt.normalize()).all():
        times = times.dt.date.astype(object)
    return times


def _write(cell: object, column: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, date):
        return cell.isoformat()
    if hasattr(cell, "__len__"):
        raise SourceError(f"the column {column!r} holds {type(cell).__name__}s, not single values; write them as text")
    return str(cell)
