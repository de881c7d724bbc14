"""Tells whether `dvc repro` works on a data set at this moment."""

from stages.artifacts.files import data_folder
from stages.command.errors import InputError
from stages.command.local import local_folder

# where DVC notes what its stages read and write while they run
NOTES = "rwlock"


def refuse_busy(name: str) -> None:
    """Raise InputError if a stage of the data set runs."""
    path = local_folder() / NOTES
    if path.exists() and f"{data_folder(name)}/" in path.read_text(encoding="utf-8"):
        raise InputError(
            f"`dvc repro` works on '{name}'; wait until it is done (if none runs, one was killed: remove {path})"
        )
