"""What rows are compared by: the vectors that ``embed`` left."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stages.artifacts.vectors import APART, FEATURES, PLAIN, find_vectors, read_source, read_vectors
from stages.inspect.duplicates import NEAR, NEAR_PICTURES
from stages.inspect.neighbours import Features


@dataclass(frozen=True)
class Views:
    """What n rows are compared by.

    Attributes
    ----------
    alike, apart : ndarray or csr_matrix of shape (n, d), float32
        What the rows say by themselves, to find near duplicates by, and outliers. They may be the same object.
    metric : str
        ``euclidean``, or ``cosine`` of rows of length 1.
    pretrained : ndarray of shape (n, d), float32, optional
        What a pretrained network says of them, rows of length 1, to be compared by ``cosine``.
    near : float
        How near such rows are nearly the same, as `find_pairs` has it.
    """

    alike: Features
    apart: Features
    metric: str
    pretrained: np.ndarray | None = None
    near: float = NEAR

    @property
    def best(self) -> Features:
        """What tells most of the rows."""
        return self.alike if self.pretrained is None else self.pretrained

    @property
    def best_metric(self) -> str:
        """What to compare `best` by."""
        return self.metric if self.pretrained is None else "cosine"


def read_views(features: Path, rows: np.ndarray) -> Views:
    """Read some rows of ``data/<dataset>/features``.

    Parameters
    ----------
    features : Path
        The folder.
    rows : ndarray of int64
        Row numbers, ascending.
    """
    source = read_source(features)
    plain = source.get("plain", source)
    alike = read_vectors(find_vectors(features, PLAIN if plain is not source else FEATURES))[rows]
    path = find_vectors(features, APART)
    apart = read_vectors(path)[rows] if path.exists() else alike
    pretrained = None if plain is source else to_unit(read_vectors(find_vectors(features))[rows])
    return Views(alike, apart, plain["metric"], pretrained, NEAR_PICTURES if plain["name"] == "pixels" else NEAR)


def to_unit(vectors: np.ndarray) -> np.ndarray:
    """Bring rows to length 1; one that is 0 everywhere stays so."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: np.ndarray = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return unit
