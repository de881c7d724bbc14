"""The file of decisions as the review appends to it."""

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

from stages.decisions import COLUMNS, Decision

LOCKS = Path(".dvc") / "tmp"


def append(path: Path, decisions: Sequence[Decision]) -> None:
    """Write decisions to the end of the file, on the disk when this returns, all of them or none."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writerows(vars(decision) for decision in decisions)
    LOCKS.mkdir(parents=True, exist_ok=True)
    with FileLock(LOCKS / f"{path.parent.name}-decisions.lock"), path.open("ab") as file:
        file.write(text.getvalue().encode())
        file.flush()
        os.fsync(file.fileno())
