"""Opens the page in this user's browser, without the token on a command line, which all users of a machine can read."""

import os
import shutil
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAGE = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={url}"><title>Review</title>\n'


def has_screen() -> bool:
    """Say whether somebody sits at a screen here."""
    return sys.stdout.isatty() and (sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY")))


@contextmanager
def opened(url: str, folder: Path) -> Iterator[None]:
    """Open an address by a file that leads to it, which only this user can read, and remove that at the end.

    Parameters
    ----------
    url : str
        The address.
    folder : Path
        Made for the file, or made anew if one that was killed left it. It must be no hidden one, and not in ``/tmp``:
        browsers that run in a box of their own, as snaps do, can read neither.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        path = folder / "open.html"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(PAGE.format(url=url))
        webbrowser.open(path.absolute().as_uri())
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
