"""Reads one column of a table as a whole: numbers, booleans, dates or categories, and says what was not plain."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from stages.command.errors import InputError
from stages.preprocess.dates import find_other_dates, read_dates
from stages.preprocess.numbers import COMMA, POINT, check_size, read_plain, read_written
from stages.preprocess.reading import Cells, Reading, find_different
from stages.preprocess.settings import LEAVE_OUT, Settings

# what stands for a missing number or date, beside the empty cell: pandas' own list, and what UCI's tables have
MISSING = frozenset(
    ["#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL",
     "NaN", "None", "n/a", "nan", "null", "?"]
)  # fmt: skip
BOOLEANS = {"true": 1.0, "false": 0.0}
# A column of words names rows, and is not a category, if more than this share and more than this many differ.
NAMES_SHARE, NAMES_COUNT = 0.5, 50
# Up to this share of cells that are no numbers, or no dates, are missing in a column of them.
ODD_SHARE = 0.05
# From this share on, it is worth saying that so many cells are numbers, or dates, in a column of categories.
WORTH_SAYING = 0.5
LEFT_OUT = "left out"
NAMES = "most of its cells differ, as names do; to keep it, say what it is in preprocess.columns, or in preprocess.text"


@dataclass(frozen=True)
class Column:
    """One feature of n rows.

    Attributes
    ----------
    name : str
        The column's.
    kind : str
        numeric, boolean, date, categorical, or `LEFT_OUT`.
    values : ndarray of shape (n,), float64
        NaN where a cell is missing.
    categories : list of str
        Their names, by number.
    remark : str
        What a person should know of how it was read; empty if all cells were plainly of one kind.
    """

    name: str
    kind: str
    values: np.ndarray
    categories: list[str] = field(default_factory=list)
    remark: str = ""

    def described(self) -> dict[str, Any]:
        """Return its description, without its values."""
        described: dict[str, Any] = {"name": self.name, "kind": self.kind}
        return described | {"categories": self.categories} if self.kind == "categorical" else described

    def __str__(self) -> str:
        n_missing = int(np.isnan(self.values).sum())
        said = [self.kind]
        said += [f"{len(self.categories):,} different"] if self.kind == "categorical" else []
        said += [f"{n_missing:,} missing"] if n_missing and self.kind != LEFT_OUT else []
        return f"{self.name!r}: {', '.join(said)}" + (f"; {self.remark}" if self.remark else "")


def read_column(name: str, cells: pd.Series, settings: Settings) -> Column:
    """Read a column as what it is said to be, or else as what its cells look like.

    Parameters
    ----------
    name : str
        The column's.
    cells : Series of n str
        An empty one is missing. Blanks around a cell do not count.
    settings : Settings
        What the column is said to be, what else stands for a missing cell, and the decimal sign.

    Raises
    ------
    InputError
        When cells are not what they are said to be, or too large for a model.
    """
    kind = settings.columns.get(name)
    if kind == LEAVE_OUT:
        return Column(name, LEFT_OUT, np.full(len(cells), np.nan))
    codes, different = find_different(cells)
    there = ~different.are_among({"", *(mark.strip() for mark in settings.missing)})
    if kind == "categorical":
        return make_categories(name, codes, different, there)
    known = there & ~different.are_among(MISSING)
    reading = choose_reading(name, different.take(known), kind, settings)
    if reading.odd_share > ODD_SHARE:
        return read_words(name, codes, different, there, reading)
    values = np.full(len(different.texts), np.nan)
    values[known] = check_size(name, reading)
    return Column(name, reading.kind, values[codes], remark=describe(reading))


def choose_reading(name: str, cells: Cells, kind: str | None, settings: Settings) -> Reading:
    """Return the first reading that all cells fit, or else the one of numbers or dates that most of them fit."""
    readings = []
    for reading in try_readings(cells, kind, settings.decimal):
        if not len(reading.odd.texts):
            return reading
        readings.append(reading)
    candidates = [reading for reading in readings if reading.kind != "boolean"]
    best = min(candidates, key=lambda reading: (reading.odd_share, reading.odd_share == 1 and not reading.how))
    if kind:
        n_odd, named = best.odd.counts.sum(), best.odd.name()
        raise InputError(
            f"params.yaml: preprocess.columns: {name!r} is said to be {kind}, but {n_odd:,} cell(s) are not: {named}; "
            "mend them, or say categorical, or name those that mean missing in preprocess.missing"
        )
    return best


def try_readings(cells: Cells, kind: str | None, decimal: str) -> Iterator[Reading]:
    """Yield the cells as each kind that they may be, or as the one that they are said to be."""
    if kind in (None, "numeric"):
        if decimal == POINT:
            yield read_plain(cells)
        yield read_written(cells, decimal, said=True)
        yield read_written(cells, COMMA if decimal == POINT else POINT, said=False)
    if kind is None:
        yield Reading("boolean", cells, np.array([BOOLEANS.get(text.lower(), np.nan) for text in cells.texts], float))
    if kind in (None, "date"):
        yield read_dates(cells, said=kind is not None)


def read_words(name: str, codes: np.ndarray, different: Cells, there: np.ndarray, best: Reading) -> Column:
    """Read a column as categories, or leave it out if its cells are names, and say if it looks like something else."""
    column = make_categories(name, codes, different, there)
    remark = describe_words(best)
    if len(column.categories) <= max(NAMES_COUNT, NAMES_SHARE * different.counts[there].sum()):
        return replace(column, remark=remark)
    return Column(name, LEFT_OUT, np.full(len(codes), np.nan), remark="; ".join(filter(None, [remark, NAMES])))


def describe_words(best: Reading) -> str:
    """Say that many cells of a column of words are numbers, or dates, and why they are not read; empty if not."""
    if best.odd_share <= 1 - WORTH_SAYING:
        return f"{best.describe_odd()}; name those that mean missing in preprocess.missing, or mend them"
    if best.odd_share == 1 and best.how:
        return best.how
    dates = best.cells.take(find_other_dates(best.cells))
    if dates.counts.sum() > WORTH_SAYING * best.cells.counts.sum():
        return f"dates such as {min(dates.texts)!r} are not read; write them like 2020-01-31 at the source"
    return ""


def make_categories(name: str, codes: np.ndarray, different: Cells, there: np.ndarray) -> Column:
    """Number the different cells that are there in the order of their text."""
    categories = sorted(set(different.texts[there]))
    numbers = {text: float(number) for number, text in enumerate(categories)}
    values = np.array([numbers.get(text, np.nan) for text in different.texts], dtype=np.float64)
    return Column(name, "categorical", values[codes], categories)


def describe(reading: Reading) -> str:
    """Say which cells count as missing, and how numbers are written, if there is something to say."""
    odd = ""
    if len(reading.odd.texts):
        odd = f"{reading.describe_odd()}, taken as missing; if these mean more, say categorical in preprocess.columns"
    return "; ".join(filter(None, [odd, reading.how]))
