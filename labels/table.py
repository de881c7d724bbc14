"""Shows changes as text: aligned for people, CSV for programs."""

from collections.abc import Sequence

import pandas as pd

from labels.compare import COLUMNS

SHOWN = ["id", "from", "to", "by", "why"]
REMOVED, ABSENT = "(removed)", "(absent)"


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
    """Return the changes as CSV: a label is empty where the row is removed or, as status says, not there."""
    return str(changes[COLUMNS].to_csv(index=False, lineterminator="\n"))
