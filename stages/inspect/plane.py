"""Lays rows out on a plane, so that those that are alike lie near each other: by PCA, or by t-SNE."""

import numpy as np
from threadpoolctl import threadpool_limits

from stages.command.errors import InputError
from stages.inspect.neighbours import Features, find_neighbours, reduce

# how many neighbours count for a row in t-SNE, openTSNE's default; of three times as many the weights are computed
PERPLEXITY, FOR_EACH = 30, 3
# fewer rows than this stay where PCA puts them
FEWEST = 8
# the widest deviation of the places that t-SNE begins at: openTSNE's own for its start from PCA
START = 1e-4
# for t-SNE; two gave the same bytes where it was tried (benchmarks/map_layout.py)
THREADS = 1
REQUIREMENTS = "requirements-embed.txt"


def lay_out(features: Features, method: str, metric: str = "euclidean") -> np.ndarray:
    """Give each row a place on a plane.

    Parameters
    ----------
    features : ndarray or csr_matrix of shape (n, d), float32
        No two rows alike, or those that are get places beside each other.
    method : str
        ``pca``, the two directions in which rows differ most; or ``tsne``, which keeps those together that are alike,
        and in which distances between groups mean nothing.
    metric : str
        ``euclidean``, or ``cosine``, for which rows have length 1.

    Returns
    -------
    ndarray of shape (n, 2), float32
        Of PCA, the mean is 0, the first column varies most, and each column's largest entry is positive.

    Raises
    ------
    InputError
        If ``tsne`` is asked for and openTSNE is not installed.
    """
    with threadpool_limits(1):
        places = project(features)
        if method == "tsne" and len(places) >= FEWEST:
            places = embed(features, metric, places)
    return np.ascontiguousarray(places, dtype=np.float32)


def project(features: Features) -> np.ndarray:
    """Return the first two principal components, (n, 2) float64; where there is only one, the second is 0.

    Of wide rows, they are those among the directions that neighbours are searched in.
    """
    n_rows = features.shape[0]
    places = np.zeros((n_rows, 2))
    if n_rows < 2 or features.shape[1] == 0:
        return places
    reduced = reduce(features)
    centred = reduced - reduced.mean(axis=0, dtype=np.float64).astype(np.float32)
    directions = np.linalg.eigh((centred.T @ centred).astype(np.float64))[1][:, ::-1][:, :2]
    found = centred @ directions
    largest = np.take_along_axis(found, np.abs(found).argmax(axis=0)[None], axis=0)
    places[:, : found.shape[1]] = found * np.where(largest < 0, -1, 1)
    return places


def embed(features: Features, metric: str, places: np.ndarray) -> np.ndarray:
    """Return t-SNE's places, (n, 2), from those of PCA on.

    It takes the neighbours that are found here, which are the same on every machine. openTSNE's own are approximate.
    """
    try:
        from openTSNE import TSNEEmbedding
        from openTSNE.affinity import PerplexityBasedNN
        from openTSNE.nearest_neighbors import PrecomputedNeighbors
    except ImportError:
        raise InputError(
            f"params.yaml: inspect.map: tsne needs the package openTSNE; `pip install -r {REQUIREMENTS}` installs it"
        ) from None
    perplexity = min(PERPLEXITY, (len(places) - 1) // FOR_EACH)
    nearest = PrecomputedNeighbors(*find_neighbours(features, FOR_EACH * perplexity, metric))
    affinities = PerplexityBasedNN(perplexity=perplexity, knn_index=nearest, n_jobs=THREADS, random_state=0)
    start = START * places / (float(places[:, 0].std()) or 1)
    embedding = TSNEEmbedding(start, affinities, n_jobs=THREADS, random_state=0)
    embedding.optimize(n_iter=250, exaggeration=12, momentum=0.5, inplace=True)
    embedding.optimize(n_iter=500, momentum=0.8, inplace=True)
    return np.asarray(embedding)
