"""Asks a person what the data do not tell: on a terminal with choices, else by an error that names the option."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stages.command.errors import InputError, one_line

NONE = "none"
SHOWN = 15


@dataclass(frozen=True)
class Asked:
    """What the command line says of a data set.

    Attributes
    ----------
    roles : dict of str to str
        The column that a person named as label, id, group, split or text, or `NONE`.
    pretrained : bool or None
        Whether a pretrained network shall be used; None leaves it to the data.
    keys : dict of str to Any
        Other keys of the block, ``section.key``, and their values.
    """

    roles: dict[str, str] = field(default_factory=dict)
    pretrained: bool | None = None
    keys: dict[str, Any] = field(default_factory=dict)

    def section(self, name: str) -> dict[str, Any]:
        """Return the keys of a section."""
        values: dict[str, Any] = {}
        for path, value in self.keys.items():
            first, *rest = path.split(".")
            if first == name and rest:
                put(values, rest, value)
        return values

    def refuse_roles(self) -> None:
        """Raise InputError if a column is named where there are none."""
        named = [role for role, name in self.roles.items() if name != NONE]
        if named:
            raise InputError(
                f"--{named[0]}: counts only for tables, and this source has no columns to name; leave it out"
            )


def put(values: dict[str, Any], path: list[str], value: Any) -> None:
    """Set a key that may lie in others."""
    for key in path[:-1]:
        inner = values.get(key)
        values[key] = values = dict(inner) if isinstance(inner, dict) else {}
    values[path[-1]] = value


def is_terminal() -> bool:
    """Say whether there is a person to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def choose(question: str, option: str, choices: Mapping[str, str]) -> str:
    """Return one of the choices.

    Parameters
    ----------
    question : str
        What cannot be known.
    option : str
        The option of the command line that says it.
    choices : dict of str to str
        What to say of each.

    Raises
    ------
    InputError
        If nobody is there to ask, with the choices.
    """
    if not is_terminal():
        listed = ", ".join(f"{one_line(name)} ({said})" for name, said in list(choices.items())[:SHOWN])
        more = ", …" if len(choices) > SHOWN else ""
        raise InputError(f"{question} Say {option} NAME; it may be: {listed}{more}")
    print(question)
    for number, (name, said) in enumerate(choices.items(), 1):
        print(f"  {number:>2}  {one_line(name)}: {said}")
    while True:
        answer = _read(f"1 to {len(choices)}, or a name: ")
        if answer in choices:
            return answer
        if answer.isdecimal() and 1 <= int(answer) <= len(choices):
            return list(choices)[int(answer) - 1]


def confirm(question: str) -> bool:
    """Ask for yes or no; no is what an empty answer means."""
    return _read(f"{question} [y/N] ").lower() in ("y", "yes")


def _read(prompt: str) -> str:
    try:
        return input(prompt).strip()
    except EOFError:
        raise InputError("nothing was answered, and nothing is changed") from None
