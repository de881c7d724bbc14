"""Shares the rows out among several people, by the ids alone: people in different places get different rows."""

import argparse
import re
from dataclasses import dataclass
from hashlib import blake2b


@dataclass(frozen=True)
class Dealing:
    """How the rows are shared out.

    Attributes
    ----------
    part, parts : int
        Whose rows the page shows, from 1 on, of how many parts; 0 and 0 for all rows, unless somebody takes a part on
        the page.
    overlap : float
        The share of the rows that everybody gets, from 0 to below 1.
    """

    part: int = 0
    parts: int = 0
    overlap: float = 0.0


ALL_ROWS = Dealing()


def place_of(row_id: str) -> float:
    """Return a number from 0 to below 1 that an id always has: the first ones are everybody's, the others are dealt."""
    return int.from_bytes(blake2b(row_id.encode(), digest_size=4).digest(), "big") / 2**32


def read_part(text: str) -> tuple[int, int]:
    """Return the part that a text such as 1/2 names, and of how many."""
    found = re.fullmatch(r"(\d{1,3})/(\d{1,3})", text, re.ASCII)
    part, parts = (int(number) for number in found.groups()) if found else (0, 0)
    if not 1 <= part <= parts:
        raise argparse.ArgumentTypeError(f"{text!r} is no part; the first of two is 1/2, the second 2/2")
    return part, parts
