"""The processes that train folds, on this machine or on a cluster, as the environment says."""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError

from stages.command.errors import InputError
from stages.crossval_predict.cluster import connect
from stages.crossval_predict.imports import find_class, is_module
from stages.crossval_predict.models import NETWORKS
from stages.crossval_predict.origin import Model, find_origin
from stages.crossval_predict.pool import Pool
from stages.crossval_predict.settings import BUILT_IN, Settings

WORKERS, DEVICE, SCHEDULER = "CLEAN_LABELS_WORKERS", "CLEAN_LABELS_DEVICE", "CLEAN_LABELS_SCHEDULER"


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
        return _name_kill(joblib.Parallel(n_jobs=self.count, batch_size=1, return_as="generator_unordered")(calls))


def start_workers(n_folds: int) -> AbstractContextManager[Pool]:
    """Return the context in which there are workers for ``n_folds`` folds: `Workers`, or those of a cluster."""
    address = os.environ.get(SCHEDULER)
    return connect(SCHEDULER, address) if address else nullcontext(Workers(count_workers(n_folds)))


def wake(workers: Pool, models: list[Settings]) -> Iterator[list[Model]]:
    """Have each worker import what it trains with, which takes seconds, and then yield what it found of each model."""
    awake: Iterator[list[Model]] = workers.call(_wake, [(models, os.environ.get(DEVICE))] * workers.count)
    return awake


def for_device(workers: Pool, device: str) -> Pool:
    """Return the workers to train with: a GPU here trains one fold after the other, unless told otherwise."""
    return Workers(1) if device != "cpu" and workers.share_disk and not os.environ.get(WORKERS) else workers


def count_workers(n_folds: int) -> int:
    """Return how many folds to train at once here: the environment's choice, else one for each core."""
    text = os.environ.get(WORKERS, "")
    if text and not (text.isascii() and text.isdigit() and int(text) > 0):
        raise InputError(f"{WORKERS}={text!r}: give a whole number of at least 1")
    return min(int(text or joblib.cpu_count()), n_folds)


def _name_kill(done: Iterator[Any]) -> Iterator[Any]:
    # said after a mistake has been named, when what is still trained is of no use
    warnings.filterwarnings("ignore", "[0-9]+ tasks which were still being processed", UserWarning)
    # said where psutil is there and a worker has mapped large arrays: it is started anew, and nothing is lost
    warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
    try:
        yield from done
    except TerminatedWorkerError:
        raise InputError(
            "a worker process was killed, perhaps by the system for lack of memory; finished folds are kept: run the "
            f"stage again, with a lower {WORKERS} or, for a network, crossval_predict.batch_size"
        ) from None


def _wake(models: list[Settings], device: str | None) -> list[Model]:
    return [_find_model(settings, device) for settings in models]


def _find_model(settings: Settings, device: str | None) -> Model:
    # not at the top: the process that hands out the work needs neither torch nor scikit-learn
    if settings.model in NETWORKS or (settings.model not in BUILT_IN and is_module(find_class(settings.model))):
        from stages.crossval_predict.worker import choose_device

        return Model(True, find_origin(settings.model), choose_device(device))
    from stages.crossval_predict.estimators import make_classifier

    make_classifier(settings, (0, 0), ())
    return Model(False, find_origin(settings.model), "cpu")
