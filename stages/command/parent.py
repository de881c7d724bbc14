"""Ends a process with the one that started it, however that one ends: nobody waits for its work any more."""

import multiprocessing
import os
import time
from collections.abc import Callable
from functools import cache
from threading import Thread
from typing import Any

from stages.command.errors import EXIT_INTERRUPTED

# set for a process whose standard input is a pipe from the one that started it
BY_STDIN = "STAGE_ENDS_WITH_STDIN"
POLL_S = 0.5


@cache
def end_with_parent() -> None:
    """End this process with the one that `multiprocessing` started it for; in any other process do nothing."""
    parent = multiprocessing.parent_process()
    if parent:
        _end_after(lambda: _wait_for(parent))


def end_with_stdin() -> None:
    """End this process with its standard input, if its environment says so."""
    if os.environ.pop(BY_STDIN, None):
        # not by sys.stdin, whose lock a thread that waits would hold when Python ends
        _end_after(lambda: os.read(0, 1))


def _wait_for(parent: Any) -> None:
    if os.getppid() != parent.pid:
        # a server between them forked this process; it has a pipe to the parent
        parent.join()
    while os.getppid() == parent.pid:
        time.sleep(POLL_S)


def _end_after(wait: Callable[[], object]) -> None:
    def end() -> None:
        try:
            wait()
        finally:
            os._exit(EXIT_INTERRUPTED)

    Thread(target=end, daemon=True).start()
