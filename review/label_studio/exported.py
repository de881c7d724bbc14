"""Reads what annotators answered in Label Studio, from its JSON or JSON_MIN export."""

import json
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from review.sent import to_line
from stages.artifacts.decisions import Verdict, to_time
from stages.artifacts.label_studio import LABEL
from stages.command.errors import InputError

# the other controls of the labeling configuration, and the choices of the first
INSTEAD, NOTE = "instead", "note"
ALTERNATIVES = {"remove this example": Verdict.REMOVE, "not sure": Verdict.UNSURE}
KINDS = {LABEL: "choices", INSTEAD: "choices", NOTE: "text"}


# what was left empty is null in some exports, and not there in others
NULL_IS_NONE = BeforeValidator(lambda value: [] if value is None else value)
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]


class Record(BaseModel):
    """What Label Studio writes; numbers may stand for text, as after a way through a table."""

    model_config = ConfigDict(coerce_numbers_to_str=True)


class Row(Record):
    """The data of a task, as it was exported to Label Studio."""

    dataset: str
    row_id: str
    given_label: str
    suggested_label: Text = ""
    label_quality: float | None = None


class Result(Record):
    """What was entered in one control."""

    from_name: Text = ""
    value: Annotated[dict[str, Any], BeforeValidator(lambda value: {} if value is None else value)] = {}


class Person(Record):
    """Who answered."""

    id: int
    email: Text = ""


class Annotation(Record):
    """One person's answer."""

    id: int | str | None = None
    result: Annotated[list[Result], NULL_IS_NONE] = []
    completed_by: Person | int | str | None = None
    was_cancelled: bool | None = False
    created_at: str | None = None
    updated_at: str | None = None

    def entered(self, control: str) -> list[str]:
        """Return what was entered in one control, in the order of entry."""
        values = [result.value.get(KINDS[control]) for result in self.result if result.from_name == control]
        items = [item for value in values for item in (value if isinstance(value, list) else [value])]
        return [str(item) for item in items if item is not None]

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
        return f"label-studio:{who}" if isinstance(who, int) else to_line(who or "")

    @property
    def note(self) -> str:
        """What was written beside the choice, on one line."""
        return to_line(" ".join(self.entered(NOTE)))


class Task(Record):
    """A row and everybody's answers."""

    id: int | str | None = None
    data: Row
    annotations: Annotated[list[Annotation], NULL_IS_NONE] = []

    @property
    def answers(self) -> list[Annotation]:
        """The annotations that were not cancelled, which is what Label Studio calls skipped."""
        return [annotation for annotation in self.annotations if not annotation.was_cancelled]


class Export(NamedTuple):
    """What an export holds.

    Attributes
    ----------
    tasks : list of Task
        Those that can be read and have an annotation.
    left : dict of str to list of str
        Why others cannot be read, and their numbers.
    unanswered : int
        The number of those without an annotation: drafts and predictions are none.
    """

    tasks: list[Task]
    left: dict[str, list[str]]
    unanswered: int


def read_export(path: Path) -> Export:
    """Return the tasks of an export.

    Parameters
    ----------
    path : Path
        Exported by Label Studio as JSON (a record for each task) or as JSON_MIN (a record for each annotation).

    Raises
    ------
    InputError
        If the file is anything else.
    """
    try:
        exported = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; name a file that Label Studio has exported") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON ({error}); export the project from Label Studio as JSON") from None
    if not isinstance(exported, list):
        raise InputError(f"{path}: not a list of tasks; export the project from Label Studio as JSON")
    tasks: list[Task] = []
    left: dict[str, list[str]] = {}
    unanswered = 0
    for record in map(_widen, exported):
        if isinstance(record, dict) and not record.get("annotations"):
            unanswered += 1
            continue
        try:
            tasks.append(Task.model_validate(record))
        except ValidationError as error:
            number = record.get("id") if isinstance(record, dict) else None
            left.setdefault(_why(error), []).append("without a number" if number is None else str(number))
    return Export(tasks, left, unanswered)


def _why(error: ValidationError) -> str:
    """Return why a record is not a task with answers that can be read."""
    first = error.errors()[0]
    if first["loc"][:1] != ("annotations",):
        return "not from `python -m review export label-studio`"
    return f"with an annotation that cannot be read ({'.'.join(map(str, first['loc'][2:]))}: {first['msg']})"


def _widen(record: Any) -> Any:
    """Bring a record of JSON_MIN, an annotation with its task's data beside it, into the form of JSON."""
    if not isinstance(record, dict) or "annotation_id" not in record:
        return record
    task: dict[str, Any] = {"id": record.get("id"), "data": record, "annotations": []}
    if record["annotation_id"] is None:
        return task
    result = []
    for name, kind in KINDS.items():
        entered = record.get(name)
        result.append({"from_name": name, "value": entered if isinstance(entered, dict) else {kind: entered}})
    answer = {"id": record["annotation_id"], "completed_by": record.get("annotator"), "result": result}
    times = {name: record.get(name) for name in ("created_at", "updated_at")}
    return task | {"annotations": [answer | times]}
