"""Reads what annotators answered in Label Studio, from its JSON or JSON_MIN export."""

import json
from datetime import UTC
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from stages.artifacts.decisions import Verdict, to_time
from stages.command.errors import InputError

# the controls of the labeling configuration, and the choices of the second
LABEL, INSTEAD, NOTE = "label", "instead", "note"
ALTERNATIVES = {"remove this example": Verdict.REMOVE, "not sure": Verdict.UNSURE}
KINDS = {LABEL: "choices", INSTEAD: "choices", NOTE: "text"}


class Row(BaseModel):
    """The data of a task, as it was exported to Label Studio."""

    dataset: str
    row_id: str
    given_label: str
    suggested_label: str
    label_quality: float


class Result(BaseModel):
    """What was entered in one control."""

    from_name: str = ""
    value: dict[str, Any] = {}


class Person(BaseModel):
    """Who answered."""

    id: int
    email: str = ""


class Annotation(BaseModel):
    """One person's answer."""

    id: int | str
    result: list[Result]
    completed_by: Person | int | str | None = None
    was_cancelled: bool = False
    created_at: str | None = None
    updated_at: str | None = None

    def entered(self, control: str) -> list[str]:
        """Return what was entered in one control, in the order of entry."""
        values = [result.value.get(KINDS[control], []) for result in self.result if result.from_name == control]
        return [str(item) for value in values for item in (value if isinstance(value, list) else [value])]

    @property
    def time(self) -> str:
        """When it was last changed, in UTC; empty if it is not known."""
        time = to_time(self.updated_at or self.created_at or "")
        return time.astimezone(UTC).isoformat().replace("+00:00", "Z") if time else ""

    @property
    def reviewer(self) -> str:
        """The annotator's e-mail address if the export has it, else the number."""
        who = self.completed_by
        if isinstance(who, Person):
            who = who.email or who.id
        return f"label-studio:{who}" if isinstance(who, int) else who or ""


class Task(BaseModel):
    """A row and everybody's answers."""

    id: int
    data: Row
    annotations: list[Annotation]

    @property
    def answers(self) -> list[Annotation]:
        """The annotations that were not cancelled, which is what Label Studio calls skipped."""
        return [annotation for annotation in self.annotations if not annotation.was_cancelled]


def read_tasks(path: Path) -> list[Task]:
    """Return the tasks of an export.

    Parameters
    ----------
    path : Path
        Exported by Label Studio as JSON (a record for each task) or as JSON_MIN (a record for each annotation).

    Raises
    ------
    InputError
        If the file is anything else, with the first problem in it.
    """
    try:
        exported = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; name a file that Label Studio has exported") from None
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({error}); export the project from Label Studio as JSON") from None
    records = [_widen(record) for record in exported] if isinstance(exported, list) else exported
    try:
        return TypeAdapter(list[Task]).validate_python(records)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "top"
        raise InputError(
            f"{path}: not the tasks that `python -m review export label-studio` makes ({place}: {first['msg']}); "
            "export their project from Label Studio as JSON"
        ) from None


def _widen(record: Any) -> Any:
    """Bring a record of JSON_MIN, an annotation with its task's data beside it, into the form of JSON."""
    if not isinstance(record, dict) or "annotation_id" not in record:
        return record
    task: dict[str, Any] = {"id": record.get("id"), "data": record, "annotations": []}
    if record["annotation_id"] is None:
        return task
    result = []
    for name, kind in KINDS.items():
        entered = record.get(name, [])
        result.append({"from_name": name, "value": entered if isinstance(entered, dict) else {kind: entered}})
    answer = {"id": record["annotation_id"], "completed_by": record.get("annotator"), "result": result}
    times = {name: record.get(name) for name in ("created_at", "updated_at")}
    return task | {"annotations": [answer | times]}
