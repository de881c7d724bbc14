"""Decide on the flagged rows in the browser: ``python -m review DATASET``, or ``python -m review`` for all data sets.

Serves a page on this machine alone, unless ``--host`` says otherwise, and appends what is decided to
``data/<dataset>/decisions.csv``. ``python -m review export label-studio DATASET`` and ``python -m review import
label-studio DATASET FILE`` hand the rows to Label Studio and take the answers back.
"""

import argparse
import signal
import socket
import sys
import threading
from functools import partial
from pathlib import Path

from review.appending import read_columns
from review.browser import has_screen
from review.certify.auto import Auto
from review.certify.session import open_certifying
from review.dealing import ALL_ROWS, Dealing
from review.guard import Door
from review.label_studio.answers import import_tasks
from review.label_studio.tasks import export_tasks
from review.listening import answer, open_door
from review.log import Log
from review.opening import open_catalogue
from review.options import find_dealing, find_reviewer, read_options
from review.results import Results
from review.server import make_app
from review.session import Review
from review.start.datasets import list_datasets
from review.start.server import Start, make_start
from review.start.slot import Slot
from review.uncommitted import describe_uncommitted
from stages.artifacts.files import data_folder
from stages.artifacts.fitting import Rows
from stages.artifacts.standing import count_words
from stages.certificate.progress import count_allowed
from stages.certificate.proposal import Asked, check_rule
from stages.certificate.words import bound
from stages.command.errors import EXIT_INTERRUPTED, InputError, describe_failure, fail
from stages.command.params import read_block
from stages.command.run import check_name


def main(arguments: list[str]) -> None:
    """Do what the command line says; a mistake is one line."""
    options = read_options(arguments, __doc__)
    # as an interrupt, which removes what is not finished; uvicorn raises it again at its end
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    where = f"review: {options.dataset}" if options.dataset is not None else "review"
    try:
        if options.dataset is not None:
            check_name(options.dataset)
            # raises InputError if params.yaml has no such block, and names those it has
            read_block(options.dataset)
        ACTIONS[options.action](options)
    except InputError as error:
        fail(where, str(error))
    except OSError as error:
        fail(where, f"{describe_failure(error)}; mend this and run the command again")


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


def serve(review: Review, door: Door, listening: socket.socket, place: str = "", *, in_browser: bool) -> None:
    """Print the page's address, open it in the browser or not, and answer until interrupted."""
    flagged, standing = [row["id"] for row in review.lists.labels if row["flagged"]], review.log.refresh()
    counted = count_words({row_id: standing[row_id] for row_id in flagged if row_id in standing})
    decided = f"{counted.decided:,} decided on{counted.describe_rest()}"
    print(f"review: {review.catalogue.dataset}: {len(flagged):,} flagged rows, {decided}")
    if said := describe_uncommitted(review.log.path):
        print(f"review: {review.catalogue.dataset}: {said}")
    print(f"open {door.url}{place}\n(Ctrl+C ends it; every decision is on the disk at once)", flush=True)
    threading.Thread(target=review.warm_up, daemon=True).start()
    folder = data_folder(review.catalogue.dataset)
    answer(make_app(review, door), door, place, listening, folder, in_browser=in_browser)


ACTIONS = {"page": open_page, "export": export_to_tool, "import": import_from_tool}


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
