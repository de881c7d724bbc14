"""Rows that are in the data set more than once."""

from typing import Any

from stages.report.cards import describe_found
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 60
TITLE = "Duplicates"
MEMBERS_SHOWN = 12


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return the sets of duplicates, or that rows were not compared."""
    trouble = results.trouble
    if trouble.compared and not trouble.n_sets:
        return None
    return {"trouble": trouble, "duplicates": _list_sets(results, settings.top)}


def _list_sets(results: Results, top: int) -> list[dict[str, Any]]:
    sets = []
    for _, members in list(results.trouble.duplicates.groupby("set", sort=False))[:top]:
        first = members.iloc[0]
        sets.append({
            "size": len(members),
            "kind": first["kind"],
            "labels_differ": first["labels_differ"],
            "splits": sorted({*members["split"]} - {""}) if first["splits_differ"] else [],
            "members": describe_found(results, members.head(MEMBERS_SHOWN)),
        })  # fmt: skip
    return sets
