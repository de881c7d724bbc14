"""What the page asks for and what it sends, as addresses of a web server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from review.certify.session import Ask
from review.guard import Door, Guard
from review.lists import Lists
from review.renewal import OneRun
from review.sent import Choice, Mending, Pick, Undo
from review.session import Review
from stages.artifacts.pictures import Encoded
from stages.artifacts.theme import THEME
from stages.command.errors import InputError

PAGE = Path(__file__).parent / "page"
BYTES = "application/octet-stream"
FOREVER = {"cache-control": "private, max-age=86400, immutable"}


def make_app(review: Review, door: Door) -> Starlette:
    """Return the web application."""
    routes = [Mount("/", OneRun(review, make_routes))]
    return Starlette(routes=routes, middleware=[Middleware(Guard, door=door)])


def make_routes(review: Review) -> Starlette:
    """Return what answers for the results of one run."""
    lists, rows, deciding, planned = review.lists, review.rows, review.deciding, review.planned
    routes = [
        Route("/", _page),
        Route("/page/{name}", _page),
        Route("/theme.css", lambda _: FileResponse(THEME)),
        Route("/api/session", lambda _: JSONResponse(review.session())),
        Route("/api/decisions", lambda request: JSONResponse(deciding.tell(request.query_params.get("known", "")))),
        Route("/api/watch", lambda request: JSONResponse(review.watch(request.headers.get("review-run", "")))),
        Route("/api/lost", changing(Mending, review.mend), methods=["POST"]),
        Route("/api/decisions", changing(Choice, deciding.decide), methods=["POST"]),
        Route("/api/change", lambda _: JSONResponse(review.change()), methods=["POST"]),
        Route("/api/certify", changing(Ask, lambda ask: planned.find().ask(ask)), methods=["POST"]),
        Route("/api/cards/{name}", lambda request: JSONResponse(planned.find().compare(request.path_params["name"]))),
        Route("/api/forecast", lambda _: JSONResponse(review.forecasting.tell())),
        Route("/api/undo", changing(Undo, deciding.undo), methods=["POST"]),
        Route("/api/rows/{row:int}", lambda request: JSONResponse(rows.describe(request.path_params["row"]))),
        Route("/api/history/{row:int}", lambda request: JSONResponse(rows.history(request.path_params["row"]))),
        Route("/pictures/{stamp}/{row:int}", lambda request: _picture(rows.picture(request.path_params["row"]))),
        Route("/previews/{stamp}/{row:int}", lambda request: _picture(rows.preview(request.path_params["row"]))),
        Route("/sheets/{stamp}/{name}/{sheet:int}", _sheet(lists)),
        Route("/points/{stamp}", lambda _: Response(rows.points(), media_type=BYTES, headers=FOREVER)),
        Route("/api/picked", changing(Pick, rows.pick), methods=["POST"]),
        Route("/api/similar/{row:int}", lambda request: JSONResponse(rows.find_similar(request.path_params["row"]))),
        Route("/api/found/{name}", lambda request: JSONResponse({"rows": lists.describe(request.path_params["name"])})),
    ]
    return Starlette(routes=routes, exception_handlers=HANDLERS)


def _page(request: Request) -> Response:
    path = PAGE / request.path_params.get("name", "index.html")
    if path.parent != PAGE or not path.is_file():
        raise LookupError(path.name)
    return FileResponse(path)


def changing(schema: type[Any], change: Callable[[Any], Any]) -> Callable[[Request], Any]:
    """Return what answers a request to change something: checks what it holds, and sends what comes of it."""

    async def endpoint(request: Request) -> Response:
        wanted = schema.model_validate_json(await request.body())
        return JSONResponse(await run_in_threadpool(change, wanted))

    return endpoint


def _sheet(lists: Lists) -> Callable[[Request], Response]:
    return lambda request: _picture(lists.sheet(request.path_params["name"], request.path_params["sheet"]))


def _picture(picture: Encoded) -> Response:
    return Response(picture.content, media_type=picture.media_type, headers=FOREVER)


def _refuse(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 409)


def _refuse_form(_: Request, error: Exception) -> Response:
    assert isinstance(error, ValidationError)
    said = error.errors()[0]["msg"].removeprefix("Value error, ")
    return JSONResponse({"error": f"this is not a {error.title.lower()}: {said}"}, 400)


def _miss(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": f"there is no {error}"}, 404)


def _fail(_: Request, error: Exception) -> Response:
    assert isinstance(error, OSError)
    return JSONResponse({"error": f"nothing could be written: {error.strerror or error}"}, 507)


# what is told of a mistake
HANDLERS = {InputError: _refuse, ValidationError: _refuse_form, LookupError: _miss, OSError: _fail}
