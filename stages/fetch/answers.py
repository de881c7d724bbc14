"""Bounds what other packages read by urllib, as scikit-learn does from OpenML."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import BaseHandler, build_opener, install_opener

from stages.fetch.bounds import BLOCK_BYTES, Limit, check_download
from stages.fetch.settings import Settings


@contextmanager
def bounding_answers(settings: Settings) -> Iterator[None]:
    """Raise SourceError, while the context lasts, where an answer is larger than the settings allow."""
    install_opener(build_opener(_Bounding(settings)))
    try:
        yield
    finally:
        install_opener(None)


class _Bounding(BaseHandler):
    # after redirects and errors
    handler_order = 2000

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def http_response(self, request: Any, response: Any) -> Any:
        return response if isinstance(response, _Answer) else _Answer(request.host, response, self.settings)

    https_response = http_response


class _Answer:
    """An answer that counts what is read of it, as it comes and unpacked; all else is as the answer has it."""

    def __init__(self, host: str, response: Any, settings: Settings) -> None:
        self._host, self._response, self._settings, self._received = host, response, settings, 0
        self._packed = response.headers.get("Content-Encoding") == "gzip"
        self._limit, self._unpacker = Limit(host, settings.max_unpacking), zlib.decompressobj(wbits=31)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response, name)

    def read(self, size: int = -1) -> bytes:
        block: bytes = self._response.read(size)
        self._received += len(block)
        check_download(self._received, self._host, self._settings.max_download)
        if self._packed:
            self._limit.allow(self._received)
            self._unpack(block)
        return block

    def _unpack(self, block: bytes) -> None:
        while block:
            self._limit.add(len(self._unpacker.decompress(block, BLOCK_BYTES)))
            block = self._unpacker.unconsumed_tail or self._unpacker.unused_data
            if self._unpacker.eof:
                self._unpacker = zlib.decompressobj(wbits=31)
