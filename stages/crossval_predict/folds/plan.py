"""Says which worker trains what, and when, so that all of them are done at the same time.

On two cores it takes 17 % off the time of five folds of 5,000 pictures (five pairs), and nothing off that of the
digits, which are trained in seconds.
"""

from collections.abc import Sequence
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
    epochs_after : int
        How many epochs the run goes on for once it has ended.
    """

    index: int
    until: int
    start: int
    end: int
    epochs_after: int


def plan_pieces(todo: Sequence[int], n_epochs: int, n_workers: int, *, split: bool) -> list[Piece]:
    """Share the training of equally long folds among workers.

    If the workers do not divide the folds, a fold is split: one worker begins it and another ends it later, so that
    five folds keep two workers busy for two and a half times a fold's time, and not for three.

    Parameters
    ----------
    todo : sequence of int
        Which folds of the run.
    n_epochs, n_workers : int
        For how many epochs each is trained, and by how many workers.
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
    rounds = -(-len(todo) // n_workers)
    length = max(n_epochs, -(-len(todo) * n_epochs // n_workers)) if split else rounds * n_epochs
    pieces = []
    for number, index in enumerate(todo):
        start = number * n_epochs % length
        overlap = max(0, start + n_epochs - length)
        if overlap:
            pieces.append(Piece(index, overlap, 0, overlap, length - overlap))
        end = start + n_epochs - overlap
        pieces.append(Piece(index, n_epochs, start, end, length - end))
    return sorted(pieces, key=attrgetter("start"))
