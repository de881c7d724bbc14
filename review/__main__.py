"""Decide on the flagged rows in the browser: ``python -m review DATASET``, or ``python -m review`` for all data sets.

Serves a page on this machine alone, unless ``--host`` says otherwise, and appends what is decided to
``data/<dataset>/decisions.csv``. ``python -m review export label-studio DATASET`` and ``python -m review import
label-studio DATASET FILE`` hand the rows to Label Studio and take the answers back.
"""

import argparse
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from review.appending import read_columns
from review.browser import has_screen, opened
from review.certify.auto import Auto
from review.certify.session import open_certifying
from review.connections import GRACE_S, Connection, Server
from review.dealing import ALL_ROWS, Dealing, read_part
from review.guard import Door
from review.label_studio.answers import import_tasks
from review.label_studio.tasks import export_tasks
from review.log import Log
from review.opening import open_catalogue
from review.results import Results
from review.sent import to_line
from review.server import make_app
from review.session import Review
from review.start.datasets import list_datasets
from review.start.server import Start, make_start
from review.start.slot import Slot
from review.uncommitted import describe_uncommitted
from stages.artifacts.files import data_folder
from stages.artifacts.fitting import Rows
from stages.certificate.progress import count_allowed
from stages.certificate.proposal import Asked, check_rule
from stages.certificate.words import bound
from stages.command.errors import EXIT_INTERRUPTED, InputError, describe_failure, fail
from stages.command.params import read_block
from stages.command.parser import Parser
from stages.command.run import check_name

PORT = 8710


def main(arguments: list[str]) -> None:
    """Do what the command line says; a mistake is one line."""
    options = read_options(arguments)
    # as an interrupt, which removes what is not finished; uvicorn raises it again at its end
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    where = f"review: {options.dataset}" if options.dataset is not None else "review"
    try:
        if options.dataset is not None:
            check_name(options.dataset)
            # raises InputError if params.yaml has no such block, and names those it has
            read_block(options.dataset)
        options.run(options)
    except InputError as error:
        fail(where, str(error))
    except OSError as error:
        fail(where, f"{describe_failure(error)}; mend this and run the command again")


def read_options(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line: of the page, or of export or import."""
    if arguments[:1] not in (["export"], ["import"]):
        return read_page_options(arguments)
    parser = Parser(prog=f"python -m review {arguments[0]}")
    parser.add_argument("tool", choices=["label-studio"])
    parser.add_argument("dataset", help="a name in params.yaml, for instance digits")
    if arguments[0] == "export":
        parser.add_argument("--pictures", default="", help="where pictures are served (default: the tasks hold them)")
        parser.add_argument("--output", type=Path, help="default: label-studio-DATASET.json")
        parser.set_defaults(run=export_to_tool)
    else:
        parser.add_argument("file", type=Path, help="exported as JSON or JSON_MIN")
        parser.set_defaults(run=import_from_tool)
    return parser.parse_args(arguments[1:])


def read_page_options(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line of the page."""
    parser = Parser(prog="python -m review", description=__doc__)
    parser.add_argument("dataset", nargs="?", help="a name in params.yaml (default: a page with all data sets)")
    parser.add_argument("--reviewer", help="who decides (default: git's user.name)")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: this machine alone)")
    parser.add_argument("--port", type=int, help=f"default: {PORT}, or any free one if that is taken")
    parser.add_argument("--certify", action="store_true", help="open on the rows drawn for a certificate")
    parser.add_argument(
        "--auto",
        type=read_share,
        metavar="GOAL",
        help="the worst rows first, then drawn ones for a certificate, for the fewest looks: for instance 1%%",
    )
    parser.add_argument(
        "--known",
        type=read_share,
        default=0.0,
        metavar="SHARE",
        help="mix in rows with a turned label, for instance 5%%",
    )
    parser.add_argument(
        "--part", type=read_part, default=(0, 0), metavar="K/N", help="one person's share of the rows, for instance 1/2"
    )
    parser.add_argument(
        "--overlap",
        type=read_share,
        default=0.0,
        metavar="SHARE",
        help="of the rows, how many everybody gets, for instance 10%%",
    )
    parser.add_argument("--no-browser", action="store_true", help="open none: only print the address")
    parser.set_defaults(run=open_page)
    return parser.parse_args(arguments)


def export_to_tool(options: argparse.Namespace) -> None:
    """Write the flagged rows for Label Studio."""
    print(f"review: {options.dataset}: {export_tasks(options.dataset, options.pictures, options.output)}")


def import_from_tool(options: argparse.Namespace) -> None:
    """Add the answers from Label Studio to the decisions."""
    print(f"review: {options.dataset}: {import_tasks(options.dataset, options.file)}")


def open_page(options: argparse.Namespace) -> None:
    """Serve the page until it is interrupted."""
    if options.dataset is None:
        open_start(options)
        return
    dealing = find_dealing(options)
    review = open_review(options.dataset, find_reviewer(options), options.known, options.auto, dealing)
    if options.certify and not review.is_planned:
        raise InputError(f"nothing is planned; `python -m labels certify {options.dataset} --goal 1%` makes a plan")
    serve(
        review,
        *open_door(options.host, options.port),
        "&tab=certify" if options.certify or (options.auto and review.is_planned) else "",
        in_browser=has_screen() and not options.no_browser,
    )


def open_start(options: argparse.Namespace) -> None:
    """Serve the page of all data sets until it is interrupted."""
    if options.certify or options.auto or options.known:
        raise InputError("--certify, --auto and --known are for one data set: name it, for instance digits")
    dealing = find_dealing(options)
    count, start = len(list_datasets()), Start(Slot())
    door, listening = open_door(options.host, options.port)
    app = make_start(start, door, lambda dataset: open_review(dataset, find_reviewer(options), dealing=dealing))
    print(f"review: {count:,} data set{'' if count == 1 else 's'} in params.yaml")
    print(f"open {door.url}\n(Ctrl+C ends the page; what it has started goes on)", flush=True)
    try:
        answer(app, door, "", listening, Path("data"), in_browser=has_screen() and not options.no_browser)
    finally:
        if running := start.slot.find_running():
            print(f"review: {running['dataset']}: still at work; `python -m review` shows it again, and can stop it")


def open_review(
    dataset: str, reviewer: str, known_share: float = 0.0, auto: float | None = None, dealing: Dealing = ALL_ROWS
) -> Review:
    """Read a data set, what has been decided about it, and what is planned or, with a goal, is planned by itself."""
    path = data_folder(dataset) / "decisions.csv"
    results = Results(path.parent, partial(open_review, dataset, reviewer, known_share, auto, dealing))
    catalogue = open_catalogue(dataset)
    given = dict(zip(catalogue.quality["id"], catalogue.quality["given_label"], strict=True))
    log = Log(path, Rows(given, catalogue.contents))
    read_columns(path)
    certifying = open_certifying(path.parent, catalogue, log, known_share)
    make = partial(Review, catalogue, log, reviewer, results=results, dealing=dealing)
    if auto is None or (certifying and certifying.has_begun):
        return make(certifying)
    check_rule(dataset)
    n_labels = sum(map(bool, given.values()))
    if count_allowed(auto, n_labels) < 1:
        raise InputError(f"--auto: of {n_labels:,} labels this goal lets none be wrong; ask for {bound(1 / n_labels)}")
    review = Review(
        catalogue, log, reviewer, auto=Auto(catalogue, log, Asked(auto), known_share), results=results, dealing=dealing
    )
    review.change()
    return review


def read_share(text: str) -> float:
    """Return the share that a percentage names, such as 5%, from 0 to below 1."""
    if not re.fullmatch(r"\d{1,2}(\.\d+)?%", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage; write it like 1%")
    return float(text.removesuffix("%")) / 100


def listen(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens.

    Raises
    ------
    InputError
        If the port that was asked for is taken, or the host is not one of this machine's.
    """
    for wanted in [port] if port is not None else [PORT, 0]:
        try:
            family = socket.getaddrinfo(host, wanted)[0][0]
            listening = socket.create_server((host, wanted), family=family)
            # an answer's body must not wait until its head is acknowledged, which takes 40 ms
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return listening
        except (OSError, OverflowError) as error:
            problem = getattr(error, "strerror", None) or error
    raise InputError(f"cannot listen on {host}:{wanted} ({problem}); choose another --port or --host")


def open_door(host: str, port: int | None) -> tuple[Door, socket.socket]:
    """Listen, and return what lets people in there."""
    listening = listen(host, port)
    name = f"[{host}]" if ":" in host else host
    return Door(name, listening.getsockname()[1], secrets.token_urlsafe(24)), listening


def serve(review: Review, door: Door, listening: socket.socket, place: str = "", *, in_browser: bool) -> None:
    """Print the page's address, open it in the browser or not, and answer until interrupted."""
    decided = sum(row["id"] in review.log.refresh() for row in review.rows if row["flagged"])
    flagged = sum(row["flagged"] for row in review.rows)
    print(f"review: {review.catalogue.dataset}: {flagged:,} flagged rows, {decided:,} decided on")
    if said := describe_uncommitted(review.log.path):
        print(f"review: {review.catalogue.dataset}: {said}")
    print(f"open {door.url}{place}\n(Ctrl+C ends it; every decision is on the disk at once)", flush=True)
    threading.Thread(target=review.warm_up, daemon=True).start()
    folder = data_folder(review.catalogue.dataset)
    answer(make_app(review, door), door, place, listening, folder, in_browser=in_browser)


def answer(app: Starlette, door: Door, place: str, listening: socket.socket, folder: Path, *, in_browser: bool) -> None:
    """Open the page in the browser or not, by a file in a folder, and answer until interrupted."""
    config = uvicorn.Config(
        app, http=Connection, timeout_graceful_shutdown=GRACE_S, log_level="warning",
        server_header=False, ws="none",
    )  # fmt: skip
    way_in = folder / f"review-{door.port}.partial"
    with opened(f"{door.url}{place}", way_in) if in_browser else nullcontext():
        Server(config).run(sockets=[listening])


def find_dealing(options: argparse.Namespace) -> Dealing:
    """Return how the rows are shared out."""
    part, parts = options.part
    return Dealing(part, parts, options.overlap)


def find_reviewer(options: argparse.Namespace) -> str:
    """Return who decides, or an empty text: then the page asks."""
    return to_line(options.reviewer or read_git_name())


def read_git_name() -> str:
    """Return git's user.name, or an empty text: then the page asks."""
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
