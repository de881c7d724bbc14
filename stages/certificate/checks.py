"""How reviewers did on rows that were shown to measure them: ``data/<dataset>/certificate/checks.csv``.

Some drawn rows come a second time, ``again``, and rows whose label was turned on purpose are mixed in, ``known``. What
people say of these is written here and is no decision: no label ever follows from it.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from stages.artifacts.decisions import Verdict, to_time
from stages.artifacts.files import replacing
from stages.command.errors import InputError

FILE = "checks.csv"
Kind = Literal["again", "known"]


@dataclass(frozen=True)
class Check:
    """A line of checks.csv.

    Attributes
    ----------
    id : str
        The row.
    kind : str
        ``again`` or ``known``.
    shown_label : str
        The label that the reviewer saw: of a known row, the wrong one that it was turned to.
    decision, label, reviewer, time : str
        What they said, as a decision has it.
    of : str
        The plan during which they were asked: the first digits of its ``order``.
    """

    id: str
    kind: str
    shown_label: str
    decision: str
    label: str
    reviewer: str
    time: str
    of: str

    @property
    def moment(self) -> datetime:
        """When it was; `read_checks` lets no other time pass."""
        time = to_time(self.time)
        assert time is not None
        return time


COLUMNS = tuple(Check.__dataclass_fields__)


def read_checks(folder: Path) -> list[Check]:
    """Read the checks in a data set's folder, each once, by time; none if there is no file.

    Raises
    ------
    InputError
        With a line for each line that is damaged.
    """
    path = folder / "certificate" / FILE
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise InputError(f"{path} line 1: must be {','.join(COLUMNS)}; bring it back with git")
            rows = [(reader.line_num, row) for row in reader]
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a CSV file in UTF-8 ({error}); bring it back with git") from None
    if flaws := [
        f"{path} line {line}: {flaw}; bring it back with git" for line, row in rows for flaw in _find_flaws(row)
    ]:
        raise InputError("\n".join(flaws))
    # a merge may have kept a line of both files
    return sorted({Check(**row) for _, row in rows}, key=lambda check: (check.time, check.id, check.reviewer))


def ensure_checks(folder: Path) -> None:
    """Write a file without checks, if a data set's folder has none."""
    path = folder / "certificate" / FILE
    if not path.exists():
        with replacing(path) as (partial,):
            partial.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")


def _find_flaws(row: dict[str, str]) -> Iterable[str]:
    if None in row or None in row.values():
        yield f"not {len(COLUMNS)} cells"
    elif row["kind"] not in get_args(Kind) or row["decision"] not in list(Verdict) or not to_time(row["time"]):
        yield f"kind {row['kind']!r}, decision {row['decision']!r} or time {row['time']!r} is not one"
