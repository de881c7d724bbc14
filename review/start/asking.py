"""Prints what ``dvc status --json --with-deps`` does, and keeps no other DVC command waiting: it holds no lock.

A run in a terminal that finds DVC's lock taken between two of its stages fails. So this only reads. Who asks leaves out
what was said while something ran.
"""

import json
import sys
import tempfile
from typing import Any

from dvc.exceptions import DvcException
from dvc.lock import LockNoop
from dvc.repo import Repo


def ask(targets: list[str]) -> dict[str, Any]:
    """Return what has changed, by stage, of the stages that lead to some targets."""
    with tempfile.TemporaryDirectory() as own, Repo() as repo:
        repo.lock = LockNoop()
        # where the notes go on what is read, which would stop those who write it
        repo.tmp_dir = own
        for method in ("save", "save_many"):
            # of a file that is written just now a wrong hash would stay
            setattr(repo.state, method, lambda *_, **__: None)
        changed: dict[str, Any] = repo.status(targets=targets, with_deps=True)
        return changed


if __name__ == "__main__":
    try:
        print(json.dumps(ask(sys.argv[1:])))
    except DvcException as error:
        sys.exit(f"ERROR: {error}")
