"""How far annotators agree beyond chance: Krippendorff's alpha and Cohen's kappa, with intervals.

Both are 1 - D / E: disagreement as it is, over what chance would give. The rows are taken as a sample of many more, so
an interval is about the same annotators on other such rows. Its variance is the jackknife's: each row is left out in
turn. From it comes a score interval for D / E, as Wilson's for a share. It stays wide where few rows or none show a
disagreement; a bootstrap of rows would find no spread there. `python -m benchmarks.agreement` measures how often it
holds the truth.
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
    same = counts.power(2).sum(axis=1)
    differing = (given**2 - same) / (given - 1)
    total, differ = given.sum(), differing.sum()
    by_chance = total**2 - (by_class**2).sum()
    if by_chance == 0:
        return None
    # without each row in turn
    totals = total - given
    without = totals**2 - ((by_class**2).sum() - 2 * (counts @ by_class) + same)
    ratios = _divide((totals - 1) * (differ - differing), without)
    return _enclose(float((total - 1) * differ / by_chance), ratios, float(2 * (total - 1) / by_chance))


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
    firsts, seconds = (np.bincount(labels, minlength=n_classes) for labels in (first, second))
    n_rows, differ, alike = len(first), first != second, firsts @ seconds
    by_chance = n_rows**2 - alike
    if by_chance == 0:
        return None
    # without each row in turn
    without = (n_rows - 1) ** 2 - (alike - seconds[first] - firsts[second] + ~differ)
    ratios = _divide((n_rows - 1) * (differ.sum() - differ), without)
    return _enclose(float(n_rows * differ.sum() / by_chance), ratios, float(n_rows / by_chance))


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


def _divide(differ: np.ndarray, by_chance: np.ndarray) -> np.ndarray:
    """Return the ratios, 0 where all labels are the same."""
    ratios: np.ndarray = np.divide(differ, by_chance, out=np.zeros(len(differ)), where=by_chance > 0)
    return ratios


def _enclose(ratio: float, ratios: np.ndarray, least: float) -> Estimate:
    """Return 1 - ratio with its interval.

    Parameters
    ----------
    ratio : float
        Disagreement over what chance gives.
    ratios : ndarray of shape (n,)
        The same without each row in turn.
    least : float
        By how much one disagreement more would raise it, where there is none.
    """
    n_rows = len(ratios)
    variance = float(((ratios - ratios.mean()) ** 2).sum()) * (n_rows - 1) / n_rows
    spread = variance / ratio if ratio > 0 else least
    middle = ratio + Z**2 * spread / 2
    half = Z * np.sqrt(ratio * spread + (Z * spread / 2) ** 2)
    low, high = 1 - middle - half, 1 - middle + half
    return Estimate(1 - ratio, float(max(-1.0, low)), float(min(1.0, high)), n_rows)
