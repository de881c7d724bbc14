"""Reads numbers, plain or as people write them: ``1,234.50``, ``1.234,50``, ``$12``, ``12 %``."""

import re

import numpy as np
import pandas as pd

from stages.command.errors import InputError
from stages.preprocess.reading import Cells, Reading

POINT, COMMA = ".", ","
# The squares of larger numbers, summed over the rows, may be too large for a float.
LARGEST = 1e100
# other signs for the same: blanks, minus and apostrophe
SAME = str.maketrans("\u00a0\u2009\u202f−’", "   -'")
CURRENCY = "[$¢£¤¥฿\u20a0-\u20cf]|USD|EUR|GBP|CHF|JPY|CNY|INR"
WRITTEN = """
    (?P<sign>[+-]?)[ ]?(?P<before>{currency}|)[ ]?(?P<inner>[+-]?)
    (?P<whole>[1-9][0-9]{{0,2}}(?P<thousands>[{thousands}' ])[0-9]{{3}}(?:(?P=thousands)[0-9]{{3}})*|[0-9]*)
    (?:[{decimal}](?P<fraction>[0-9]*))?(?P<exponent>(?:[eE][+-]?[0-9]{{1,3}})?)
    [ ]?(?P<after>{currency}|)(?P<percent>%?)
"""
PATTERNS = {
    decimal: re.compile(WRITTEN.format(currency=CURRENCY, thousands=thousands, decimal=decimal), re.VERBOSE)
    for decimal, thousands in ((POINT, COMMA), (COMMA, POINT))
}


def read_plain(cells: Cells) -> Reading:
    """Read numbers as computers write them."""
    values = pd.to_numeric(pd.Series(cells.texts, dtype="str"), errors="coerce")
    return Reading("numeric", cells, values.to_numpy(dtype=np.float64))


def read_written(cells: Cells, decimal: str, *, said: bool) -> Reading:
    """Read numbers with signs for the decimals, the thousands, a currency, or per cent.

    A column has one currency and one sign for thousands, and per cent in all cells or in none: otherwise its numbers
    are not of one unit, none of them is read, and that is said.

    Parameters
    ----------
    cells : Cells
        The different cells of a column.
    decimal : str
        The decimal sign, ``.`` or ``,``; the other one may be that for thousands.
    said : bool
        Whether the user knows of it.
    """
    matches = {text: PATTERNS[decimal].fullmatch(text.translate(SAME)) for text in cells.texts}
    found = {text: match for text, match in matches.items() if match and _is_number(match)}
    signs = {name: {match[name] for match in found.values()} - {"", None} for name in ("thousands", "percent")}
    signs["currency"] = {match["before"] or match["after"] for match in found.values()} - {""}
    percents = sum(bool(match["percent"]) for match in found.values())
    is_mixed = any(len(each) > 1 for each in signs.values()) or 0 < percents < len(found)
    values = [_to_number(found[text]) if text in found and not is_mixed else np.nan for text in cells.texts]
    how = _describe_mixed(cells, found) if is_mixed else _describe("" if said else decimal, signs, found)
    return Reading("numeric", cells, np.array(values, dtype=np.float64), how)


def check_size(name: str, reading: Reading) -> np.ndarray:
    """Return the values, or raise InputError if some are infinite, or too large for a model."""
    large = np.abs(reading.values) > LARGEST
    if large.any():
        infinite = np.isinf(reading.values)
        wrong = reading.cells.take(infinite if infinite.any() else large)
        what = "infinite value(s)" if infinite.any() else f"value(s) beyond {LARGEST:g}, too large for a model,"
        raise InputError(
            f"raw/rows.csv: {wrong.counts.sum():,} {what} in column {name!r}; mend them at the source, name them in "
            f"preprocess.missing ({wrong.name()}), or set the column to leave_out in preprocess.columns"
        )
    return reading.values


def _is_number(match: re.Match[str]) -> bool:
    is_twice = (match["sign"] and match["inner"]) or (match["before"] and match["after"])
    return bool(match["whole"] or match["fraction"]) and not is_twice


def _to_number(match: re.Match[str]) -> float:
    whole = match["whole"].replace(match["thousands"] or " ", "")
    return float(f"{match['sign']}{match['inner']}{whole}.{match['fraction'] or '0'}{match['exponent']}")


def _describe(decimal: str, signs: dict[str, set[str]], found: dict[str, re.Match[str]]) -> str:
    """Say which signs were read as what, with an example that has the most of them."""
    said = [repr(sign) for sign in sorted(signs["currency"] | signs["percent"])]
    said += [f"{sign!r} for thousands" for sign in signs["thousands"]]
    has_decimals = any(match["fraction"] is not None for match in found.values())
    said += [f"{decimal!r} as the decimal sign"] if decimal and has_decimals else []
    if not said:
        return ""
    example = max(found, key=lambda text: (bool(found[text]["thousands"]), len(text), text))
    is_either = not has_decimals and signs["thousands"] & {POINT, COMMA}
    advice = "; if that is the decimal sign, set preprocess.decimal" if is_either else ""
    return f"read as numbers with {', '.join(said)}, such as {example!r}{advice}"


def _describe_mixed(cells: Cells, found: dict[str, re.Match[str]]) -> str:
    """Say that the cells are numbers of several units, if most of them are."""
    numbers = cells.take(cells.are_among(found))
    if 2 * numbers.counts.sum() <= cells.counts.sum():
        return ""
    return f"numbers of several units ({numbers.name()}) are not read; bring them to one at the source"
