"""Looks after the file of decisions while a page is open: what others took out of it, and how far people agree."""

from typing import Any

from review.log import Log
from stages.artifacts.quality import bound_share


def describe_log(log: Log) -> dict[str, Any]:
    """Return how the file is damaged, how many lines that were written here are gone, and how far people agree."""
    damage = log.find_damage()
    lost = 0 if damage else len(log.find_lost())
    return {"damage": damage, "lost": lost, "agreement": _measure_agreement(log)}


def mend_log(log: Log, *, again: bool) -> int:
    """Write what is gone again, and return how many lines that were; or leave it out from now on."""
    if again:
        return log.restore()
    log.lost.forget()
    return 0


def _measure_agreement(log: Log) -> dict[str, Any] | None:
    rows, same = log.count_agreed()
    if not rows:
        return None
    low, high = bound_share(same, rows)
    return {"rows": rows, "same": same, "low": float(low), "high": float(high)}
