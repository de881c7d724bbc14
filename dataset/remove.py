"""Takes a data set out: all that names it and all that was made of it, but for what people decided."""

import shutil
from pathlib import Path

from dataset import places
from dataset.asking import confirm, is_terminal
from dataset.busy import refuse_busy
from dataset.listing import read_standing
from stages.artifacts.files import data_folder, report_folder
from stages.artifacts.source import LISTED, keep_listed
from stages.command.errors import InputError
from stages.command.params import PARAMS_FILE, find_block

# what people did, and no run brings back
KEPT = ("decisions.csv", "certificate")


def remove(name: str, *, is_sure: bool) -> str:
    """Take a data set out, and return what is left of it.

    Parameters
    ----------
    name : str
        Its name.
    is_sure : bool
        Whether to go on without asking.

    Raises
    ------
    InputError
        If there is none, or nobody says that it shall be removed.
    """
    find_block(name)
    refuse_busy(name)
    before = places.read_both()
    after = places.remove(before, name)
    decided = len(read_standing(name))
    if not is_sure:
        said = (
            f"'{name}' leaves params.yaml and dvc.yaml, and what was made of it is removed; {decided:,} decisions stay"
        )
        if not is_terminal():
            raise InputError(f"{said}; say --yes")
        if not confirm(f"{said}. Remove it?"):
            return "nothing is changed"
    places.write_both(before, after)
    if LISTED.exists():
        keep_listed(name, False)
    kept = clear(data_folder(name))
    shutil.rmtree(report_folder(name), ignore_errors=True)
    left = f"; {' and '.join(map(str, kept))} stay, as people's decisions ({decided:,}) are there" if kept else ""
    return f"removed: '{name}' from {PARAMS_FILE} and {places.PIPELINE_FILE}, and data/{name} and reports/{name}{left}"


def clear(folder: Path) -> list[Path]:
    """Remove what lies in a data set's folder, but for what people did, and return that."""
    kept = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name in KEPT and holds_work(path):
            kept.append(path)
        elif path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    if folder.is_dir() and not kept:
        folder.rmdir()
    return kept


def holds_work(path: Path) -> bool:
    """Say whether a file of decisions, or a folder of a certificate, holds more than its first line, or a plan."""
    if path.is_dir():
        return any(holds_work(file) for file in path.glob("*.csv"))
    with path.open("rb") as file:
        return len(file.readlines(1 << 16)) > 1
