"""Says which worker trains what, and when, so that all of them are done at the same time."""

from dataclasses import dataclass
from operator import attrgetter


@dataclass(frozen=True)
class Piece:
    """A part of one fold's training.

    Attributes
    ----------
    index : int
        Which of the run's folds.
    until : int
        The epoch after which it stops.
    start, end : int
        When, counted in epochs from the beginning of the run.
    """

    index: int
    until: int
    start: int
    end: int


def plan_pieces(n_folds: int, n_epochs: int, n_workers: int, *, split: bool) -> list[Piece]:
    """Share the training of equally long folds among workers.

    Where the workers do not divide the folds, a fold is split: one worker begins it and another ends it later, so that
    five folds keep two workers busy for two and a half times a fold's time, and not for three.

    Parameters
    ----------
    n_folds, n_epochs, n_workers : int
        How many folds there are, for how many epochs each is trained, and by how many workers.
    split : bool
        Whether folds may be split.

    Returns
    -------
    list of Piece
        In the order in which they begin: the next free worker takes the next.

    References
    ----------
    The wrap-around rule of R. McNaughton, "Scheduling with Deadlines and Loss Functions", Management Science 6(1),
    1959.
    """
    rounds = -(-n_folds // n_workers)
    length = max(n_epochs, -(-n_folds * n_epochs // n_workers)) if split else rounds * n_epochs
    pieces = []
    for index in range(n_folds):
        start = index * n_epochs % length
        overlap = max(0, start + n_epochs - length)
        if overlap:
            pieces.append(Piece(index, until=overlap, start=0, end=overlap))
        pieces.append(Piece(index, until=n_epochs, start=start, end=start + n_epochs - overlap))
    return sorted(pieces, key=attrgetter("start"))
