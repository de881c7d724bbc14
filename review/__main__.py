"""Decide on the flagged rows in the browser: ``python -m review DATASET``.

Serves a page on this machine alone, unless ``--host`` says otherwise, and appends what is decided to
``data/<dataset>/decisions.csv``. ``python -m review export label-studio DATASET`` and ``python -m review import
label-studio DATASET FILE`` hand the rows to Label Studio and take the answers back.
"""

import argparse
import os
import secrets
import socket
import subprocess
import sys
import webbrowser

import uvicorn

from review.catalogue import open_catalogue
from review.guard import Door
from review.log import Log, read_columns
from review.server import make_app
from review.session import Review
from stages.artifacts import data_folder
from stages.command import EXIT_INTERRUPTED, InputError, check_name, fail

PORT = 8710


def main(arguments: list[str]) -> None:
    """Serve the page until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m review", description=__doc__, allow_abbrev=False)
    parser.add_argument("dataset", help="a name in params.yaml, for instance digits")
    parser.add_argument("--reviewer", help="who decides (default: git's user.name)")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: this machine alone)")
    parser.add_argument("--port", type=int, help=f"default: {PORT}, or any free one if that is taken")
    options = parser.parse_args(arguments)
    try:
        check_name(options.dataset)
        review = open_review(options.dataset, options.reviewer or read_git_name())
        listening = listen(options.host, options.port)
        serve(review, listening, options.host)
    except InputError as error:
        fail(f"review: {options.dataset}", str(error))


def open_review(dataset: str, reviewer: str) -> Review:
    """Read a data set and what has been decided about it."""
    path = data_folder(dataset) / "decisions.csv"
    catalogue, log = open_catalogue(dataset), Log(path)
    read_columns(path)
    return Review(catalogue, log, reviewer)


def listen(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens.

    Raises
    ------
    InputError
        When the port that was asked for is taken, or the host is none of this machine's.
    """
    for wanted in [port] if port is not None else [PORT, 0]:
        try:
            family = socket.getaddrinfo(host, wanted)[0][0]
            return socket.create_server((host, wanted), family=family)
        except (OSError, OverflowError) as error:
            problem = getattr(error, "strerror", None) or error
    raise InputError(f"cannot listen on {host}:{wanted} ({problem}); choose another --port or --host")


def serve(review: Review, listening: socket.socket, host: str) -> None:
    """Print the page's address, open it where there is a screen, and answer until interrupted."""
    door = Door(f"[{host}]" if ":" in host else host, listening.getsockname()[1], secrets.token_urlsafe(24))
    decided = sum(row["id"] in review.log.refresh() for row in review.rows if row["flagged"])
    flagged = sum(row["flagged"] for row in review.rows)
    print(f"review: {review.catalogue.dataset}: {flagged:,} flagged rows, {decided:,} decided on")
    print(f"open {door.url}\n(Ctrl+C ends it; every decision is on the disk at once)", flush=True)
    if sys.stdout.isatty() and (sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY")):
        webbrowser.open(door.url)
    config = uvicorn.Config(make_app(review, door), log_level="warning", server_header=False, ws="none")
    uvicorn.Server(config).run(sockets=[listening])


def read_git_name() -> str:
    """Return the name under which git commits here, or nothing: then the page asks."""
    try:
        return subprocess.run(
            ["git", "config", "user.name"], capture_output=True, text=True, check=False
        ).stdout.strip()
    except FileNotFoundError:
        return ""


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
