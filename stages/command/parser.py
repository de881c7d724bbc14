"""Parses a command line, and tells a mistake in it as the commands tell theirs: in one line."""

import argparse
from typing import Any, NoReturn

from stages.command.errors import fail


class Parser(argparse.ArgumentParser):
    """A parser that takes options by their whole names, and whose mistakes are one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        """Leave with the code for a mistake."""
        # of ``python -m stages.fetch``, as stages begin their lines
        name = self.prog.split()[2].removeprefix("stages.")
        fail(name, f"{message}; see `{self.prog} --help`")
