"""Folders in which each file is one of a kind, called as the file is: sources, models, scores, rules, sections.

The names are known from the folder alone. To load a file may load torch or cleanlab, which takes seconds.
"""

import importlib
import pkgutil
from types import ModuleType


def list_names(package: ModuleType) -> list[str]:
    """Return the names of the files of a package, from A to Z."""
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def load(package: ModuleType, name: str) -> ModuleType:
    """Return the module of that name."""
    return importlib.import_module(f"{package.__name__}.{name}")
