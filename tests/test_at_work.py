"""Who is at work in DVC, how one waits for it, and how one asks without being in its way."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from dvc.lock import Lock
from dvc.repo import Repo

from review.start.asking import ask
from stages.command.at_work import list_work, wait_for_others
from tests.noted import DEAD, note_work


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def test_only_a_process_that_lives_is_at_work(workplace: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    assert list_work() == []
    notes = note_work(workplace, "/x/raw", sleeper.pid)
    (work,) = list_work()
    assert (work.path, work.writes, work.pid, work.command) == ("/x/raw", True, sleeper.pid, "dvc repro -f")
    # the process of that number began after the note was made
    os.utime(notes, (1, 1))
    assert list_work() == []
    note_work(workplace, "/x/raw", sleeper.pid)
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert list_work() == [], "nobody has asked yet how it ended"
    sleeper.wait()
    for pid in (sleeper.pid, DEAD):
        note_work(workplace, "/x/raw", pid)
        assert list_work() == []


def test_one_waits_until_the_other_command_has_ended(workplace: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    notes = note_work(workplace, "/x/raw", sleeper.pid)
    said: list[str] = []
    waiting = threading.Thread(target=wait_for_others, args=(said.append,))
    waiting.start()
    waiting.join(0.5)
    # between two stages
    notes.write_text("{}")
    waiting.join(0.5)
    assert waiting.is_alive()
    sleeper.kill()
    sleeper.wait()
    waiting.join(10)
    assert not waiting.is_alive()
    assert said == [f"waits for another DVC command (process {sleeper.pid}: dvc repro -f)"]


def test_who_is_stopped_waits_no_longer(workplace: Path) -> None:
    note_work(workplace, "/x/raw", os.getpid())
    said: list[str] = []
    stops = iter([False, True, True])
    wait_for_others(said.append, lambda: next(stops))
    assert len(said) == 1


def test_the_question_what_is_stale_needs_no_lock_and_leaves_nothing(workplace: Path) -> None:
    Repo.init(no_scm=True)
    (workplace / "a").write_text("a")
    cmd, file = "cp a b", {"path": "a", "hash": "md5", "md5": "0" * 32, "size": 1}
    (workplace / "dvc.yaml").write_text(
        yaml.safe_dump({"stages": {"copy": {"cmd": cmd, "deps": ["a"], "outs": ["b"]}}})
    )
    locked = {"schema": "2.0", "stages": {"copy": {"cmd": cmd, "deps": [file]}}}
    (workplace / "dvc.lock").write_text(yaml.safe_dump(locked))
    # as a run in a terminal does between two stages, and while it writes
    with Lock(workplace / ".dvc/tmp/lock"):
        notes = note_work(workplace, str(workplace / "b"), os.getpid())
        before = notes.read_bytes()
        assert ask(["copy"]) == {"copy": [{"changed deps": {"a": "modified"}}, {"changed outs": {"b": "deleted"}}]}
        assert notes.read_bytes() == before
    notes.unlink()
    with Repo() as repo:
        place = (str(workplace / "a"), repo.fs)
        assert repo.state.get(*place)[1] is None
        repo.status()
        assert repo.state.get(*place)[1] is not None, "DVC itself keeps what it has read"
