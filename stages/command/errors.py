"""What the user can mend, told in one line: what is wrong, where, and how to mend it."""

import difflib
import errno
import sys
from collections.abc import Iterable
from itertools import islice
from typing import NoReturn

EXIT_MISTAKE = 2
EXIT_INTERRUPTED = 130
SHOWN = 5
FULL = (errno.ENOSPC, errno.EDQUOT)
# what numpy says in place of the system's reason when a disk is full
SHORT_WRITE = "requested and"


class InputError(Exception):
    """Something the user can mend; its text says what is wrong, where, and how to mend it."""


def some(names: Iterable[object]) -> str:
    """Name the first few of many."""
    first = [one_line(name) for name in islice(names, SHOWN + 1)]
    return ", ".join(first[:SHOWN]) + (", …" if len(first) > SHOWN else "")


def suggest(name: str, known: Iterable[object]) -> str:
    """Return ' (did you mean …?)' with the known name closest to a wrong one, or an empty text."""
    by_lower = {one_line(other).lower(): one_line(other) for other in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f" (did you mean '{by_lower[close[0]]}'?)" if close else ""


def one_line(name: object) -> str:
    """Return a name as it is, or as Python writes it if it holds a line break or other signs that do not show."""
    text = str(name)
    return text if text.isprintable() else repr(text)


def printable(text: str) -> str:
    """Return a line without what would move the cursor of a terminal, or more: such signs as Python writes them."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def describe_failure(error: OSError) -> str:
    """Say which file could not be read or written, and why."""
    if error.errno is None and SHORT_WRITE in str(error):
        return f"a file could not be written whole: the disk is full, or a file may not be so large ({error})"
    reason = error.strerror or str(error)
    if error.errno in FULL:
        reason = f"the disk is full ({reason})"
    return f"{error.filename}: {reason}" if error.filename else f"a file could not be read or written: {reason}"


def fail(where: str, message: str) -> NoReturn:
    """Print each line of ``message`` to standard error and leave with the code for a mistake."""
    for line in message.splitlines():
        print(printable(f"{where}: error: {line}"), file=sys.stderr)
    sys.exit(EXIT_MISTAKE)
