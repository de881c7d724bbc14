"""What a row's nearest neighbours are labelled as: a second opinion, which does not come from the model."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np

from stages.artifacts.files import load_array

# the cells that rows fall into, in order, and how many rows fall into each
Tally: TypeAlias = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Neighbours:
    """Which rows are like each of n rows.

    Attributes
    ----------
    nearest : ndarray of shape (n, k), int64
        The first row of each of the k contents nearest to a row's own, the nearest first; k may be 0.
    contents : ndarray of shape (n,), int64
        For each row the first one with the same content.
    groups : ndarray of shape (n,), int64, optional
        The group of each row. Rows of its own group have no vote on a row: they may share its mistake.
    """

    nearest: np.ndarray
    contents: np.ndarray
    groups: np.ndarray | None = None

    def ballot(self, labels: np.ndarray, n_classes: int) -> "Ballot":
        """Return who votes for what, if the rows are labelled so, (n,) int64; -1 has no vote."""
        return Ballot(self, labels, n_classes)


@dataclass(frozen=True)
class Ballot:
    """The votes of the rows' neighbours, which say what they are labelled as themselves."""

    neighbours: Neighbours
    labels: np.ndarray
    n_classes: int

    def share(self, asked: np.ndarray) -> np.ndarray:
        """Return which share of each row's neighbours has the class ``asked`` of it, (n,) float64; NaN without any.

        Other rows of the same content are the nearest, each a vote. A content near by has one vote, which its rows
        share. There are k votes at most.
        """
        near = self.neighbours
        others, same = self._count_others(near.contents, asked)
        if near.groups is None:
            # the row itself
            others, same = others - (self.labels >= 0), same - (self.labels == asked)
        votes = np.minimum(others, near.nearest.shape[1]).astype(float)
        voted = votes * same / np.maximum(others, 1)
        for content in near.nearest.T:
            others, same = self._count_others(content, asked)
            vote = (others > 0) & (votes < near.nearest.shape[1])
            voted += np.where(vote, same / np.maximum(others, 1), 0)
            votes += vote
        return np.where(votes > 0, voted / np.maximum(votes, 1), np.nan)

    def _count_others(self, contents: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how many rows of a content vote on each row, and how many for the class asked of it."""
        groups, cells = self.neighbours.groups, contents * self.n_classes + asked
        total, same = self._totals[contents], _look_up(self._cells, cells)
        if groups is None:
            return total, same
        of_own, same_of_own = self._in_groups
        contents, cells = (numbers * (groups.max() + 1) + groups for numbers in (contents, cells))
        return total - _look_up(of_own, contents), same - _look_up(same_of_own, cells)

    @cached_property
    def _totals(self) -> np.ndarray:
        return np.bincount(self.neighbours.contents[self.labels >= 0], minlength=len(self.labels))

    @cached_property
    def _cells(self) -> Tally:
        return self._tally(self.neighbours.contents * self.n_classes + self.labels)

    @cached_property
    def _in_groups(self) -> tuple[Tally, Tally]:
        contents, groups = self.neighbours.contents, self.neighbours.groups
        assert groups is not None
        cells, n_groups = contents * self.n_classes + self.labels, groups.max() + 1
        return self._tally(contents * n_groups + groups), self._tally(cells * n_groups + groups)

    def _tally(self, cells: np.ndarray) -> Tally:
        return np.unique(cells[self.labels >= 0], return_counts=True)


def _look_up(tally: Tally, wanted: np.ndarray) -> np.ndarray:
    """Return how many rows are in each cell that is wanted."""
    cells, counts = tally
    places = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
    return np.where(cells[places] == wanted, counts[places], 0)


def no_neighbours(n_rows: int) -> Neighbours:
    """Return what is known of so many rows that have not been compared with each other."""
    return Neighbours(np.empty((n_rows, 0), dtype=np.int64), np.arange(n_rows))


def read_neighbours(folder: Path) -> Neighbours:
    """Read what ``inspect`` and ``preprocess`` left of a data set's rows, from its folder."""
    prepared = folder / "prepared"
    groups = np.array(load_array(prepared / "groups.npy")) if (prepared / "groups.npy").exists() else None
    nearest = np.array(load_array(folder / "examples" / "neighbours.npy"), dtype=np.int64)
    return Neighbours(nearest, np.array(load_array(prepared / "contents.npy")), groups)
