"""Opens a review anew when a page starts on results that were made anew, and lets no page mix two runs."""

import threading
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from review.session import Review
from stages.command.errors import InputError

START = "/api/session"
# what holds for every run
ALWAYS = ("GET /api/decisions", "POST /api/undo", "GET /api/watch", "POST /api/lost")
# the first part of an address whose second is the stamp of the run
STAMPED = ("pictures", "previews", "sheets", "points")


class OneRun:
    """The web application of a review.

    Parameters
    ----------
    review : Review
        As it is opened.
    make_routes : function
        Returns the application that answers for a review.
    """

    def __init__(self, review: Review, make_routes: Callable[[Review], ASGIApp]) -> None:
        self._review, self._make_routes = review, make_routes
        self._app = make_routes(review)
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        try:
            if path == START:
                await run_in_threadpool(self._renew)
            elif f"{scope['method']} {path}" not in ALWAYS:
                self._check(path, Headers(scope=scope).get("review-run", ""))
        except (InputError, OSError) as error:
            await JSONResponse({"error": str(error)}, 409)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _renew(self) -> None:
        with self._lock:
            if not self._review.results.are_current:
                self._review = self._review.reopen()
                self._app = self._make_routes(self._review)

    def _check(self, path: str, run: str) -> None:
        """Raise InputError if a page of another run asks, or if the results have changed since this one."""
        _, first, *rest = path.split("/")
        if first in STAMPED and rest:
            self._review.results.check(rest[0])
        elif first == "api":
            self._review.results.check(run)
