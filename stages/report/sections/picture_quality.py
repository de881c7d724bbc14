"""Pictures that were taken badly."""

from typing import Any

from stages.report.cards import describe_found
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 75
TITLE = "Picture quality"
# so that the kind with the most pictures does not fill the section
SHOWN = 12
MEANING = {
    "dark": "hardly anything in them is brighter than a dark grey",
    "bright": "most of them is white, with nothing drawn there",
    "blurred": "even their sharpest edges are soft",
    "little information": "they are nearly of one colour",
    "odd size": "they have far fewer or far more pixels than the others",
    "odd shape": "they are long and narrow",
}


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return the worst pictures of each kind, the kind with the most pictures first, if there are any."""
    found = results.trouble.picture_quality
    kinds = [
        {
            "name": str(kind),
            "meaning": MEANING.get(str(kind), ""),
            "count": count,
            "worst": describe_found(results, found[found["kind"] == kind].head(min(SHOWN, settings.top))),
        }
        for kind, count in found["kind"].value_counts().items()
    ]
    return {"kinds": kinds} if kinds else None
