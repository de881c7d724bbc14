"""A disk that is full, at any byte: one line says so, and what was there is as it was."""

import contextlib
import errno
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import stages.fetch.__main__ as fetch
from labels import certify
from stages.artifacts.decisions import COLUMNS, RUN
from stages.certificate.plan import write_plan
from tests.certificates import Toy
from tests.commands import run_python

PAGE = 4096
PARAMS = "toy: {fetch: {sources: ['sklearn:iris']}}\n"
HEAD = f"{','.join((*COLUMNS, RUN))}\n"
# a file may have no more than so many bytes, which stops a write in the middle as a full disk does
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}));"
STAGE = "import runpy; runpy.run_module('stages.{stage}', run_name='__main__')"
LABELS = "import runpy; runpy.run_module('labels', run_name='__main__')"
STARTING = """
from stages.command.run import run_stage
from stages.fetch.__main__ import ensure_decisions
run_stage("fetch", lambda dataset: ensure_decisions(dataset, {columns}))
"""


def run(folder: Path, code: str, argument: str = "toy") -> tuple[int, str]:
    # byte-code would be cut off, too
    done = run_python("-c", code, argument, folder=folder, env={"PYTHONDONTWRITEBYTECODE": "1"})
    return done.returncode, done.stderr


@pytest.mark.parametrize("size", [0, 1, len(HEAD) - 1])
def test_decisions_start_whole_or_not_at_all(tmp_path: Path, size: int) -> None:
    code, printed = run(tmp_path, LIMITED.format(size=size) + STARTING.format(columns=(*COLUMNS, RUN)))
    assert (code, printed.count("\n")) == (2, 1)
    assert "fetch: toy: error: a file could not be read or written: File too large; mend this" in printed
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert run(tmp_path, LIMITED.format(size=len(HEAD)) + STARTING.format(columns=(*COLUMNS, RUN)))[0] == 0
    assert (tmp_path / "data/toy/decisions.csv").read_text() == HEAD


def test_an_array_that_does_not_fit_says_that_the_disk_is_full(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(PARAMS.replace("iris", "digits"))
    code, printed = run(tmp_path, LIMITED.format(size=1024) + STAGE.format(stage="fetch"))
    assert (code, printed.count("\n")) == (2, 1)
    assert "error: a file could not be written whole: the disk is full, or a file may not be so large (1" in printed
    assert [path for path in tmp_path.rglob("*") if path.name not in ("params.yaml", "data", "toy")] == []


def make_disk(kind: str, folder: Path, size: int) -> bool:
    """Mount a file system of so many bytes at a folder, and say whether this user may."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if kind == "ext4":
        image = folder.with_suffix(".img")
        with image.open("wb") as file:
            file.truncate(size)
        make = ["mkfs.ext4", "-q", "-O", "^has_journal", "-m", "0", "-N", "128", str(image)]
        if not shutil.which("mkfs.ext4") or subprocess.run(make, capture_output=True).returncode:
            return False
        command = ["mount", "-o", "loop", str(image), str(folder)]
    return subprocess.run(command, capture_output=True).returncode == 0


@pytest.fixture(params=["tmpfs", "ext4"])
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The folder to be in: a small file system, where this user may mount one."""
    folder = tmp_path / "disk"
    if not make_disk(request.param, folder, 1 << 20):
        pytest.skip("no file system may be mounted here")
    (folder / "params.yaml").write_text(PARAMS)
    try:
        with contextlib.chdir(folder):
            yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def leave_free(disk: Path, pages: int) -> None:
    """Fill a disk but for some pages."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    with filler.open("wb", buffering=0) as file:
        while (rest := shutil.disk_usage(disk).free - pages * PAGE) > 0:
            try:
                file.write(bytes(min(rest, PAGE)))
            except OSError:
                break
        os.fsync(file.fileno())


def list_files(disk: Path) -> dict[str, bytes]:
    return {str(path.relative_to(disk)): path.read_bytes() for path in (disk / "data").rglob("*") if path.is_file()}


def fill_until_it_fits(disk: Path, write: Callable[[], object], states: Sequence[Collection[str]]) -> int:
    """Call a function with ever more pages free until it succeeds; what was there is as it was, or one of some states.

    Return how often it did not succeed.
    """
    before, reasons = list_files(disk), []
    for pages in range(100):
        leave_free(disk, pages)
        try:
            write()
        except OSError as error:
            reasons.append(error)
        else:
            assert all(reason.errno == errno.ENOSPC or "requested and" in str(reason) for reason in reasons)
            return pages
        left = list_files(disk)
        assert not list((disk / "data").rglob("*.partial"))
        assert left == before or (not before and set(left) in map(set, states))
    raise AssertionError("it never fits")


RAW = ("data/toy/raw/labels.csv", "data/toy/raw/rows.csv")


def test_a_fetch_on_a_full_disk_leaves_all_or_nothing(disk: Path) -> None:
    # raw is whole before the decisions are begun
    assert fill_until_it_fits(disk, lambda: fetch.main("toy"), [RAW]) > 1
    left = list_files(disk)
    assert set(left) == {"data/toy/decisions.csv", *RAW}
    assert (disk / "data/toy/decisions.csv").read_text() == HEAD
    # over what is there, and once more with room
    assert fill_until_it_fits(disk, lambda: fetch.main("toy"), []) > 1
    assert list_files(disk) == left
    (disk / "filler").unlink()
    shutil.rmtree(disk / "data")
    fetch.main("toy")
    assert list_files(disk) == left


@pytest.mark.parametrize("n_rows", [30, 400])
def test_a_plan_on_a_full_disk_is_written_whole_or_not_at_all(disk: Path, n_rows: int) -> None:
    toy = Toy(n_rows)
    certify.plan_certificate("toy", "10%")
    plan = toy.plan
    shutil.rmtree(toy.folder / "certificate")
    shutil.rmtree(toy.folder / "cleaned")
    shutil.rmtree(toy.folder / "quality")
    for written in (plan, replace(plan, goal=0.2)):
        tried = fill_until_it_fits(disk, partial(write_plan, toy.folder, written), [])
        assert tried > 0
        assert toy.plan.goal == written.goal


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (STAGE.format(stage="fetch"), "fetch: toy: error: "),
        (STAGE.format(stage="certify"), "certify: toy: error: "),
        ("import sys; sys.argv[1:] = ['certify', 'toy', '--goal', '10%'];" + LABELS, "labels: error: "),
        ("import sys; sys.argv[1:] = ['export', 'toy', 'out', '--as', 'csv'];" + LABELS, "labels: error: "),
    ],
)
def test_one_line_says_that_the_disk_is_full(disk: Path, code: str, said: str) -> None:
    toy = Toy()
    Path("params.yaml").write_text(PARAMS)
    leave_free(disk, 0)
    before = list_files(disk)
    returned, printed = run(disk, code)
    assert (returned, printed.count("\n")) == (2, 1), printed
    assert printed.startswith(said)
    assert "the disk is full (No space left on device); mend this and run the command again" in printed
    assert list_files(disk) == before
    assert not Path("out").exists()
    (disk / "filler").unlink()
    assert run(disk, code)[0] == 0
    assert toy.folder.exists()


APPENDING = """
from pathlib import Path
from review.appending import append
from stages.artifacts.decisions import Decision
try:
    append(Path("decisions.csv"), [Decision(str(row), "cat", "keep", "", "Ann", "2026-01-01") for row in range({rows})])
except OSError:
    raise SystemExit(3)
"""


@pytest.mark.parametrize("rows", [1, 110, 1000])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.999])
def test_decisions_are_added_all_or_none(tmp_path: Path, rows: int, share: float) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text(f"{HEAD}0,cat,keep,,Ann,2026-01-01,,,,\n")
    before = path.read_bytes()
    assert run(tmp_path, APPENDING.format(rows=rows))[0] == 0
    added = path.stat().st_size - len(before)
    assert path.read_text().count("\n") == 2 + rows
    path.write_bytes(before)
    assert run(tmp_path, LIMITED.format(size=len(before) + int(share * added)) + APPENDING.format(rows=rows))[0] == 3
    assert path.read_bytes() == before


@pytest.mark.parametrize("rows", [110, 1000])
def test_a_kill_in_the_middle_of_many_lines_adds_none(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text(f"{HEAD}0,cat,keep,,Ann,2026-01-01,,,,\n")
    path.chmod(0o640)
    before = path.read_bytes()
    # the signal of a file that is too large, which Python otherwise ignores
    deadly = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL);"
    code = LIMITED.format(size=len(before) + 1000) + deadly + APPENDING.format(rows=rows)
    assert run(tmp_path, code)[0] == -signal.SIGXFSZ
    assert path.read_bytes() == before
    assert run(tmp_path, APPENDING.format(rows=rows))[0] == 0
    assert (path.read_text().count("\n"), path.stat().st_mode & 0o777) == (rows + 2, 0o640)
    assert [found.name for found in tmp_path.glob("decisions*")] == ["decisions.csv"]


def test_decisions_on_a_disk_that_fills_up_are_as_they_were(disk: Path) -> None:
    path = disk / "decisions.csv"
    path.write_text(HEAD)
    for pages in range(4):
        leave_free(disk, pages)
        assert run(disk, APPENDING.format(rows=1000))[0] == 3
        assert path.read_text() == HEAD
        assert [found.name for found in disk.glob("decisions*")] == ["decisions.csv"]
    (disk / "filler").unlink()
    assert run(disk, APPENDING.format(rows=1000))[0] == 0
    assert path.read_text().count("\n") == 1001
