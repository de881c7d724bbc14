"""What a person should know of the data before the labels: ``remarks.json`` in ``data/<dataset>/prepared``.

``preprocess`` leaves it where there is something to say: of columns whose cells are not all of one kind, or that tell
the labels by themselves, and of the names of classes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from stages.artifacts.files import read_json, write_json

FILE = "remarks.json"


class Remark(NamedTuple):
    """A remark, and the name of the column that it is about; none if it is about the labels."""

    column: str | None
    text: str

    def __str__(self) -> str:
        return self.text if self.column is None else f"{self.column!r}: {self.text}"


def write_remarks(prepared: Path, remarks: Sequence[Remark]) -> None:
    """Write the remarks, if there are any."""
    if remarks:
        write_json(prepared / FILE, [remark._asdict() for remark in remarks])


def read_remarks(prepared: Path) -> list[Remark]:
    """Read the remarks; none if there is no file."""
    path = prepared / FILE
    return [Remark(each["column"], each["text"]) for each in read_json(path)] if path.exists() else []
