"""A server that takes commits and tags of data sets as the Hugging Face hub does, on this machine alone."""

import base64
import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

OWNER = "somebody"


@dataclass(frozen=True)
class Commit:
    title: str
    oid: str
    files: dict[str, bytes]


@dataclass
class Repository:
    is_private: bool
    commits: list[Commit] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    def files(self, tag: str = "main") -> dict[str, bytes]:
        """Return the files at a tag, or at the last commit."""
        oid = self.tags.get(tag)
        return next((commit.files for commit in reversed(self.commits) if oid in (None, commit.oid)), {})

    def commit(self, lines: list[dict[str, Any]]) -> str:
        """Add a commit, as the lines of a request say, and return its hash."""
        title, files = "", dict(self.files())
        for line in lines:
            value = line["value"]
            if line["key"] == "header":
                title = value["summary"]
            elif line["key"] == "deletedFile":
                del files[value["path"]]
            else:
                files[value["path"]] = base64.b64decode(value["content"])
        oid = hashlib.sha1(f"{title} {len(self.commits)}".encode()).hexdigest()
        self.commits.append(Commit(title, oid, files))
        return oid


class DataHub:
    """What is on the server; requests whose path holds `refuse` are refused, if that is set."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.url, self.token, self.refuse = "", "a-token", ""

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """Return the status and what is sent."""
        if self.refuse and self.refuse in path:
            return 403, {"error": "Forbidden: you must have write access"}
        if path.startswith("/datasets/"):
            _, _, owner, name, _, revision, *file = path.split("/")
            return self.send_file(self.repositories[f"{owner}/{name}"], revision, "/".join(file))
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        if path == "/api/repos/create":
            asked = json.loads(body)
            name = f"{asked['organization']}/{asked['name']}"
            known = name in self.repositories
            self.repositories.setdefault(name, Repository(asked.get("visibility") == "private"))
            return (409 if known else 200), {"url": f"{self.url}/datasets/{name}", "error": "exists"}
        _, _, _, owner, name, what, *rest = path.split("/")
        return self.answer_about(f"{owner}/{name}", what, rest, body)

    def send_file(self, repository: Repository, revision: str, path: str) -> tuple[int, Any]:
        """Return a file at a tag or a commit."""
        oid = repository.tags.get(revision, revision)
        found = next((commit.files.get(path) for commit in repository.commits if commit.oid == oid), None)
        return (404, {"error": "EntryNotFound"}) if found is None else (200, found)

    def answer_about(self, name: str, what: str, rest: list[str], body: bytes) -> tuple[int, Any]:
        """Return the same for one data set."""
        repository = self.repositories[name]
        if what == "refs":
            tags = [{"name": n, "ref": f"refs/tags/{n}", "targetCommit": oid} for n, oid in repository.tags.items()]
            main = [{"name": "main", "ref": "refs/heads/main", "targetCommit": c.oid} for c in repository.commits[-1:]]
            return 200, {"branches": main, "converts": [], "tags": tags}
        if what == "preupload":
            asked = json.loads(body)["files"]
            return 200, {"files": [{"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in asked]}
        if what == "commit":
            oid = repository.commit([json.loads(line) for line in body.splitlines() if line])
            return 200, {"success": True, "commitOid": oid, "commitUrl": f"{self.url}/datasets/{name}/commit/{oid}"}
        repository.tags[json.loads(body)["tag"]] = rest[0]
        return 200, {}


@contextmanager
def serve_data_hub() -> Iterator[DataHub]:
    """Serve an empty hub, and yield what is on it."""
    hub = DataHub()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send("GET")

        def do_HEAD(self) -> None:
            self.send("HEAD")

        def do_POST(self) -> None:
            self.send("POST")

        def send(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            is_known = self.headers.get("Authorization") == f"Bearer {hub.token}"
            path = self.path.partition("?")[0]
            status, sent = hub.answer(method, path, body) if is_known else (401, {"error": "who are you?"})
            content = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", path.split("/")[5] if path.startswith("/datasets/") else "")
            if status == 404:
                self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if method != "HEAD":
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        hub.url = f"http://127.0.0.1:{server.server_port}"
        yield hub
        server.shutdown()
