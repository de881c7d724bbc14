"""Says how far work is: one line that is written over in a terminal, plain lines in a log."""

import sys

REWRITE = "\r\x1b[2K"


def say(line: str, *, final: bool = False) -> None:
    """Print a line; in a terminal the next one takes its place, unless it is final."""
    if sys.stdout.isatty():
        print(f"{REWRITE}{line}", end="\n" if final else "", flush=True)
    else:
        print(line, flush=True)


def write_time(seconds: float) -> str:
    """Return a time as a person says it: 40 s, 12 min, 2 h 5 min."""
    minutes = round(seconds / 60)
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
