"""How well labels that were flipped on purpose were found."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from stages.artifacts.files import data_folder, read_json, read_table, report_folder
from stages.artifacts.trust import Worth
from stages.report.results import Results
from stages.report.settings import Settings
from stages.report.yield_curve import draw_yield_curve

ORDER = 40
TITLE = "Audit"


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return audit.json, which is empty if the data set is not audited."""
    return {"audit": read_audit(results.dataset)}


def draw_audit(results: Results) -> Figure | None:
    """Show how many errors the worst rows were expected to hold, and how many flips they did, if both are known."""
    audit = read_audit(results.dataset)
    if not audit or results.trust.verdict == Worth.WORTHLESS or "expected" not in audit["yield"]:
        return None
    curve = read_table(data_folder(results.dataset) / "audited" / "curve.csv").astype(float)
    found = pd.Series(curve["found"].to_numpy(), index=curve["rows"])
    return draw_yield_curve(curve, int(found.index[-1]), found, "flips", mark=audit["flipped"], mark_name="flipped")


def read_audit(dataset: str) -> dict[str, Any]:
    """Read audit.json. The result is empty if the data set is not audited, or if the file is missing."""
    path = report_folder(dataset) / "audit.json"
    audit: dict[str, Any] = read_json(path) if path.exists() else {}
    return audit


FIGURES = {"audit": draw_audit}
