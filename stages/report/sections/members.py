"""How good each of several models is, if several were averaged."""

from pathlib import Path
from typing import Any

from stages.artifacts.files import data_folder, read_table
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 130
TITLE = "Models"


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return the models that were averaged, if there were several."""
    members = read_members(data_folder(results.dataset) / "predictions")
    return {"members": members} if members else None


def read_members(predictions: Path) -> list[dict[str, Any]]:
    """Return the rows of members.csv, with numbers as numbers: none if one model was trained, or nothing."""
    path = predictions / "members.csv"
    rows = read_table(path).to_dict("records") if path.exists() else []
    return [{str(name): cell if name == "member" else float(cell) for name, cell in row.items()} for row in rows]
