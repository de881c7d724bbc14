"""Lets in requests that hold the token and use the server's own name, and refuses those of other sites."""

import hmac
import ipaddress
import re
import socket
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^:@\[\]]+)(:(?P<port>\d+))?")
# browsers leave it out
HTTP_PORT = "80"
# listening on these means on every address that the machine has
EVERYWHERE = ("0.0.0.0", "[::]")
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@dataclass(frozen=True)
class Door:
    """Where the server listens, and what opens it.

    Attributes
    ----------
    host : str
        The name or address it was told to listen on.
    port : int
        Its port.
    token : str
        What the address that it prints holds.
    """

    host: str
    port: int
    token: str

    @property
    def cookie(self) -> str:
        """The name of the cookie that keeps the token: browsers share cookies between a machine's ports."""
        return f"review-{self.port}"

    @property
    def url(self) -> str:
        """The address that opens the page."""
        host = socket.gethostname() if self.host in EVERYWHERE else self.host
        return f"http://{host}:{self.port}/?token={self.token}"

    def knows(self, host: str) -> bool:
        """Say whether a Host header names this server.

        An unknown name may be another site's that was rebound to this address (DNS rebinding). An IP address cannot.
        """
        parts = HOST.fullmatch(host.lower())
        if not parts:
            return False
        name, port = parts["name"], parts["port"] or HTTP_PORT
        local = name in (*LOCAL_NAMES, self.host.lower())
        opened = self.host in EVERYWHERE and (name == socket.gethostname().lower() or _is_address(name.strip("[]")))
        return port == str(self.port) and (local or opened)

    def opens(self, token: str) -> bool:
        """Say whether it is the token."""
        return hmac.compare_digest(token.encode(), self.token.encode())


class Guard:
    """Answers requests that must not reach the page, and adds the security headers to all others."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app, self.door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        entering = scope["path"] == "/" and self.door.opens(request.query_params.get("token", ""))
        refusal = self._refuse(request, entering)
        await (refusal or self.app)(scope, receive, self._sign(send, entering))

    def _refuse(self, request: Request, entering: bool) -> PlainTextResponse | None:
        headers = Headers(scope=request.scope)
        host = headers.get("host", "")
        if not self.door.knows(host):
            return PlainTextResponse("This server is not known under that name.", 421)
        if not (entering or self.door.opens(request.cookies.get(self.door.cookie, ""))):
            return PlainTextResponse("Open the address that `python -m review` printed: it holds the token.", 401)
        if request.method == "POST":
            same = headers.get("origin", "").lower() == f"http://{host}".lower()
            if not same or headers.get("content-type") != "application/json":
                return PlainTextResponse("Only the page itself may change anything.", 403)
        return None

    def _sign(self, send: Send, entering: bool) -> Send:
        async def signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**HEADERS, "cache-control": "no-store"}.items():
                    headers.setdefault(name, value)
                if entering:
                    value = f"{self.door.cookie}={self.door.token}; Path=/; HttpOnly; SameSite=Strict"
                    headers.append("set-cookie", value)
            await send(message)

        return signed


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
