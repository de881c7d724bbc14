"""The rows that are most like one of them, by the vectors that `embed` left, or as far as `inspect` compared them."""

from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np
from scipy.sparse import csr_matrix, load_npz

from stages.artifacts.files import load_array, read_json
from stages.artifacts.kind import read_kind
from stages.command.errors import InputError

Vectors: TypeAlias = np.ndarray | csr_matrix
# of so many rows for each wanted one the distance is computed again, without the rounding of the first
CANDIDATES = 4
TINY = float(np.finfo(np.float32).tiny)
# what is read of the vectors at once
BLOCK_BYTES = 1 << 26
# what the sources that need no network are made of, and what `inspect` compares rows by
MEASURES = {"pixels": "pixels", "columns": "columns", "tfidf": "words"}
COMPARED = {"picture": "pixels", "table": "columns", "text": "words"}


class ByVectors:
    """Finds them among all n rows.

    Parameters
    ----------
    vectors : ndarray or csr_matrix of shape (n, d), float32
        May be memory-mapped: a block is read at a time.
    measure : str
        What the vectors are made of, as the page says it.
    metric : str
        ``euclidean``, or ``cosine``, the angle between them.
    """

    def __init__(self, vectors: Vectors, measure: str, metric: str = "euclidean") -> None:
        self.vectors, self.measure, self.metric = vectors, measure, metric

    def find(self, row: int, count: int) -> list[int]:
        """Return the nearest other rows, the nearest first."""
        query = _to_dense(self.vectors[[row]])[0]
        products = np.concatenate([np.asarray(block @ query).ravel() for block in self._blocks()])
        if self.metric == "cosine":
            far = -products / np.maximum(np.sqrt(self._squares), TINY)
        else:
            far = self._squares - 2 * products
        far[row] = np.inf
        count = min(count, len(far) - 1)
        found = np.argpartition(far, min(CANDIDATES * count, len(far) - 1))[: CANDIDATES * count]
        found = np.sort(found[found != row])
        order = np.argsort(self._measure(found, query), kind="stable")[:count]
        return [int(other) for other in found[order]]

    def _measure(self, rows: np.ndarray, query: np.ndarray) -> np.ndarray:
        vectors, wanted = _to_dense(self.vectors[rows]).astype(np.float64), query.astype(np.float64)
        if self.metric == "cosine":
            vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), TINY)
            wanted = wanted / max(float(np.linalg.norm(wanted)), TINY)
        squares: np.ndarray = np.square(vectors - wanted).sum(axis=1)
        return squares

    @cached_property
    def _squares(self) -> np.ndarray:
        return np.concatenate([_square(block) for block in self._blocks()])

    def _blocks(self) -> list[Vectors]:
        n_rows, width = self.vectors.shape
        size = n_rows if isinstance(self.vectors, csr_matrix) else max(1, BLOCK_BYTES // max(1, 4 * width))
        return [self.vectors[start : start + size] for start in range(0, n_rows, size)]


class ByNeighbours:
    """Finds as many as `inspect` found, of different content.

    Parameters
    ----------
    neighbours : ndarray of shape (n, k), int32
        The nearest rows of each, the nearest first.
    measure : str
        What they were compared by.
    """

    def __init__(self, neighbours: np.ndarray, measure: str) -> None:
        self.neighbours, self.measure = neighbours, measure

    def find(self, row: int, count: int) -> list[int]:
        """Return the nearest other rows, the nearest first."""
        return [int(other) for other in self.neighbours[row] if other != row][:count]


def open_similar(folder: Path, n_rows: int) -> ByVectors | ByNeighbours | None:
    """Open what rows of ``data/<dataset>`` are compared by, or nothing where they were not compared.

    Raises
    ------
    InputError
        When it has not ``n_rows`` rows.
    """
    features, neighbours = folder / "features", folder / "examples" / "neighbours.npy"
    path = next(
        (path for path in (features / "features.npy", features / "features.npz", neighbours) if path.exists()), None
    )
    if path is None:
        return None
    found = csr_matrix(load_npz(path)) if path.suffix == ".npz" else load_array(path)
    if found.shape[0] != n_rows:
        raise InputError(f"{path}: is not of the same run as quality/; `dvc repro` makes both again")
    if path != neighbours:
        source = read_json(features / "source.json")
        return ByVectors(found, MEASURES.get(source["name"], f"features of {source['name']}"), source["metric"])
    return ByNeighbours(found, COMPARED[read_kind(folder / "prepared")]) if found.shape[1] else None


def _to_dense(vectors: Vectors) -> np.ndarray:
    dense: np.ndarray = vectors.toarray() if isinstance(vectors, csr_matrix) else np.asarray(vectors)
    return dense


def _square(vectors: Vectors) -> np.ndarray:
    if isinstance(vectors, csr_matrix):
        return np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel()
    squares: np.ndarray = np.einsum("ij,ij->i", vectors, vectors)
    return squares
