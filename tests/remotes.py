"""The kinds of DVC remotes that tests push to and pull from, each on this machine."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import Clone
from tests.servers import HTTPServer, S3Server, Server, SSHServer

CLEANED = "data/digits/cleaned"


@dataclass
class Remote:
    """A remote: what its configuration says, the folder its objects lie in, and the server before it."""

    kind: str
    url: str
    store: Path
    server: Server | None = None
    options: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def name_in(self, clone: Clone) -> None:
        """Do what docs/remotes.md says: name the remote, keep the secrets out of git, commit."""
        clone.run("dvc", "remote", "add", "--default", "store", self.url)
        for key, value in {"verify": "true", **self.options}.items():
            clone.run("dvc", "remote", "modify", "store", key, value)
        clone.commit("Name the remote")
        self.log_in(clone)

    def configure(self, clone: Clone) -> None:
        """Do the same without a command for each line."""
        options = {"url": self.url, "verify": "true", **self.options}
        lines = [f"    {key} = {value}\n" for key, value in options.items()]
        section = "['remote \"store\"']\n"
        clone.path(".dvc/config").write_text(
            "".join(["[core]\n    analytics = false\n    remote = store\n", section, *lines])
        )
        clone.commit("Name the remote")
        self.log_in(clone)

    def log_in(self, clone: Clone, **wrong: str) -> None:
        secrets = {**self.secrets, **wrong}
        lines = [f"    {key} = {value}\n" for key, value in secrets.items()]
        clone.path(".dvc/config.local").write_text("".join(["['remote \"store\"']\n", *lines]))

    def push_from(self, clone: Clone, *targets: str) -> str:
        if self.kind != "http":
            return clone.run("dvc", "push", *targets)
        clone.run("dvc", "remote", "add", "--local", "upload", str(self.store))
        return clone.run("dvc", "push", "--remote", "upload", *targets)

    def object(self, md5: str) -> Path:
        return self.store / "files/md5" / md5[:2] / md5[2:]

    @contextmanager
    def away(self) -> Iterator[Path]:
        """Stop the server, or take the folder away, and yield where the folder is; a server also forgets its cache."""
        if self.server:
            self.server.stop()
            yield self.store
            self.server.start()
        else:
            hidden = self.store.rename(self.store.with_suffix(".away"))
            yield hidden
            hidden.rename(self.store)

    def mend_from(self, clone: Clone) -> None:
        """Copy a clone's cache over the remote's objects, by the commands that docs/remotes.md gives."""
        cache = ".dvc/cache/files"
        if isinstance(self.server, SSHServer):
            unknown_host = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
            login = ["-q", "-P", str(self.server.port), "-i", str(self.server.key), *unknown_host]
            clone.run("scp", *login, "-r", cache, f"{self.server.user}@127.0.0.1:{self.store}/")
        elif isinstance(self.server, S3Server):
            config = {"type": "s3", "provider": "Other", "endpoint": self.server.endpoint, **self.secrets}
            env = {f"RCLONE_CONFIG_STORE_{key.upper()}": value for key, value in config.items()}
            clone.run("rclone", "copy", "--checksum", cache, "store:bucket/store/files", code=0, **env)
        else:
            clone.run("cp", "-rf", cache, f"{self.store}/")


@contextmanager
def serve(kind: str, folder: Path) -> Iterator[Remote]:
    """Start what a kind of remote needs, or skip where it is not installed; hide the user's own credentials."""
    remote = make(kind, folder)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_") or name == "SSH_AUTH_SOCK"]:
            patch.delenv(name)
        patch.setenv("HOME", str(folder / "home"))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        (folder / "home").mkdir()
        if remote.server:
            remote.server.start()
        try:
            yield remote
        finally:
            if remote.server:
                remote.server.stop()


def make(kind: str, folder: Path) -> Remote:
    if kind == "ssh":
        pytest.importorskip("dvc_ssh", reason="dvc's extra ssh is not installed")
        ssh = SSHServer(folder / kind)
        return Remote(kind, ssh.url, ssh.store, ssh, secrets={"keyfile": str(ssh.key)})
    if kind == "s3":
        pytest.importorskip("dvc_s3", reason="dvc's extra s3 is not installed")
        s3 = S3Server(folder / kind)
        secrets = {"access_key_id": s3.key, "secret_access_key": s3.secret}
        return Remote(kind, s3.url, s3.store, s3, {"endpointurl": s3.endpoint}, secrets)
    if kind == "http":
        http = HTTPServer(folder / kind, folder / "store")
        return Remote(kind, http.url, http.store, http)
    return Remote(kind, str(folder / "store"), folder / "store")


def clone_anew(clone: Clone, folder: Path) -> Clone:
    """Return a fresh clone of what is committed, made from a bare repository, as from a git server."""
    subprocess.run(["git", "clone", "--quiet", "--bare", clone.folder, folder / "hub.git"], check=True)
    subprocess.run(["git", "clone", "--quiet", folder / "hub.git", folder / "anew"], check=True)
    return Clone(folder / "anew")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
