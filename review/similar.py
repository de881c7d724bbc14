"""The rows that are most like one of them, by the vectors that `embed` left."""

from functools import cached_property
from pathlib import Path

import numpy as np

from stages.artifacts.vectors import SOURCE, Vectors, find_vectors, read_source, read_vectors
from stages.command.errors import InputError

# of so many rows for each wanted one the distance is computed again, without the rounding of the first
CANDIDATES = 4
TINY = float(np.finfo(np.float32).tiny)
# what is read of the vectors at once
BLOCK_BYTES = 1 << 26


class Similar:
    """Finds them among all n rows.

    Parameters
    ----------
    vectors : ndarray or csr_matrix of shape (n, d), float32
        May be memory-mapped: a block is read at a time.
    measure : str
        What the vectors are made of, as the page says it.
    metric : str
        ``euclidean``, or ``cosine``, the angle between them.
    pretrained : bool
        Whether a pretrained network made them, so that texts that are near each other mean something alike.
    """

    def __init__(self, vectors: Vectors, measure: str, metric: str = "euclidean", *, pretrained: bool = False) -> None:
        self.vectors, self.measure, self.metric, self.pretrained = vectors, measure, metric, pretrained

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
        dense = isinstance(self.vectors, np.ndarray)
        size = max(1, BLOCK_BYTES // max(1, 4 * width)) if dense else n_rows
        return [self.vectors[start : start + size] for start in range(0, n_rows, size)]


def open_similar(folder: Path, n_rows: int) -> Similar | None:
    """Open what rows of ``data/<dataset>`` are compared by, or nothing where they have no vectors.

    Raises
    ------
    InputError
        When it has not ``n_rows`` rows.
    """
    features = folder / "features"
    if not (features / SOURCE).exists():
        return None
    path, source = find_vectors(features), read_source(features)
    vectors = read_vectors(path)
    if vectors.shape[0] != n_rows:
        raise InputError(f"{path}: is not of the same run as quality/; `dvc repro` makes both again")
    pretrained = bool(source["pretrained"])
    measure = f"features of {source['name']}" if pretrained else source["name"]
    return Similar(vectors, measure, source["metric"], pretrained=pretrained)


def _to_dense(vectors: Vectors) -> np.ndarray:
    dense: np.ndarray = np.asarray(vectors) if isinstance(vectors, np.ndarray) else vectors.toarray()
    return dense


def _square(vectors: Vectors) -> np.ndarray:
    if not isinstance(vectors, np.ndarray):
        return np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel()
    squares: np.ndarray = np.einsum("ij,ij->i", vectors, vectors)
    return squares
