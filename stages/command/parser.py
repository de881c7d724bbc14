"""Parses a command line, and tells a mistake in it as the commands tell theirs: in one line."""

import argparse
from typing import NoReturn

from stages.command.errors import fail


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are one line, begun with the command's name: the last word of ``python -m …``."""

    def error(self, message: str) -> NoReturn:
        """Leave with the code for a mistake."""
        name = self.prog.removeprefix("python -m ").split()[0].removeprefix("stages.")
        fail(name, f"{message}; see `{self.prog} --help`")
