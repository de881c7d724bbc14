"""What each column of a table was read as."""

from typing import Any

import numpy as np

from stages.artifacts.files import data_folder, load_array, read_json
from stages.artifacts.remarks import read_remarks
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 85
TITLE = "Columns"
LEFT_OUT = "left out"


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return a line for each column: its kind, how many cells are missing, what the others are, and remarks."""
    if results.examples.kind != "table":
        return None
    prepared = data_folder(results.dataset) / "prepared"
    remarks: dict[str | None, list[str]] = {}
    for name, text in read_remarks(prepared):
        remarks.setdefault(name, []).append(text)
    described, features = read_json(prepared / "columns.json"), load_array(prepared / "features.npy")
    kinds = {column["name"]: {**column, "values": values} for column, values in zip(described, features.T, strict=True)}
    names = results.examples.columns
    lines = [_describe_column(kinds.get(name)) | {"name": name, "remarks": remarks.get(name, [])} for name in names]
    return {"lines": lines[: settings.top], "n_columns": len(names)}


def _describe_column(column: dict[str, Any] | None) -> dict[str, Any]:
    if column is None:
        return {"kind": LEFT_OUT, "missing": None, "range": ""}
    there = column["values"][~np.isnan(column["values"])]
    return {"kind": column["kind"], "missing": len(column["values"]) - len(there), "range": _write_range(column, there)}


def _write_range(column: dict[str, Any], there: np.ndarray) -> str:
    """Say how many categories there are, or from where to where numbers and dates go."""
    if column["kind"] == "categorical":
        return f"{len(column['categories']):,} different"
    if column["kind"] == "boolean" or not len(there):
        return ""
    ends = [there.min(), there.max()]
    if column["kind"] == "date":
        return " to ".join(str(np.datetime64("1970-01-01") + np.timedelta64(int(end // 1), "D")) for end in ends)
    return " to ".join(f"{end:.6g}" for end in ends)
