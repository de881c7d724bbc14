"""The processes that work is shared out to, on this machine or on a cluster, as the environment says."""

import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from multiprocessing import forkserver
from typing import Any, Protocol

import joblib
from joblib.externals.loky.backend.context import set_start_method
from joblib.externals.loky.process_executor import TerminatedWorkerError

from stages.command.errors import InputError
from stages.command.parent import end_with_parent
from stages.workers.cluster import connect
from stages.workers.traces import clear_traces, note_process, using_temporary

WORKERS, DEVICE, SCHEDULER = "CLEAN_LABELS_WORKERS", "CLEAN_LABELS_DEVICE", "CLEAN_LABELS_SCHEDULER"
# How many threads a library uses. A process reads them when it imports the library.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Pool(Protocol):
    """Processes to call functions in: this machine's, or those of a cluster."""

    @property
    def count(self) -> int:
        """How many work at once."""

    @property
    def share_disk(self) -> bool:
        """Whether they surely see this process's files."""

    def call(self, function: Callable[..., Any], arguments: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        """Call ``function`` with each tuple of arguments, begun in their order; yield what comes back, as it comes."""


@dataclass(frozen=True)
class Workers:
    """Processes of this machine, each with one thread, that joblib starts and keeps.

    Attributes
    ----------
    count : int
        How many work at once.
    """

    count: int
    share_disk: bool = field(default=True, init=False)

    def call(self, function: Callable[..., Any], arguments: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        """Call ``function`` with each tuple of arguments, begun in their order; yield what comes back, as it comes."""
        calls = (joblib.delayed(function)(*each) for each in arguments)
        # from their start: those that wait for work end with this process, too
        own = {"initializer": end_with_parent} if self.count > 1 else {}
        parallel = joblib.Parallel(n_jobs=self.count, batch_size=1, return_as="generator_unordered", **own)
        return _name_kill(parallel(calls))


def start_workers(n_tasks: int, module: str, probe: Callable[[], Any]) -> AbstractContextManager[Pool]:
    """Return a context with workers: `Workers`, or those of a cluster.

    Parameters
    ----------
    n_tasks : int
        What there is to share out; there is no use for more workers.
    module : str
        The module that does the work, whose imports take seconds.
    probe : callable
        What a worker of a cluster calls first, to see that it can import the code.
    """
    address = os.environ.get(SCHEDULER)
    if address:
        return connect(SCHEDULER, address, probe)
    workers = Workers(count_workers(n_tasks))
    # macOS libraries may crash in a process that is forked after they are imported
    if workers.count > 1 and sys.platform == "linux":
        clear_traces()
        note_process()
        share_imports(module)
    return nullcontext(workers)


def share_imports(module: str) -> None:
    """Start a process that imports a module once, and have joblib fork the workers from it."""
    own = dict(os.environ)
    set_start_method("forkserver", force=True)
    forkserver.set_forkserver_preload([module])
    try:
        os.environ.update({**dict.fromkeys(THREADS, "1"), **own})
        with using_temporary():
            forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(own)


def for_device(workers: Pool, device: str) -> Pool:
    """Return the workers to compute with: a GPU here does one thing after the other, unless told otherwise."""
    return Workers(1) if device != "cpu" and workers.share_disk and not os.environ.get(WORKERS) else workers


def choose_device(name: str | None) -> str:
    """Return the torch device that the environment names, else cuda if there is one, else cpu."""
    import torch

    name = name or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{DEVICE}={name!r}: torch cannot use it: {reason}") from None
    return name


def count_workers(n_tasks: int) -> int:
    """Return how many work at once here: as many as the environment says, else one for each core."""
    text = os.environ.get(WORKERS, "")
    if text and not (text.isascii() and text.isdigit() and int(text) > 0):
        raise InputError(f"{WORKERS}={text!r}: give a whole number of at least 1")
    return min(int(text or joblib.cpu_count()), n_tasks)


def _name_kill(done: Iterator[Any]) -> Iterator[Any]:
    # joblib says it once a mistake has been named, and the rest is given up
    warnings.filterwarnings("ignore", "[0-9]+ tasks which were still being processed", UserWarning)
    # joblib says it if psutil is installed and a worker has mapped large arrays: it is started anew, nothing is lost
    warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
    try:
        yield from done
    except TerminatedWorkerError:
        raise InputError(
            "a worker process was killed, perhaps by the system for lack of memory; what is finished is kept: run the "
            f"stage again, with a lower {WORKERS} or, for a network that is trained, crossval_predict.batch_size"
        ) from None
