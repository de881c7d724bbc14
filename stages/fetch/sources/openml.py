"""``openml:NAME@VERSION``: a data set from OpenML, through scikit-learn, which caches it on disk."""

import http.client
import re
import socket
import time
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import URLError

from sklearn.datasets import fetch_openml
from tqdm import tqdm

from stages.fetch.raw import RawData, SourceError, normalise
from stages.fetch.settings import Settings

# OpenML is down for seconds now and then; what lasts longer than these waits is for the next source.
WAITS_S = (1, 4)
TIMEOUT_S = 30
# answers that come at once need no bar
BAR_AFTER_S = 1


def fetch(argument: str, settings: Settings) -> RawData:
    """Fetch ``NAME@VERSION``, retrying with growing waits when OpenML does not answer."""
    match = re.fullmatch(r"(?P<name>[^@]+)@(?P<version>[1-9]\d*)", argument)
    if match is None:
        raise SourceError(f"{argument!r} is not NAME@VERSION, for instance mnist_784@1")
    for wait in (*WAITS_S, None):
        try:
            bunch = _fetch_once(match["name"], int(match["version"]))
            return normalise(bunch.data, bunch.target)
        except (URLError, OSError, http.client.HTTPException) as error:
            if wait is None:
                raise SourceError(f"OpenML did not answer: {_describe(error)}") from error
            print(f"openml:{argument}: {_describe(error)}; trying again in {wait} s", flush=True)
            time.sleep(wait)
        except Exception as error:
            # scikit-learn's parser raises whatever a damaged answer makes it trip over
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise SourceError(f"OpenML's answer is of no use: {reason}") from error
    raise AssertionError("unreachable")


def _fetch_once(name: str, version: int) -> Any:
    with _progress_bar(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fetch_openml(name, version=version, as_frame=False, parser="pandas", n_retries=1)


def _describe(error: Exception) -> str:
    return " ".join(str(getattr(error, "reason", error)).split())


@contextmanager
def _progress_bar() -> Iterator[None]:
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
