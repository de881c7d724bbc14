"""Sets of rows with the same or nearly the same content.

A set whose rows all have the same content is exact. Any other is near: in it are the rows of several contents, each
nearly the same as another one's, and all exact copies of them; so a row is in one set at most.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from cleanlab.datalab.internal.issue_manager.duplicate import _compute_scores_with_exp_transform
from cleanlab.internal.constants import EPSILON

# Datalab's: contents are nearly the same that are nearer than this share of the median distance to the nearest one
NEAR = 0.13
# By the pretrained features of pictures: at this share they also find those mirrored, turned or made brighter, and no
# other pair was found among photographs of two data sets (benchmarks/planted_pictures.py).
NEAR_PICTURES = 0.3
# The most contents in a set. A longer chain, in which each is like the next only, is cut at its widest gaps: nobody
# can judge a set of thousands, of all straight strokes for instance.
LARGEST_SET = 50
# the columns that only data with splits have
SPLIT = ["split", "splits_differ"]


class Pairs(NamedTuple):
    """Pairs of contents, the closest first: their numbers, the smaller one first."""

    first: np.ndarray
    second: np.ndarray


def no_pairs() -> Pairs:
    """Return no pairs."""
    return Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64))


def find_pairs(neighbours: np.ndarray, distances: np.ndarray, near: float = NEAR) -> Pairs:
    """Return the pairs of neighbours that are nearly the same, by Datalab's rule.

    Parameters
    ----------
    neighbours : ndarray of shape (m, k), int64
        The nearest other contents of each, the nearest first.
    distances : ndarray of shape (m, k)
        Their distances.
    near : float
        The share of the median distance to the nearest one.
    """
    row, place = np.nonzero(distances < near * _median(distances))
    other, distance = neighbours[row, place], distances[row, place]
    pairs = np.unique(np.stack([distance, np.minimum(row, other), np.maximum(row, other)]), axis=1)
    return Pairs(*pairs[1:].astype(np.int64))


def merge_pairs(pairs: Pairs, others: Pairs) -> Pairs:
    """Return the pairs, and after them those of the others that are not among them."""
    known = set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    new = [place for place, pair in enumerate(zip(*map(np.ndarray.tolist, others), strict=True)) if pair not in known]
    return Pairs(*(np.concatenate([own, more[new]]) for own, more in zip(pairs, others, strict=True)))


def score_rows(distances: np.ndarray) -> np.ndarray:
    """Return Datalab's near duplicate score of each content: 0 beside the nearest one, towards 1 far from it."""
    scores: np.ndarray = _compute_scores_with_exp_transform(distances[:, 0], temperature=1 / _median(distances))
    return scores


def join_pairs(pairs: Pairs, n_contents: int) -> np.ndarray:
    """Join pairs that have a content in common to sets of up to `LARGEST_SET` contents, the closest pairs first.

    Returns
    -------
    ndarray of shape (m,), int64
        For each content the smallest number of those in its set.
    """
    parents, sizes = list(range(n_contents)), [1] * n_contents

    def find(content: int) -> int:
        while parents[content] != content:
            parents[content] = content = parents[parents[content]]
        return content

    for first, second in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
        kept, joined = sorted((find(first), find(second)))
        if kept != joined and sizes[kept] + sizes[joined] <= LARGEST_SET:
            parents[joined] = kept
            sizes[kept] += sizes[joined]
    return np.array([find(content) for content in range(n_contents)], np.int64)


def tabulate_sets(
    ids: pd.Series,
    given: np.ndarray,
    content: np.ndarray,
    sets: np.ndarray,
    scores: np.ndarray,
    splits: pd.Series | None = None,
) -> pd.DataFrame:
    """Make the table of sets, numbered from 1.

    Parameters
    ----------
    ids : Series of n str
        The rows' ids.
    given : ndarray of n str
        The names of their labels; empty for a row without one, which differs from none.
    content : ndarray of shape (n,), int64
        The number of each row's content, from 0 to m - 1.
    sets : ndarray of shape (m,), int64
        As `join_pairs` returns them.
    scores : ndarray of shape (m,)
        Of each content, 0 where several rows have it.
    splits : Series of n str, optional
        The rows' splits, empty for a row without one.

    Returns
    -------
    DataFrame
        A row for each member: set, id, given_label, kind, score, labels_differ; with splits also split and
        splits_differ. Sets across splits come first, then those whose labels differ, then exact ones before near ones,
        then those with the lowest score in them.
    """
    table = pd.DataFrame({"set": sets[content], "id": ids, "given_label": given, "score": scores[content]})
    table["content"], table["split"] = content, "" if splits is None else splits
    table["named_split"] = table["split"].where(table["split"] != "")
    table["named_label"] = table["given_label"].where(table["given_label"] != "")
    table = table[table.groupby("set")["id"].transform("size") > 1]
    by_set = table.groupby("set")
    several = by_set["content"].transform("nunique") > 1
    table["kind"] = np.where(several, "near", "exact")
    table["labels_differ"] = by_set["named_label"].transform("nunique") > 1
    table["splits_differ"] = by_set["named_split"].transform("nunique") > 1
    lowest = by_set["score"].transform("min")
    # the rows of a set stay in their order, and sets that are alike in that of their first rows
    first = table.index.to_series().groupby(table["set"]).transform("min")
    order = np.lexsort((table.index, first, lowest, several, ~table["labels_differ"], ~table["splits_differ"]))
    table = table.iloc[order]
    table["set"] = pd.factorize(table["set"])[0] + 1
    return table[["set", "id", "given_label", "kind", "score", "labels_differ", *([] if splits is None else SPLIT)]]


def _median(distances: np.ndarray) -> float:
    return max(float(np.median(distances[:, 0])), float(EPSILON))
