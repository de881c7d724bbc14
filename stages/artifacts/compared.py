"""Whether cleaning helped: ``reports/<dataset>/compared.json``, empty for a data set that is not compared."""

from typing import Any

from stages.artifacts.files import read_json, report_folder


def read_compared(dataset: str) -> dict[str, Any]:
    """Read compared.json. The result is empty if the data set is not compared, or if the file is missing."""
    path = report_folder(dataset) / "compared.json"
    compared: dict[str, Any] = read_json(path) if path.exists() else {}
    return compared
