"""Says how far a fold's training is."""

import sys
import time

from stages.workers.progress import say, write_time

# a log of a short run needs no line for each epoch
LOG_EVERY_S = 10


class EpochLine:
    """Says after each epoch how a fold does and when the run will end.

    Parameters
    ----------
    name : str
        The fold's.
    n_epochs : int
        For how many it is trained.
    epochs_after : int
        For how many the run goes on once this process has done its piece of the fold.
    """

    def __init__(self, name: str, n_epochs: int, epochs_after: int) -> None:
        self.name, self.n_epochs, self.epochs_after = name, n_epochs, epochs_after
        self.start = self.last = time.perf_counter()
        self.n_shown = 0

    def show(self, epoch: int, until: int, curves: dict[str, float]) -> None:
        """Write the line for an epoch, in a log not more often than every `LOG_EVERY_S` seconds."""
        now = time.perf_counter()
        self.n_shown += 1
        if not sys.stdout.isatty() and now - self.last < LOG_EVERY_S:
            return
        self.last = now
        seconds_left = (now - self.start) / self.n_shown * (until - epoch + self.epochs_after)
        say(
            f"{self.name}, epoch {epoch} of {self.n_epochs}: loss {curves['valid_loss']:.4f}, "
            f"accuracy {curves['valid_accuracy']:.4f}, {write_time(seconds_left)} left"
        )
