"""How many connections the server keeps, how long one may keep it waiting, and how soon it ends whatever they do."""

import asyncio
import logging
import os
import threading
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from stages.command.errors import EXIT_INTERRUPTED

# four tabs of a browser have 24; macOS lets a process open 256 files
MOST = 100
# for a request's head, once the connection is there
REQUEST_S = 10
# for answers that are still on their way when the server is to end
GRACE_S = 1
# then it ends, though it may still be at work on one; what is on the disk is whole at any time
END_S = 1.5


class Server(uvicorn.Server):
    """A server that an interrupt ends, also while it is at work on an answer, which nobody waits for any more."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End soon."""
        super().handle_exit(sig, frame)
        # that an answer is broken off is no error
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        # threads at work cannot be stopped, and Python would wait for them
        last = threading.Timer(END_S, os._exit, [EXIT_INTERRUPTED])
        last.daemon = True
        last.start()


class Connection(H11Protocol):
    """A connection that ends if there are too many, or if no whole request comes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            transport.close()
        else:
            self._wait_since(None)

    def _wait_since(self, last: Any) -> None:
        self.loop.call_later(REQUEST_S, self._look, last)

    def _look(self, last: Any) -> None:
        """End the connection if the last request is the one that it was before."""
        waiting = self.cycle is None or self.cycle.response_complete
        if waiting and self.cycle is last:
            self.transport.close()
        elif not self.transport.is_closing():
            # a request that is being answered is none that was waited after
            self._wait_since(self.cycle if waiting else self)
