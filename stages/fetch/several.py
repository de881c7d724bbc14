"""Labels that look like several in one cell, which the pipeline takes for classes of their own."""

import re
from collections import Counter

import pandas as pd

from stages.command.errors import some

SEPARATORS = ("|", ";", ",")
BRACKETS = re.compile(r"[\[({](.*)[\])}]", re.DOTALL)
DECIMAL = re.compile(r"\d+,\d+")


def find_several(labels: pd.Series) -> list[str]:
    """Return the classes that look like several in one: most of their parts are, or are in, other classes as well.

    So the only class with a comma is none, nor are ``Portland, ME`` and ``Austin, TX``.
    """
    classes = [str(name) for name in labels.unique()]
    return max((_split_by(separator, classes) for separator in SEPARATORS), key=len)


def describe_several(labels: pd.Series) -> str:
    """Say which classes look like several in one, and what becomes of them; an empty text if none does."""
    several = find_several(labels)
    if not several:
        return ""
    n_rows = int(labels.isin(several).sum())
    return (
        f"{n_rows:,} row(s) look as if they had several labels ({some(map(repr, several))}); a row has one label here, "
        "so each of these is a class of its own; to clean several labels a row, make a data set for each of them, with "
        "yes or no"
    )


def _split_by(separator: str, classes: list[str]) -> list[str]:
    parts = {name: _list_parts(name, separator) for name in classes}
    several = [name for name, each in parts.items() if len(each) > 1]
    counts = Counter(part for each in parts.values() for part in set(each))
    in_several = {part for name in several for part in parts[name]}
    shared = sum(counts[part] > 1 for part in in_several)
    return several if 2 * shared > len(in_several) else []


def _list_parts(name: str, separator: str) -> list[str]:
    """Split a class into its parts, without brackets and quotes; a decimal comma is none."""
    inner = BRACKETS.fullmatch(name.strip())
    parts = [part.strip(" \"'") for part in (inner[1] if inner else name).split(separator)]
    return [name] if not all(parts) or DECIMAL.fullmatch(name.strip()) else parts
