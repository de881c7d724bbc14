"""Refuses to touch a data set while DVC works on it."""

from stages.artifacts.files import data_folder
from stages.command.at_work import list_work
from stages.command.errors import InputError


def refuse_busy(name: str) -> None:
    """Raise InputError if a stage of the data set runs."""
    work = next((work for work in list_work() if f"{data_folder(name)}/" in work.path), None)
    if work:
        raise InputError(
            f"a DVC command works on '{name}' (process {work.pid}: {work.command}); wait until it is done, or stop it"
        )
