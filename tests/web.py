"""Web servers on loopback, each in a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

# how long the end of a server may take: by itself half a second, which every test would wait for
POLL_S = 0.01


def serve_folder(folder: Path) -> AbstractContextManager[str]:
    """Serve the files of a folder until the context ends."""
    return answer_by(partial(SimpleHTTPRequestHandler, directory=str(folder)))


@contextmanager
def answer_by(handler: Any) -> Iterator[str]:
    """Let a handler answer until the context ends, and yield the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
