"""A disk that is full, at any byte: one line says so, and what was there is as it was."""

import contextlib
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import stages.fetch.__main__ as fetch
from stages.artifacts.decisions import COLUMNS
from tests.conftest import ROOT

PAGE = 4096
PARAMS = "toy: {fetch: {sources: ['sklearn:iris']}}\n"
HEAD = f"{','.join(COLUMNS)}\n"
# a file may have no more than so many bytes, which stops a write in the middle as a full disk does
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}));"
STAGE = "import runpy; runpy.run_module('stages.{stage}', run_name='__main__')"
STARTING = """
from stages.command.run import run_stage
from stages.fetch.__main__ import ensure_decisions
run_stage("fetch", lambda dataset: ensure_decisions(dataset, {columns}))
"""


def run(folder: Path, code: str, argument: str = "toy") -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", code, argument], cwd=folder, capture_output=True, text=True,
        # byte-code would be cut off, too
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize("size", [0, 1, len(HEAD) - 1])
def test_decisions_start_whole_or_not_at_all(tmp_path: Path, size: int) -> None:
    code, printed = run(tmp_path, LIMITED.format(size=size) + STARTING.format(columns=COLUMNS))
    assert (code, printed.count("\n")) == (2, 1)
    assert "fetch: toy: error: a file could not be read or written: File too large; mend this" in printed
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert run(tmp_path, LIMITED.format(size=len(HEAD)) + STARTING.format(columns=COLUMNS))[0] == 0
    assert (tmp_path / "data/toy/decisions.csv").read_text() == HEAD


def test_an_array_that_does_not_fit_says_that_the_disk_is_full(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(PARAMS.replace("iris", "digits"))
    code, printed = run(tmp_path, LIMITED.format(size=1024) + STAGE.format(stage="fetch"))
    assert (code, printed.count("\n")) == (2, 1)
    assert "error: a file could not be written whole: the disk is full, or a file may not be so large (1" in printed
    assert [path for path in tmp_path.rglob("*") if path.name not in ("params.yaml", "data", "toy")] == []


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """The folder to be in: a file system of 128 KB, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", folder], capture_output=True)
    if mounted.returncode:
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
    free = shutil.disk_usage(disk).free
    filler.write_bytes(bytes(free - pages * PAGE))
    assert shutil.disk_usage(disk).free == pages * PAGE


def list_files(disk: Path) -> dict[str, bytes]:
    return {str(path.relative_to(disk)): path.read_bytes() for path in (disk / "data").rglob("*") if path.is_file()}


def test_a_fetch_on_a_full_disk_leaves_all_or_nothing(disk: Path) -> None:
    reasons, whole = [], {"data/toy/decisions.csv", "data/toy/raw/labels.csv", "data/toy/raw/rows.csv"}
    for pages in range(12):
        leave_free(disk, pages)
        try:
            fetch.main("toy")
            break
        except OSError as error:
            reasons.append(error.errno)
        # raw is whole before the decisions are begun
        assert set(list_files(disk)) in (set(), whole - {"data/toy/decisions.csv"})
    assert set(list_files(disk)) == whole
    assert (disk / "data/toy/decisions.csv").read_text() == HEAD
    assert set(reasons) == {errno.ENOSPC}


def test_a_fetch_on_a_full_disk_leaves_what_was_there(disk: Path) -> None:
    fetch.main("toy")
    before = list_files(disk)
    for pages in range(2):
        leave_free(disk, pages)
        with pytest.raises(OSError, match="No space left on device"):
            fetch.main("toy")
        assert list_files(disk) == before


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


def test_decisions_on_a_disk_that_fills_up_are_as_they_were(disk: Path) -> None:
    path = disk / "decisions.csv"
    path.write_text(HEAD)
    for pages in range(4):
        leave_free(disk, pages)
        assert run(disk, APPENDING.format(rows=1000))[0] == 3
        assert path.read_text() == HEAD
    (disk / "filler").unlink()
    assert run(disk, APPENDING.format(rows=1000))[0] == 0
    assert path.read_text().count("\n") == 1001
