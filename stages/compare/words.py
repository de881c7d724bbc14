"""Says in sentences whether cleaning helped, and where that cannot be told."""

from typing import Any

from stages.compare.interval import Verdict
from stages.compare.rows import Rows
from stages.compare.spread import FEWEST

Measured = dict[str, Any]
SAID = {Verdict.BETTER: "cleaning helped", Verdict.WORSE: "cleaning harmed", Verdict.UNCLEAR: "cannot tell"}
SCORES = {"accuracy": "accuracy, %", "log_loss": "log loss"}
UNITS = ("accuracy in percentage points", "log loss")
HEADLINES = {"drawn": "on all rows", "untouched": "on untouched rows", "decided": "on the rows that people decided on"}
LIMITS = {
    "drawn": "Drawn at random, so that they stand for all rows from which they were drawn, doubtful or not. As good as "
    "the people who judged them.",
    "decided": "These rows only: people decided on most of them because a model trained on the given labels doubted "
    "them, and saw what it suggested. They are harder than others, and what is gained here is not gained on "
    "all rows.",
    "untouched": "Scored against the labels as they were given, which nobody changed and which may be wrong. Wrong "
    "ones hide a part of any gain; if they are wrong in the same way as those that were cleaned elsewhere, they favour "
    "the given labels.",
}


def write_about(rows: Rows, sets: Measured) -> Measured:
    """Return what each set is, what it shows and what it does not say, and the whole in a line.

    Parameters
    ----------
    rows : Rows
        The rows.
    sets : dict
        As `measure_sets` returns them, which this returns, too.
    """
    about = {name: {**measured, **write_set(name, measured, rows)} for name, measured in sets.items()}
    return {"headline": write_headline(sets), "sets": about}


def write_set(name: str, measured: Measured, rows: Rows) -> Measured:
    """Return the sentences on one set of rows, and its scores as cells: name, numbers, verdict."""
    has_scores = "accuracy" in measured
    lines = [write_line(score, measured[score]) for score in SCORES] if has_scores else []
    few = f"Cannot tell: it takes {FEWEST} rows at least." if measured["rows"] and not has_scores else ""
    return {"title": write_title(name, measured["rows"], rows), "lines": lines, "shown": few, "limit": LIMITS[name]}


def write_title(name: str, count: int, rows: Rows) -> str:
    """Say which rows a set has, or why it has none."""
    named = f"{count:,} {'row' if count == 1 else 'rows'}"
    if name == "drawn":
        if rows.sample.lack:
            return f"All rows: {rows.sample.lack}"
        return f"All {rows.sample.stands_for:,} rows, estimated from {named}, {rows.sample.drawn:,} drawn at random"
    if name == "decided":
        return f"The {named} on which people decided"
    if not rows.splits:
        return "No split is untouched: there are none, or labels were changed in each"
    return f"{named} of the untouched {'split' if len(rows.splits) == 1 else 'splits'} {', '.join(rows.splits)}"


def write_line(name: str, score: Measured) -> list[str]:
    """Return a score's cells: its name, the score on either labels, the difference, its interval, and the verdict."""
    given, cleaned = (write_number(name, score[key]) for key in ("given", "cleaned"))
    difference, low, high = (write_number(name, score[key], "+") for key in ("difference", "low", "high"))
    return [SCORES[name], given, cleaned, difference, f"{low} to {high}", SAID[score["verdict"]] + write_reason(score)]


def write_number(name: str, value: float, sign: str = "") -> str:
    """Write a score or a difference: percentages with two digits, losses with four."""
    return f"{100 * value:{sign}.2f}" if name == "accuracy" else f"{value:{sign}.4f}"


def write_reason(score: Measured) -> str:
    """Say why nothing can be told, if so."""
    if score["verdict"] != Verdict.UNCLEAR:
        return ""
    return ": the interval holds 0" if score["low"] <= 0 <= score["high"] else ": a few rows make the difference"


def write_headline(sets: Measured) -> str:
    """Return a line on the set that says most: all rows, or else an untouched split, or else the decided rows."""
    for name, where in HEADLINES.items():
        if "accuracy" in sets.get(name, {}):
            lines = (write_line(score, sets[name][score]) for score in SCORES)
            said = (f"{change} ({interval}), {verdict}" for _, _, _, change, interval, verdict in lines)
            return f"{where}: {'; '.join(f'{name} {each}' for name, each in zip(UNITS, said, strict=True))}"
    return f"cannot tell: there are no {FEWEST} rows whose label people judged, or that are of an untouched split"
