"""Runs a stage as a command: one argument, one line that says what came out, one line for a mistake."""

import argparse
import difflib
import re
import sys
from collections.abc import Callable, Iterable
from itertools import islice
from typing import NoReturn

EXIT_MISTAKE = 2
EXIT_INTERRUPTED = 130
SHOWN = 5


class InputError(Exception):
    """Something the user can mend; its text says what is wrong, where, and how to mend it."""


def run_stage(name: str, stage: Callable[[str], str]) -> None:
    """Run ``stage`` on the data set named on the command line and print the line it returns.

    Parameters
    ----------
    name : str
        The stage's name, put before each line printed.
    stage : callable
        Takes the data set's name and returns one line for the user.
    """
    parser = argparse.ArgumentParser(prog=f"python -m stages.{name}", allow_abbrev=False)
    parser.add_argument("dataset", help="a name in params.yaml, for instance digits")
    dataset = parser.parse_args().dataset
    try:
        check_name(dataset)
        print(f"{name}: {dataset}: {stage(dataset)}")
    except InputError as error:
        fail(f"{name}: {dataset}", str(error))
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except MemoryError as error:
        fail(f"{name}: {dataset}", f"not enough memory ({error}); ask for less in params.yaml, or use a larger machine")
    except OSError as error:
        fail(f"{name}: {dataset}", f"{_describe(error)}; mend this and run the command again, nothing half is left")


def check_name(dataset: str) -> None:
    """Refuse a data set's name that could not be a folder's."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", dataset):
        raise InputError(
            f"{dataset!r} cannot name a data set: use letters, digits, '-' and '_', as its block in params.yaml"
        )


def some(names: Iterable[object]) -> str:
    """Name the first few of many."""
    first = [one_line(name) for name in islice(names, SHOWN + 1)]
    return ", ".join(first[:SHOWN]) + (", …" if len(first) > SHOWN else "")


def suggest(name: str, known: Iterable[object]) -> str:
    """Return the known name that a wrong one is likely meant to be, in words to put after it, or nothing."""
    by_lower = {one_line(other).lower(): one_line(other) for other in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f" (did you mean '{by_lower[close[0]]}'?)" if close else ""


def one_line(name: object) -> str:
    """Return a name as it is, or as Python writes it where it holds a line break or other signs that do not show."""
    text = str(name)
    return text if text.isprintable() else repr(text)


def fail(where: str, message: str) -> NoReturn:
    """Print each line of ``message`` to standard error and leave with the code for a mistake."""
    for line in message.splitlines():
        print(f"{where}: error: {line}", file=sys.stderr)
    sys.exit(EXIT_MISTAKE)


def _describe(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else f"a file could not be read or written: {reason}"
