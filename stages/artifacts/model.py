"""How far the model may be believed: the verdict that ``find_issues`` leaves in ``quality/model.json``."""

from pathlib import Path

from stages.artifacts.files import read_json
from stages.command.errors import InputError

# its flags are probably errors; they are a ranking to look at; they mean nothing
GOOD, WEAK, WORTHLESS = "good", "weak", "worthless"


def read_model_verdict(folder: Path) -> str:
    """Return how far the model may be believed, from a data set's folder.

    Raises
    ------
    InputError
        If the file is missing, damaged, or does not say so.
    """
    path = folder / "quality" / "model.json"
    about = read_json(path)
    verdict = about.get("verdict") if isinstance(about, dict) else None
    if verdict not in (GOOD, WEAK, WORTHLESS):
        raise InputError(f"{path}: verdict must be {GOOD}, {WEAK} or {WORTHLESS}; `dvc repro` makes the file")
    return str(verdict)
