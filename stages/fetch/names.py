"""The names of a table's columns: those that lack one, and first lines that look like no names."""

import re
from collections.abc import Collection, Sequence

import pandas as pd

from stages.command.errors import some
from stages.fetch.cells import to_text
from stages.fetch.raw import SourceError
from stages.fetch.records import suspect_comment
from stages.fetch.settings import Csv

# what has no name, or the one that pandas gives it
UNNAMED = re.compile(r"\s*|Unnamed: \d+(\.\d+)?")
# in how many rows names are looked for
LOOKED_AT = 1000


def name_columns(
    place: str, frame: pd.DataFrame, names: Sequence[str], wanted: Collection[str], hint: str = ""
) -> tuple[pd.DataFrame, list[str]]:
    """Give columns their names, without those that have none and say nothing.

    These are a first column that numbers the rows, as pandas writes its index, and columns in which all cells are
    empty, as delimiters at the end of lines make them.

    Parameters
    ----------
    place : str
        What messages call the file.
    frame : DataFrame
        Its columns, whatever they are called.
    names : sequence of str
        Their names in the file.
    wanted : collection of str
        Names that stay in any case.
    hint : str
        What else may be wrong with the names, for messages.

    Returns
    -------
    frame : DataFrame
        The columns that stay, by their names.
    said : list of str
        Which columns are left out, and why.
    """
    numbering, empty = find_unneeded(frame, names, wanted)
    kept = {column: name for column, name in enumerate(names) if column not in (*numbering, *empty)}
    _refuse_unnamed(place, kept, hint)
    refuse_twice(place, list(kept.values()), hint)
    said = {"no name, numbers the rows": numbering, "no name, all cells empty": empty}
    named = frame.iloc[:, list(kept)].set_axis(list(kept.values()), axis=1)
    return named, [f"column(s) {some(c + 1 for c in each)} left out: {why}" for why, each in said.items() if each]


def find_unneeded(frame: pd.DataFrame, names: Sequence[str], wanted: Collection[str]) -> tuple[list[int], list[int]]:
    """Return which columns without a name number the rows, and which are empty, counted from 0."""
    numbering: list[int] = []
    empty: list[int] = []
    for column, name in enumerate(names):
        if name in wanted or not UNNAMED.fullmatch(name):
            continue
        cells = to_text(frame.iloc[:, column])
        if (cells.str.strip() == "").all():
            empty.append(column)
        # only others like it may stand before it
        elif len(numbering) == column and cells.is_unique and cells.str.fullmatch(r"\d+").all():
            numbering.append(column)
    return numbering, empty


def refuse_twice(place: str, names: Sequence[str], hint: str = "") -> None:
    """Raise SourceError if two columns share a name."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SourceError(
            f"{place}: more than one column is called {some(map(repr, twice))}; rename or remove one{hint}"
        )


def _refuse_unnamed(place: str, names: dict[int, str], hint: str) -> None:
    unnamed = [column + 1 for column, name in names.items() if not name.strip()]
    if unnamed:
        raise SourceError(
            f"{place}: column number {some(unnamed)} has no name, and cells that are not empty; give it one{hint}"
        )


def suspect_names(frame: pd.DataFrame, names: Sequence[str], given: Csv) -> str:
    """Say what the first line may be if it does not name the columns; an empty text if nothing tells."""
    if given.header is not True:
        return ""
    hint = suspect_comment(names[0])
    if len(names) == 1:
        hint += "; if another sign than a comma, ;, | or a tab stands between cells, set fetch.csv.delimiter to it"
    if not all(map(str.strip, names[1:])):
        hint += "; if cells without a name are the ends of those before them, put these in quotes"
    why = _find_sign_of_row(frame.head(LOOKED_AT), names)
    if why:
        hint += (
            f"; the first line looks like a row, for {why}: if it is one, set fetch.csv.header to the list of the "
            "columns' names, or to false, which calls them c1, c2, …"
        )
    return hint


def _find_sign_of_row(frame: pd.DataFrame, names: Sequence[str]) -> str:
    for column, name in enumerate(names):
        if name.strip() and (frame.iloc[:, column] == name).any():
            return f"{name!r} is in the rows below it, too"
        # pandas calls columns by their numbers
        if _is_number(name) and name not in (str(column), str(column + 1)):
            return f"{name!r} is a number"
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
