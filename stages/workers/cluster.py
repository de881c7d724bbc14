"""Other machines, by the workers of a Dask scheduler."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from stages.command.errors import InputError
from stages.command.processor import describe_processor

TIMEOUT_S = 20
# calls that wait for each worker: what they are about is in memory
AHEAD = 4


@dataclass(frozen=True)
class ClusterWorkers:
    """The workers of a Dask scheduler, which may share no disk with this process.

    Notes
    -----
    They are called by Dask's own client: joblib's backend for it works in the calling process when there is but one
    worker, and waits for ever if the scheduler cannot unpickle a call.
    """

    client: Any
    count: int
    share_disk: bool = field(default=False, init=False)

    def call(self, function: Callable[..., Any], arguments: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        """Call ``function`` with each tuple of arguments, and yield what comes back, as it comes.

        A call whose worker dies is made again by another.
        """
        from distributed import as_completed

        todo = (self.client.submit(function, *each, pure=False) for each in arguments)
        done: Any = as_completed(islice(todo, AHEAD * self.count), with_results=True)  # type: ignore[no-untyped-call]
        for _, result in done:
            for future in islice(todo, 1):
                done.add(future)
            yield result


@contextmanager
def connect(variable: str, address: str, probe: Callable[[], Any]) -> Iterator[ClusterWorkers]:
    """Connect to a scheduler for as long as the context lasts.

    Parameters
    ----------
    variable : str
        The environment variable that names it, for messages.
    address : str
        For instance ``tcp://192.0.2.1:8786``.
    probe : callable
        What a worker calls to see that it can import the code.

    Raises
    ------
    InputError
        If Dask is not installed, or the scheduler does not answer, has no worker, cannot import these modules, or has
        a worker of several threads, in which two tasks would draw from the same random numbers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InputError(f"{variable}: Dask is not installed; pip install -r requirements-cluster.txt") from None
    try:
        client: Any = Client(address, timeout=TIMEOUT_S)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{variable}={address!r}: no scheduler answers there ({reason})") from None
    with client:
        check_workers(variable, client, probe)
        yield ClusterWorkers(client, len(client.nthreads()))


def check_workers(variable: str, client: Any, probe: Callable[[], Any]) -> None:
    """Raise InputError if a cluster cannot do the work."""
    try:
        client.wait_for_workers(1, timeout=TIMEOUT_S)
    except TimeoutError:
        raise InputError(f"{variable}: the scheduler has no workers; start some, and see what they print") from None
    check_threads(variable, client.nthreads())
    try:
        client.submit(probe, pure=False).result(timeout=TIMEOUT_S)
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(
            f"{variable}: the scheduler or a worker cannot import this repository's stages; start each in a clone's "
            f"root, in its environment, by `python -m dask` ({reason})"
        ) from None
    check_processors(variable, client.run(describe_processor))


def check_processors(variable: str, processors: dict[str, str]) -> None:
    """Raise InputError if a worker rounds differently from this process."""
    own = describe_processor()
    for worker, theirs in processors.items():
        if theirs != own:
            raise InputError(
                f"{variable}: the worker {worker} rounds differently ({theirs}) from this process ({own}); start each "
                "by `env $(python -m stages) python -m dask worker …`, on processors of one kind"
            )


def check_threads(variable: str, threads: dict[str, int]) -> None:
    """Raise InputError if a worker would do two tasks in one process."""
    several = [worker for worker, count in threads.items() if count > 1]
    if several:
        raise InputError(
            f"{variable}: the worker {several[0]} has several threads; start each with --nthreads 1, "
            "and --nworkers for as many as the machine has cores"
        )
