"""What the start page asks for and what it sends, as addresses of a web server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from review.guard import Door, Guard
from review.server import HANDLERS, PAGE, changing
from review.session import Review
from review.start.datasets import check_listed, describe_dataset, find_exported, list_datasets
from review.start.freshness import Freshness, is_dvc_busy
from review.start.jobs import CHANGES, JOBS
from review.start.pipeline import read_stages
from review.start.progress import describe_end, find_states, read_lines, read_piece
from review.start.reviews import Reviews
from review.start.slot import LOG, Slot
from stages.artifacts.files import report_folder
from stages.artifacts.theme import THEME
from stages.command.errors import InputError

START_PAGE = Path(__file__).parent / "page"
# pages that the stages make hold their styles and pictures; they run nothing, and are no part of this site
POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
MADE = {"content-security-policy": POLICY}


class Wanted(BaseModel):
    """A job, and the data set and form that it is for."""

    model_config = ConfigDict(extra="forbid", strict=True)
    job: str
    dataset: str
    form: str = ""


class Stopped(BaseModel):
    """The data set whose job is to stop."""

    model_config = ConfigDict(extra="forbid", strict=True)
    dataset: str


class Start:
    """All data sets, and the jobs on them."""

    def __init__(self, slot: Slot) -> None:
        self.slot, self.freshness = slot, Freshness(slot.find_running)

    def describe(self) -> dict[str, Any]:
        """Return all that the page shows but the log."""
        running = self.slot.find_running()
        try:
            names, problem = list_datasets(), ""
        except InputError as error:
            names, problem = [], str(error)
        listed = [describe_dataset(name, self.slot) for name in names]
        sound = [each["name"] for each in listed if not each["problem"]]
        return {
            "datasets": listed,
            "problem": problem,
            "running": running and running["dataset"],
            "elsewhere": running is None and is_dvc_busy(),
            "fresh": self.freshness.look(sound),
        }

    def start(self, wanted: Wanted) -> dict[str, Any]:
        """Start a job."""
        check_listed(wanted.dataset)
        if wanted.job not in JOBS:
            raise LookupError(f"job {wanted.job}")
        self.slot.start(wanted.dataset, wanted.job, wanted.form, read_stages())
        self.freshness.ask_anew()
        return {"running": wanted.dataset}

    def stop(self, stopped: Stopped) -> dict[str, Any]:
        """Interrupt a job."""
        self.slot.stop(stopped.dataset)
        return {}

    def read_log(self, dataset: str, start: int) -> dict[str, Any]:
        """Return how a data set's last job stands, and its log from a byte on."""
        check_listed(dataset)
        running = self.slot.find_running()
        is_running = running is not None and running["dataset"] == dataset
        job = self.slot.read_job(dataset)
        if job is None:
            raise LookupError(f"job on {dataset}")
        log = self.slot.home(dataset) / LOG
        lines, piece = read_lines(log), read_piece(log, start)
        return {
            **{name: job[name] for name in ("job", "form", "started", "ended")},
            **describe_end(job, lines, is_running),
            "commands": [line.removeprefix("$ ") for line in lines if line.startswith("$ ")],
            "stages": find_states(lines, job["stages"], is_running),
            "lines": piece.lines,
            "next": piece.next,
        }

    def open_page(self) -> Response:
        """Return the page itself; whoever opens it wants to know how things stand now."""
        self.freshness.forget()
        return FileResponse(START_PAGE / "index.html")

    def open_report(self, dataset: str) -> Response:
        """Return what the last stage made."""
        return FileResponse(_check_made(dataset, report_folder(dataset) / "index.html"), headers=MADE)

    def open_changes(self, dataset: str) -> Response:
        """Return what changed, row by row, after the decisions were applied."""
        return FileResponse(_check_made(dataset, self.slot.home(dataset) / CHANGES), headers=MADE)

    def open_exported(self, dataset: str) -> Response:
        """Return what was exported, to be saved under a name that says of what it is."""
        check_listed(dataset)
        job = self.slot.read_job(dataset)
        if job is None or job["ended"] is None or job["ended"]["code"] or job["ended"]["stopped"]:
            raise LookupError(f"finished export of {dataset}")
        for path in find_exported(self.slot.home(dataset)):
            return FileResponse(path, filename=path.name if path.suffix == ".zip" else f"{dataset}-{path.name}")
        raise LookupError(f"export of {dataset}")


def make_start(start: Start, door: Door, open_review: Callable[[str], Review]) -> Starlette:
    """Return the web application: the start page, and the reviews below it."""
    routes = [
        Route("/", lambda _: start.open_page()),
        Route("/theme.css", lambda _: FileResponse(THEME)),
        Route("/api/start", lambda _: JSONResponse(start.describe())),
        Route("/api/start", changing(Wanted, start.start), methods=["POST"]),
        Route("/api/stop", changing(Stopped, start.stop), methods=["POST"]),
        Route("/api/log/{dataset}", lambda request: JSONResponse(start.read_log(_name(request), _read_start(request)))),
        Route("/report/{dataset}", lambda request: start.open_report(_name(request))),
        Route("/changes/{dataset}", lambda request: start.open_changes(_name(request))),
        Route("/exported/{dataset}", lambda request: start.open_exported(_name(request))),
        Mount("/review/{dataset}", Reviews(door, open_review, start.slot)),
        Mount("/start", StaticFiles(directory=START_PAGE)),
        Mount("/page", StaticFiles(directory=PAGE)),
    ]
    return Starlette(routes=routes, exception_handlers=HANDLERS, middleware=[Middleware(Guard, door=door)])


def _name(request: Request) -> str:
    return str(request.path_params["dataset"])


def _read_start(request: Request) -> int:
    text = request.query_params.get("from", "0")
    return int(text) if text.isdecimal() else 0


def _check_made(dataset: str, path: Path) -> Path:
    check_listed(dataset)
    if not path.is_file():
        raise LookupError(path)
    return path
