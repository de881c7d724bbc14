"""A push that ends half-way is completed by the next, and others then pull all of it."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import Clone
from tests.remotes import Remote, clone_anew, contents, serve


@pytest.fixture
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Remote]:
    with serve(request.param, tmp_path) as remote:
        yield remote


@pytest.fixture
def small(tmp_path: Path) -> Clone:
    """A repository that holds nothing yet."""
    clone = Clone(tmp_path / "small")
    clone.folder.mkdir()
    clone.run("git", "init", "--quiet", "--initial-branch=main")
    clone.run("dvc", "init", "--quiet")
    return clone


def add(clone: Clone, remote: Remote, files: dict[str, bytes]) -> list[Path]:
    """Add data to a clone, and return the objects that they will be on the remote: the files, then the folder."""
    clone.path("data").mkdir()
    for name, content in files.items():
        clone.path(f"data/{name}").write_bytes(content)
    clone.run("dvc", "add", "data")
    remote.configure(clone)
    folder = yaml.safe_load(clone.path("data.dvc").read_text())["outs"][0]["md5"]
    return [remote.object(md5) for md5 in [*(hashlib.md5(content).hexdigest() for content in files.values()), folder]]


def push_and_kill(clone: Clone, begun: Callable[[], bool]) -> None:
    """Start a push, and kill all its processes as soon as it has begun."""
    dvc = str(Path(sys.executable).parent / "dvc")
    process = subprocess.Popen([dvc, "push", "--jobs", "1"], cwd=clone.folder, start_new_session=True)
    while not begun() and process.poll() is None:
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def check_whole(clone: Clone, remote: Remote, folder: Path) -> None:
    other = clone_anew(clone, folder)
    remote.log_in(other)
    other.run("dvc", "pull")
    assert contents(other.path("data")) == contents(clone.path("data"))


@pytest.mark.parametrize("remote", ["local", "ssh", "s3"], indirect=True)
def test_a_push_that_is_killed(small: Clone, remote: Remote, tmp_path: Path) -> None:
    *files, folder = add(small, remote, {f"{i}": f"row {i}\n".encode() for i in range(300)})
    push_and_kill(small, lambda: any(path.exists() and path.stat().st_size for path in files))
    assert 0 < sum(path.exists() for path in files) < len(files)
    # what tells others, and the next push, that the folder is whole
    assert not folder.exists()
    assert "files pushed" in small.run("dvc", "push")
    check_whole(small, remote, tmp_path)


@pytest.mark.parametrize("remote", ["ssh"], indirect=True)
def test_a_push_that_breaks_within_a_file(small: Clone, remote: Remote, tmp_path: Path) -> None:
    file, *_, folder = add(small, remote, {"large": bytes(4 << 20), "small": b"small"})
    assert remote.server
    command = remote.server.command
    with remote.away():
        # the server cannot write more of a file, as when its disk is full
        remote.server.command = ["prlimit", f"--fsize={1 << 20}", *command]
    assert "files failed to upload" in small.run("dvc", "push", code=1)
    assert not file.exists()
    assert not folder.exists()
    with remote.away():
        remote.server.command = command
    assert "files pushed" in small.run("dvc", "push")
    check_whole(small, remote, tmp_path)
