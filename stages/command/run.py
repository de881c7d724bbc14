"""Runs a stage as a command: one argument, one line that says what came out, one line for a mistake."""

import re
import signal
import sys
from collections.abc import Callable

from stages.command.errors import EXIT_INTERRUPTED, InputError, describe_failure, fail, printable
from stages.command.parent import end_with_stdin
from stages.command.parser import Parser


def run_stage(name: str, stage: Callable[[str], str]) -> None:
    """Run ``stage`` on the data set named on the command line and print the line it returns.

    Parameters
    ----------
    name : str
        The stage's name, put before each line printed.
    stage : callable
        Takes the data set's name and returns one line for the user.
    """
    parser = Parser(prog=f"python -m stages.{name}")
    parser.add_argument("dataset", help="a name in params.yaml, for instance digits")
    argument = parser.parse_args().dataset
    # dvc.yaml hands over what DVC calls the stage, check@digits, where nobody has looked at the name yet
    dataset = argument.partition(f"{name}@")[2] or argument
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    end_with_stdin()
    try:
        check_name(dataset)
        print(printable(f"{name}: {dataset}: {stage(dataset)}"))
    except InputError as error:
        fail(f"{name}: {dataset}", str(error))
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except MemoryError as error:
        fail(f"{name}: {dataset}", f"not enough memory ({error}); ask for less in params.yaml, or use a larger machine")
    except OSError as error:
        fail(
            f"{name}: {dataset}",
            f"{describe_failure(error)}; mend this and run the command again, nothing half is left",
        )


def check_name(dataset: str) -> None:
    """Raise InputError if a data set's name cannot name a folder."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", dataset):
        raise InputError(
            f"{dataset!r} cannot name a data set: use letters, digits, '-' and '_', as its block in params.yaml"
        )
