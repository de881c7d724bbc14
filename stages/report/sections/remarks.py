"""What to know of columns and class names before any label."""

from typing import Any

from stages.artifacts.files import data_folder
from stages.artifacts.remarks import read_remarks
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 5
TITLE = "Look at the data first"


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return what ``preprocess`` remarked, if it did."""
    remarks = read_remarks(data_folder(results.dataset) / "prepared")
    return {"remarks": remarks[: settings.top], "n_remarks": len(remarks)} if remarks else None
