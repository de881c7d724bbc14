"""Says how far training is: one line that is written over in a terminal, plain lines in a log."""

import sys
import time
from typing import Any

from skorch.callbacks import Callback

# a log of a short run needs no line for each epoch
LOG_EVERY_S = 10
REWRITE = "\r\x1b[2K"


class EpochLine(Callback):  # type: ignore[misc]  # skorch is not typed
    """A skorch callback that says after each epoch how a fold does and when the run will end.

    Parameters
    ----------
    fold, n_folds : int
        This fold, from 0, and how many there are.
    rounds_left : int
        How often a worker will begin another fold after this one.
    """

    def __init__(self, fold: int, n_folds: int, rounds_left: int) -> None:
        self.fold, self.n_folds, self.rounds_left = fold, n_folds, rounds_left

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        """Start the clock."""
        self.start = self.last = time.perf_counter()

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        """Write the line, in a log not more often than every `LOG_EVERY_S` seconds."""
        now, done = time.perf_counter(), net.history[-1]
        if not sys.stdout.isatty() and now - self.last < LOG_EVERY_S:
            return
        self.last = now
        epochs_left = net.max_epochs - done["epoch"] + self.rounds_left * net.max_epochs
        seconds_left = (now - self.start) / done["epoch"] * epochs_left
        say(
            f"fold {self.fold + 1} of {self.n_folds}, epoch {done['epoch']} of {net.max_epochs}: "
            f"loss {done['valid_loss']:.4f}, accuracy {done['valid_acc']:.4f}, {write_time(seconds_left)} left"
        )


def say(line: str, *, final: bool = False) -> None:
    """Print a line; in a terminal the next one takes its place, unless it is final."""
    if sys.stdout.isatty():
        print(f"{REWRITE}{line}", end="\n" if final else "", flush=True)
    else:
        print(line, flush=True)


def write_time(seconds: float) -> str:
    """Return a time as a person says it: 40 s, 12 min, 2 h 5 min."""
    minutes = round(seconds / 60)
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
