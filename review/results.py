"""The results that a review was opened on, and whether they are still there."""

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from review.appending import read_status
from stages.command.errors import InputError

if TYPE_CHECKING:
    from review.session import Review

READ = ("raw", "prepared", "training", "predictions", "quality", "features", "examples", "issues.csv")


class Results:
    """What one run of the pipeline left of a data set.

    Parameters
    ----------
    folder : Path
        ``data/<dataset>``, before anything in it is read.
    reopen : function
        Opens a review of what is there when it is called.

    Attributes
    ----------
    stamp : str
        A text that no other run has: part of the addresses of pictures, so that the browser keeps none for another.
    """

    def __init__(self, folder: Path, reopen: Callable[[], "Review"]) -> None:
        self._folder, self.reopen = folder, reopen
        self.stamp = self._stamp()

    @property
    def are_current(self) -> bool:
        """Whether nothing has been made anew since."""
        return self._stamp() == self.stamp

    def check(self, stamp: str) -> None:
        """Raise InputError if a page that shows another run asks, or if the results were made anew since.

        Parameters
        ----------
        stamp : str
            Of the run that the page shows; empty if it does not say.
        """
        if stamp not in ("", self.stamp) or not self.are_current:
            raise InputError("the results were made anew, and this page shows older ones; load them")

    def _stamp(self) -> str:
        digest = blake2b(str(self._folder.resolve()).encode(), digest_size=9)
        for path in (self._folder / name for name in READ):
            for file in (path, *sorted(path.iterdir() if path.is_dir() else ())):
                digest.update(f"{file.name} {read_status(file)}\n".encode())
        return digest.hexdigest()
