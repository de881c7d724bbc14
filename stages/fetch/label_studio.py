"""Reads what annotators chose in Label Studio from its JSON export, in which a task may have several annotations."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from stages.artifacts.annotations import COLUMNS
from stages.fetch.raw import SourceError

# where the id of a row may stand among a task's data, after the column that fetch.id names
IDS = ("row_id", "id")
EXPORT_JSON = "export the project from Label Studio as JSON"


def read_export(path: Path, id_column: str | None) -> pd.DataFrame:
    """Return the choices of all annotators, a row for each, with the columns id, annotator, label, time.

    Skipped annotations, and those without a choice, are left out.

    Parameters
    ----------
    path : Path
        The export, as JSON.
    id_column : str or None
        What of a task's data is the id of its row; `IDS` otherwise.

    Raises
    ------
    SourceError
        If it is no such export, a task has no id, or an annotation has several choices.
    """
    try:
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"not JSON ({error}); {EXPORT_JSON}") from error
    if not isinstance(tasks, list) or not all(isinstance(task, dict) and "annotations" in task for task in tasks):
        raise SourceError(f"not a list of tasks with annotations; {EXPORT_JSON}")
    names = [*([id_column] if id_column else []), *IDS]
    return pd.DataFrame((line for task in tasks for line in _read_task(task, names)), columns=COLUMNS, dtype="str")


def _read_task(task: dict[str, Any], names: list[str]) -> Iterator[tuple[str, str, str, str]]:
    number, data = task.get("id"), task.get("data") or {}
    row_id = next((str(data[name]) for name in names if data.get(name) is not None), None)
    if row_id is None:
        raise SourceError(f"task {number}: its data has no {', '.join(names)}; name the one that is the id in fetch.id")
    for annotation in task["annotations"] or []:
        chosen = [] if annotation.get("was_cancelled") else _list_choices(annotation)
        if len(chosen) > 1:
            raise SourceError(f"task {number}: {', '.join(chosen)} chosen by one annotator; a row has one label here")
        if chosen:
            time = annotation.get("updated_at") or annotation.get("created_at") or ""
            yield row_id, _name_annotator(annotation.get("completed_by")), chosen[0], time


def _list_choices(annotation: dict[str, Any]) -> list[str]:
    values = [result.get("value") or {} for result in annotation.get("result") or []]
    return [str(choice) for value in values for choice in value.get("choices") or []]


def _name_annotator(who: Any) -> str:
    """Return the e-mail address if the export has it, else the number."""
    known = (who.get("email") or who.get("id")) if isinstance(who, dict) else who
    return f"label-studio:{known}" if isinstance(known, int) else str(known or "")
