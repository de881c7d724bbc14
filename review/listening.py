"""Where the page is served: a socket, the address with its token, and the server that answers there."""

import secrets
import socket
from contextlib import nullcontext
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from review.browser import opened
from review.connections import GRACE_S, Connection, Server
from review.guard import Door
from stages.command.errors import InputError

PORT = 8710


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


def answer(app: Starlette, door: Door, place: str, listening: socket.socket, folder: Path, *, in_browser: bool) -> None:
    """Open the page in the browser or not, by a file in a folder, and answer until interrupted."""
    config = uvicorn.Config(
        app, http=Connection, timeout_graceful_shutdown=GRACE_S, log_level="warning",
        server_header=False, ws="none",
    )  # fmt: skip
    way_in = folder / f"review-{door.port}.partial"
    with opened(f"{door.url}{place}", way_in) if in_browser else nullcontext():
        Server(config).run(sockets=[listening])
