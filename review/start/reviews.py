"""Mounts the review of each data set at its own address, opened when somebody first asks for it."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from review.appending import read_status
from review.guard import Door
from review.server import make_app
from review.session import Review
from review.start.datasets import check_listed
from review.start.pipeline import read_stages
from review.start.progress import find_running_stage
from review.start.slot import LOG, Slot
from stages.artifacts.files import data_folder

# a review looks for results that were made anew, but not for a plan
PLAN = "certificate/plan.json"
# where decisions are written
WRITING = ("/api/decisions", "/api/undo", "/api/lost")


class Reviews:
    """The reviews that are open, as one web application below ``/review/NAME/``."""

    def __init__(self, door: Door, open_review: Callable[[str], Review], slot: Slot) -> None:
        self._door, self._open, self._slot = door, open_review, slot
        self._lock = threading.Lock()
        self._apps: dict[str, tuple[object, Starlette]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        dataset = scope["path_params"]["dataset"]
        path = scope["path"].removeprefix(scope["root_path"])
        is_writing = scope["method"] == "POST" and path in WRITING
        if is_writing and (stage := await run_in_threadpool(self._find_reader, dataset)):
            said = f"{stage} is reading the decisions on {dataset}; choose again in a moment"
            await JSONResponse({"error": said}, 409)(scope, receive, send)
            return
        app = await run_in_threadpool(self._find_app, dataset, path == "/")
        await app(scope, receive, send)

    def _find_app(self, dataset: str, is_entering: bool) -> Starlette:
        with self._lock:
            check_listed(dataset)
            seen = read_status(data_folder(dataset) / PLAN)
            if dataset not in self._apps or (is_entering and self._apps[dataset][0] != seen):
                review = self._open(dataset)
                threading.Thread(target=review.warm_up, daemon=True).start()
                self._apps[dataset] = (seen, make_app(review, self._door))
            return self._apps[dataset][1]

    def _find_reader(self, dataset: str) -> str:
        """Return the stage that is running and reads the decisions: DVC would take what is written now for read."""
        running: dict[str, Any] | None = self._slot.find_running()
        if running is None or running["dataset"] != dataset:
            return ""
        stage = find_running_stage(Path(self._slot.home(dataset)) / LOG)
        return stage if any(each.name == stage and each.reads_decisions for each in read_stages()) else ""
