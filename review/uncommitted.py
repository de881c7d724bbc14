"""Warns of decisions that only this folder has: `dvc exp apply` and `git checkout` put them away without a word."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stages.artifacts.decisions import read_lines, to_time

OLD = timedelta(days=1)


def describe_uncommitted(path: Path) -> str:
    """Return a line if decisions that were made more than a day ago are not committed, or else an empty text."""
    added = _read_added(path)
    if not added:
        return ""
    with path.open("rb") as file:
        head = file.readline()
    decisions, _ = read_lines(path, head + b"".join(added))
    times = [time for said in decisions if (time := to_time(said.time))]
    if not times or datetime.now(UTC) - min(times) < OLD:
        return ""
    return (
        f"{len(decisions):,} decision(s) since {min(times):%Y-%m-%d} are not committed: `git commit {path}` keeps them "
        "from `dvc exp apply` and `git checkout`, which put them away without a word"
    )


def _read_added(path: Path) -> list[bytes]:
    """Return the lines that the last commit has not, or none if git does not know the file."""
    command = ["git", "diff", "--no-ext-diff", "--no-color", "--text", "--unified=0", "HEAD", "--", path.name]
    try:
        done = subprocess.run(command, cwd=path.parent, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    hunks = done.stdout.partition(b"\n@@")[2]
    return [line[1:] for line in hunks.splitlines(keepends=True) if line.startswith(b"+")]
