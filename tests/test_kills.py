"""Commands that are killed leave nothing half, and the next run leaves what an undisturbed one does: a few of many."""

import subprocess
import sys

import pytest

from benchmarks.kills import HEAD
from stages.command.processor import VARIABLES
from tests.conftest import ROOT

COMMANDS = [
    "check",
    "fetch",
    "crossval_predict",
    "consensus",
    "clean",
    "report",
    "labels certify",
    "labels export",
    "review import",
]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="killed processes are looked for as Linux lists them")
def test_a_kill_leaves_nothing_behind() -> None:
    command = [sys.executable, "-m", "benchmarks.kills", "2", *COMMANDS]
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **VARIABLES}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    _, found, table = done.stdout.partition(HEAD)
    assert found
    rows = [line.split(" | ") for line in table.splitlines()[2:]]
    assert [row[0] for row in rows] == [f"| `{name}`" for name in COMMANDS]
    assert [row[-3:] for row in rows] == [["0", "0", "0 |"]] * len(COMMANDS), done.stderr
