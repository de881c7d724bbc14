"""A bar for downloads that are made through urllib, by scikit-learn for instance, and an end to endless ones."""

import http.client
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

TIMEOUT_S = 30
# answers that come at once need no bar
BAR_AFTER_S = 1


@contextmanager
def progress_bar() -> Iterator[None]:
    """Show urllib's downloads as they come, and give up on a host that falls silent."""
    opener, timeout = urllib.request._opener, socket.getdefaulttimeout()  # type: ignore[attr-defined]
    urllib.request.install_opener(urllib.request.build_opener(_Progress()))
    socket.setdefaulttimeout(TIMEOUT_S)
    try:
        yield
    finally:
        urllib.request.install_opener(opener)
        socket.setdefaulttimeout(timeout)


class _Progress(urllib.request.BaseHandler):
    handler_order = 900

    def http_response(self, request: urllib.request.Request, response: Any) -> Any:
        if response.status != http.client.OK:
            return response
        total = int(response.headers.get("Content-Length") or 0) or None
        name = request.full_url.rsplit("/", 1)[-1]
        bar = tqdm(desc=name, total=total, unit="B", unit_scale=True, delay=BAR_AFTER_S)
        return _Counted(response, bar)

    https_response = http_response


class _Counted:
    """A response that moves a bar as it is read."""

    def __init__(self, response: Any, bar: Any) -> None:
        self._response, self._bar = response, bar

    def read(self, *args: int) -> bytes:
        data: bytes = self._response.read(*args)
        self._bar.update(len(data))
        return data

    def close(self) -> None:
        self._bar.close()
        self._response.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response, name)
