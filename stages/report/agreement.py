"""How far annotators agree beyond chance: Krippendorff's alpha and Cohen's kappa, with intervals.

Both are 1 - D / E: disagreement as it is, over what chance would give. The rows are taken as a sample of many more, so
an interval is about the same annotators on other such rows. Its variance is the infinitesimal jackknife's over rows
(for kappa that of Fleiss, Cohen and Everitt, Psychological Bulletin 72, 1969); from it a score interval for D / E is
made, as Wilson's for a share, which stays wide where few rows or none show a disagreement: there a bootstrap of rows
would find no spread at all. `python -m benchmarks.agreement` measures how often it holds the truth.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from stages.artifacts.annotations import OTHER, Annotations

# of a normal distribution, for 95 %
Z = 1.959964
# fewer rows say nothing
MIN_ROWS = 30


class Estimate(NamedTuple):
    """A coefficient, 1 for agreement in all rows and 0 for what chance gives, and its 95 % interval."""

    value: float
    low: float
    high: float
    rows: int


def measure_alpha(annotations: Annotations) -> Estimate | None:
    """Return Krippendorff's alpha for nominal data with gaps, over the rows that have two annotations or more.

    Source: K. Krippendorff, Computing Krippendorff's alpha-reliability, 2011.

    Returns
    -------
    Estimate or None
        None for fewer than `MIN_ROWS` such rows, or if all their labels are the same: no agreement could show.
    """
    counts = count_labels(annotations)
    counts = counts[counts.sum(axis=1) >= 2]
    if counts.shape[0] < MIN_ROWS:
        return None
    given, by_class = counts.sum(axis=1), counts.sum(axis=0)
    differing = (given**2 - counts.power(2).sum(axis=1)) / (given - 1)
    total = given.sum()
    by_chance = total**2 - (by_class**2).sum()
    if by_chance == 0:
        return None
    ratio = (total - 1) * differing.sum() / by_chance
    # the derivative by the weight of each row
    moved = 2 * (total * given - counts @ by_class)
    influence = (given * differing.sum() + (total - 1) * differing - ratio * moved) / by_chance
    return _enclose(float(ratio), np.asarray(influence), 2 * float(total - 1) / float(by_chance))


def measure_kappa(first: np.ndarray, second: np.ndarray) -> Estimate | None:
    """Return Cohen's kappa of two annotators.

    Parameters
    ----------
    first, second : ndarray of shape (n,), int
        Their labels, from 0, of the rows that both have labelled.

    Returns
    -------
    Estimate or None
        None for fewer than `MIN_ROWS` rows, or if both give one and the same label to all of them.
    """
    if len(first) < MIN_ROWS:
        return None
    n_classes = int(max(first.max(), second.max())) + 1
    firsts, seconds = (np.bincount(labels, minlength=n_classes) / len(first) for labels in (first, second))
    by_chance = 1 - firsts @ seconds
    if by_chance <= 0:
        return None
    differ = (first != second).astype(float)
    ratio = differ.mean() / by_chance
    chance = 1 - (seconds[first] + firsts[second]) / 2
    # each row moves what differs, and what chance gives, by its part of the mean
    influence = (differ - differ.mean() - 2 * ratio * (chance - by_chance)) / (by_chance * len(first))
    return _enclose(float(ratio), influence, 1 / float(by_chance * len(first)))


def measure_kappas(annotations: Annotations, among: np.ndarray) -> pd.DataFrame:
    """Return the kappa of each two of some annotators, the lowest first.

    Parameters
    ----------
    annotations : Annotations
        Of all.
    among : ndarray of int
        The numbers of the annotators to compare.

    Returns
    -------
    DataFrame with the columns first, second, value, low, high, rows
        ``first`` and ``second`` are names. Pairs that share fewer than `MIN_ROWS` rows are left out.
    """
    chosen = np.isin(annotations.annotators, among)
    table = pd.DataFrame({
        "row": annotations.rows[chosen],
        "annotator": annotations.annotators[chosen],
        "label": name_others(annotations)[chosen],
    })  # fmt: skip
    numbers = sorted(table["annotator"].unique().tolist())
    said = {number: table[table["annotator"] == number].set_index("row")["label"] for number in numbers}
    found = []
    for one, other in combinations(numbers, 2):
        both = said[one].index.intersection(said[other].index)
        kappa = measure_kappa(said[one].loc[both].to_numpy(), said[other].loc[both].to_numpy())
        if kappa:
            found.append((annotations.names[one], annotations.names[other], *kappa))
    pairs = pd.DataFrame(found, columns=["first", "second", *Estimate._fields])
    return pairs.sort_values("value", kind="stable", ignore_index=True)


def count_labels(annotations: Annotations) -> csr_array:
    """Return how many annotations of each row have each class, (n, K + 1) float64; what nothing can learn is last."""
    labels = name_others(annotations)
    shape = (annotations.n_rows, int(labels.max(initial=0)) + 1)
    counts = csr_array((np.ones(len(labels)), (annotations.rows, labels)), shape=shape)
    counts.sum_duplicates()
    return counts


def name_others(annotations: Annotations) -> np.ndarray:
    """Return the labels, (m,) int64, with those that nothing can learn as one class after all others."""
    labels = annotations.labels.astype(np.int64)
    return np.where(labels == OTHER, labels.max(initial=0) + 1, labels)


def _enclose(ratio: float, influence: np.ndarray, least: float) -> Estimate:
    """Return 1 - ratio with its interval.

    Parameters
    ----------
    ratio : float
        Disagreement over what chance gives.
    influence : ndarray of shape (n,)
        How much each row moves it.
    least : float
        By how much one disagreement more would raise it, where there is none.
    """
    n_rows = len(influence)
    variance = ((influence - influence.mean()) ** 2).sum() * n_rows / (n_rows - 1)
    spread = variance / ratio if ratio > 0 else least
    middle = ratio + Z**2 * spread / 2
    half = Z * np.sqrt(ratio * spread + (Z * spread / 2) ** 2)
    low, high = 1 - middle - half, 1 - middle + half
    return Estimate(float(1 - ratio), float(max(-1.0, low)), float(min(1.0, high)), n_rows)
