"""Compares rows of different content with each other: near duplicates, outliers and neighbours."""

from dataclasses import dataclass

import numpy as np

from stages.inspect.duplicates import Pairs, find_pairs, merge_pairs, no_pairs, score_rows
from stages.inspect.features import Views
from stages.inspect.neighbours import find_neighbours
from stages.inspect.outliers import NEIGHBOURS, average_distances, flag_outliers


@dataclass(frozen=True)
class Found:
    """What the comparison of n rows, m of them of different content, found.

    Attributes
    ----------
    pairs : Pairs
        Of nearly the same content.
    near_scores : ndarray of shape (m,)
        As `score_rows` returns them.
    outlier_scores : ndarray of shape (n,)
        cleanlab's, from 0, far from everything, to 1.
    outliers : ndarray of shape (n,), bool
        The rows flagged.
    neighbours : ndarray of shape (m, k), int64
        The contents nearest to each, by what near duplicates are found by; k may be 0.
    """

    pairs: Pairs
    near_scores: np.ndarray
    outlier_scores: np.ndarray
    outliers: np.ndarray
    neighbours: np.ndarray


def nothing_found(n_rows: int, n_contents: int) -> Found:
    """Return what there is without a comparison."""
    nobody = np.zeros((n_contents, 0), dtype=np.int64)
    return Found(no_pairs(), np.ones(n_contents), np.ones(n_rows), np.zeros(n_rows, dtype=bool), nobody)


def compare(views: Views, content: np.ndarray, copies: np.ndarray) -> Found:
    """Compare the rows of different content with each other.

    By pretrained vectors the neighbours are better, and near duplicates are found that have other pixels or words;
    outliers are not (benchmarks/planted_pictures.py).

    Parameters
    ----------
    views : Views
        What m rows of different content, at least two, are compared by.
    content : ndarray of shape (n,), int64
        The number of each row's content, from 0 to m - 1.
    copies : ndarray of shape (m,), int64
        How many rows have each content.
    """
    alike, distances = find_neighbours(views.alike, NEIGHBOURS, views.metric)
    pairs, near_scores = find_pairs(alike, distances), score_rows(distances)
    apart, nearest = alike, alike
    if views.apart is not views.alike:
        apart, distances = find_neighbours(views.apart, NEIGHBOURS, views.metric)
    averages = average_distances(apart, distances, copies)[content]
    scores, flagged = flag_outliers(averages, views.metric)
    if views.pretrained is not None:
        nearest, distances = find_neighbours(views.pretrained, NEIGHBOURS, "cosine")
        pairs = merge_pairs(pairs, find_pairs(nearest, distances, views.near))
        near_scores = np.minimum(near_scores, score_rows(distances))
    return Found(pairs, near_scores, scores, flagged, nearest)
