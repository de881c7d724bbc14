"""Shows changes as text: aligned for a terminal, or as CSV, which people open in spreadsheets."""

import csv
import re
from collections.abc import Sequence
from typing import Literal

import pandas as pd

from labels.compare import COLUMNS

SHOWN = ["id", "from", "to", "by", "why"]
REMOVED, ABSENT = "(removed)", "(absent)"
# what a spreadsheet takes for the beginning of one, some of them in wide letters, too
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?")


def name_ends(changes: pd.DataFrame) -> pd.DataFrame:
    """Return the changes with words for a label that is removed or not there."""
    before = changes["from"].where(changes["from"] != "", REMOVED).where(changes["status"] != "added", ABSENT)
    after = changes["to"].where(changes["to"] != "", REMOVED).where(changes["status"] != "left", ABSENT)
    return changes.assign(**{"from": before, "to": after})


def format_table(changes: pd.DataFrame) -> str:
    """Return the changes as lines of aligned columns, under their names."""
    return align([SHOWN, *name_ends(changes)[SHOWN].to_numpy().tolist()])


def align(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of text, all of as many cells, as lines of aligned columns."""
    cells = [[make_printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    return "\n".join(line.rstrip() for line in lines)


def make_printable(text: str) -> str:
    """Return text on one line, without what would steer a terminal."""
    return "".join(sign if sign.isprintable() else "�" for sign in " ".join(text.split()))


def format_csv(changes: pd.DataFrame) -> str:
    """Return the changes as CSV: a label is empty where the row is removed or, as status says, not there.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    safe = changes[COLUMNS].map(escape_formula)
    # Python's writer leaves a carriage return without quotes before version 3.13, and a reader takes it for a new line
    has_return = safe.map(lambda cell: "\r" in cell).any(axis=None)
    quoting: Literal[0, 1] = csv.QUOTE_ALL if has_return else csv.QUOTE_MINIMAL
    return str(safe.to_csv(index=False, lineterminator="\n", quoting=quoting))


def escape_formula(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; a number is none."""
    return f"'{cell}" if cell.startswith(FORMULA) and not NUMBER.fullmatch(cell) else cell
