"""A server that answers as the Hugging Face hub does, for one network, on this machine alone."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME, REVISION = "somebody/network", "a" * 40


@contextmanager
def serve_hub(folder: Path) -> Iterator[str]:
    """Serve the files of a folder as the network `NAME` at `REVISION`, and yield the server's address."""

    class Hub(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == f"/api/models/{NAME}/tree/{REVISION}":
                self.send(
                    json.dumps([{"type": "file", "path": n, "size": len(f), "oid": "0" * 40} for n, f in files()])
                )
            elif path == f"/api/models/{NAME}/revision/{REVISION}":
                self.send(json.dumps({"id": NAME, "sha": REVISION, "siblings": [{"rfilename": n} for n, _ in files()]}))
            else:
                found = {f"/{NAME}/resolve/{REVISION}/{name}": content for name, content in files()}
                self.send(found.get(path))

        def send(self, content: str | bytes | None) -> None:
            body = content.encode() if isinstance(content, str) else content or b""
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
            self.send_header("X-Repo-Commit", REVISION)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    def files() -> Iterator[tuple[str, bytes]]:
        return (
            (path.relative_to(folder).as_posix(), path.read_bytes()) for path in folder.rglob("*") if path.is_file()
        )

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
