"""Names the scores and the flag rules: each file in scores/ and rules/ is one, called as the file is."""

from types import ModuleType

from stages.command.errors import suggest
from stages.command.modules import list_names, load


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


def list_audited(package: ModuleType) -> list[str]:
    """Return the names that the audit compares, in the order in which it lists them."""
    places = {name: load(package, name).AUDIT_PLACE for name in list_names(package)}
    return sorted((name for name, place in places.items() if place is not None), key=lambda name: places[name])
