"""What a row's nearest neighbours are labelled as: a second opinion, which does not come from the model."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from stages.artifacts.files import load_array


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
        own, size = near.contents, near.nearest.shape[1]
        voted, votes = np.zeros(len(own)), np.zeros(len(own))
        if near.groups is None:
            others = self._totals[own] - (self.labels >= 0)
            same = self._count(own, asked) - (self.labels == asked)
            votes = np.minimum(others, size).astype(float)
            voted = votes * same / np.maximum(others, 1)
        for content in near.nearest.T:
            vote = (self._totals[content] > 0) & (votes < size)
            if near.groups is not None:
                vote &= near.groups[content] != near.groups
            voted += np.where(vote, self._count(content, asked) / np.maximum(self._totals[content], 1), 0)
            votes += vote
        return np.where(votes > 0, voted / np.maximum(votes, 1), np.nan)

    @cached_property
    def _totals(self) -> np.ndarray:
        return np.bincount(self.neighbours.contents[self.labels >= 0], minlength=len(self.labels))

    @cached_property
    def _cells(self) -> tuple[np.ndarray, np.ndarray]:
        labelled = self.labels >= 0
        return np.unique(self._cell(self.neighbours.contents, self.labels)[labelled], return_counts=True)

    def _cell(self, contents: np.ndarray, labels: np.ndarray) -> np.ndarray:
        cells: np.ndarray = contents * self.n_classes + labels
        return cells

    def _count(self, contents: np.ndarray, asked: np.ndarray) -> np.ndarray:
        cells, counts = self._cells
        wanted = self._cell(contents, asked)
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
