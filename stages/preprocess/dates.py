"""Reads dates and times in ISO 8601, from the year 1 to 9999, and recognises others."""

import re
from datetime import date

import numpy as np

from stages.preprocess.reading import Cells, Reading

TIME = (
    r"(?:[T ](?P<hour>[0-9]{2})(?::?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?)?"
    r" ?(?:Z|(?P<zone>[+-])(?P<zone_hour>[0-9]{2})(?::?(?P<zone_minute>[0-9]{2}))?)?)?"
)
PLAIN = re.compile(
    r"(?P<year>[0-9]{4})(?P<between>[-/.])(?P<month>[0-9]{1,2})"
    rf"(?:(?P=between)(?P<day>[0-9]{{1,2}}){TIME}|(?<=-[0-9]{{2}}))"
)
# what looks like a number is a date only in a column that is said to hold dates
COMPACT = re.compile(rf"(?P<year>[0-9]{{4}})(?:(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}}){TIME})?")
MONTHS = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
OTHER = re.compile(
    rf"(?:[0-9]{{1,2}}(?P<between>[./-])[0-9]{{1,2}}(?P=between)(?:[0-9]{{4}}|[0-9]{{2}})"
    rf"|[0-9]{{1,2}}[. -]{{0,2}}{MONTHS}[. ,-]{{0,2}}[0-9]{{2,4}}"
    rf"|{MONTHS}[. ]{{0,2}}[0-9]{{1,2}},? [0-9]{{4}})(?: .*)?",
    re.IGNORECASE,
)
EPOCH = date(1970, 1, 1).toordinal()
DAY, HOUR, MINUTE, SECOND = 86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000


def read_dates(cells: Cells, *, said: bool = False) -> Reading:
    """Read days since 1970, in UTC if no zone is given.

    Parameters
    ----------
    cells : Cells
        The different cells of a column.
    said : bool, optional
        Whether the user says that they are dates: then ``2020`` and ``20200131`` are, too.
    """
    values = [_to_days(PLAIN.fullmatch(text) or (COMPACT.fullmatch(text) if said else None)) for text in cells.texts]
    return Reading("date", cells, np.array(values, dtype=np.float64))


def find_other_dates(cells: Cells) -> np.ndarray:
    """Say of each cell whether it looks like a date that is not in ISO 8601, (m,) bool."""
    return np.array([OTHER.fullmatch(text) is not None for text in cells.texts], dtype=bool)


def _to_days(match: re.Match[str] | None) -> float:
    """Return NaN for a day or a time that there is not."""
    if match is None:
        return np.nan
    try:
        day = date(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1)).toordinal() - EPOCH
    except ValueError:
        return np.nan
    if match["hour"] is None:
        return float(day)
    hour, minute, second, zone_hour, zone_minute = (
        int(match[name] or 0) for name in ("hour", "minute", "second", "zone_hour", "zone_minute")
    )
    if max(hour, zone_hour) > 23 or max(minute, second, zone_minute) > 59:
        return np.nan
    zone = (zone_hour * HOUR + zone_minute * MINUTE) * (-1 if match["zone"] == "-" else 1)
    fraction = int((match["fraction"] or "").ljust(6, "0")[:6])
    return (day * DAY + hour * HOUR + minute * MINUTE + second * SECOND + fraction - zone) / DAY
