"""Finds the scores and the flag rules: each file in scores/ and rules/ is one, called as the file is.

The names are known from the folder alone. To load a file may load cleanlab, which takes seconds.
"""

import importlib
import pkgutil
from types import ModuleType

from stages.command.errors import suggest


def list_names(package: ModuleType) -> list[str]:
    """Return the names of the files of a package, from A to Z."""
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def check_name(package: ModuleType, name: str) -> str:
    """Return the name of a file of a package.

    Raises
    ------
    ValueError
        With all names, if there is no such file.
    """
    if name in (names := list_names(package)):
        return name
    raise ValueError(f"give one of {', '.join(names)}{suggest(name, names)}")


def load(package: ModuleType, name: str) -> ModuleType:
    """Return the module of that name."""
    return importlib.import_module(f"{package.__name__}.{name}")


def list_audited(package: ModuleType) -> list[str]:
    """Return the names that the audit compares, in the order in which it lists them."""
    places = {name: load(package, name).AUDIT_PLACE for name in list_names(package)}
    return sorted((name for name, place in places.items() if place is not None), key=lambda name: places[name])
