"""Whether annotators changed over time: whether they agree with the others in some parts of it more than in others.

Rows differ, and may come in an order: so each annotation is held only against those of rows on which the others gave
the same label, and were as much of one mind. The test is that of Cochran, Mantel and Haenszel in its general form
(J. R. Landis, E. R. Heyman, G. G. Koch, International Statistical Review 46, 1978). Rows may also become harder for
all: so an annotator's course must differ from that of the others too, and the larger p counts. Holm's correction is for
as many annotators as are tested. `python -m benchmarks.agreement` measures what it finds, and what not.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from stages.artifacts.annotations import Annotations
from stages.artifacts.quality import bound_share
from stages.report.agreement import count_labels, name_others

BLOCKS = 5
LEVEL = 0.05
# of an annotator with fewer agreements, or fewer disagreements, in rows that can be compared, nothing is said
MIN_EACH = 25


class Others(NamedTuple):
    """What the other annotators of a row said, for each of m annotations.

    Attributes
    ----------
    labels : ndarray of shape (m,), int64
        The label that most of them gave; -1 if there are no others, or two labels were given equally often.
    agree : ndarray of shape (m,), bool
        Whether this annotation has that label.
    unanimous : ndarray of shape (m,), bool
        Whether all others gave that label.
    """

    labels: np.ndarray
    agree: np.ndarray
    unanimous: np.ndarray


def hear_others(annotations: Annotations) -> Others:
    """Return what the others said of each annotation's row."""
    labels, counts = name_others(annotations), count_labels(annotations).tocoo()
    order = np.lexsort((counts.col, -counts.data, counts.row))
    rows, classes, given = counts.row[order], counts.col[order], counts.data[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    # the third counts where the annotation itself is one of the first two
    top = place < 3
    named, votes = np.full((annotations.n_rows, 3), -1), np.zeros((annotations.n_rows, 3))
    named[rows[top], place[top]], votes[rows[top], place[top]] = classes[top], given[top]
    named, votes = named[annotations.rows], votes[annotations.rows]
    votes -= named == labels[:, None]
    best = votes.argmax(axis=1)
    most = votes.max(axis=1)
    is_clear = (most > 0) & ((votes == most[:, None]).sum(axis=1) == 1)
    winners = np.where(is_clear, named[np.arange(len(labels)), best], -1)
    others = annotations.count_by_row()[annotations.rows] - 1
    return Others(winners, is_clear & (winners == labels), is_clear & (most == others))


def find_drift(annotations: Annotations, times: np.ndarray) -> pd.DataFrame:
    """Test each annotator of whom enough is known.

    Parameters
    ----------
    annotations : Annotations
        m of them.
    times : ndarray of shape (m,), float
        When each was made, NaN if that is unknown.

    Returns
    -------
    DataFrame with the columns annotator, rows, p, changed, blocks
        A row for each that was tested, the surest change first; ``rows`` were compared, ``p`` is Holm's, and ``blocks``
        is a list of the share of agreement in `BLOCKS` equal parts of them in the order of time, each with its low,
        high and its number of rows.
    """
    others = hear_others(annotations)
    usable = np.isfinite(times) & (others.labels >= 0)
    people, agree, times = annotations.annotators[usable], others.agree[usable], times[usable]
    _, strata = np.unique((2 * others.labels + others.unanimous)[usable], return_inverse=True)
    found = []
    for number, name in enumerate(annotations.names):
        mine = people == number
        blocks = cut(times[mine])
        p = compare_blocks(agree[mine], blocks, strata[mine])
        if p is None:
            continue
        # the second takes all annotations of all, and cannot make a first one that says nothing say more
        if p <= LEVEL:
            p = max(p, compare_courses(agree - _average(agree, strata), times, mine, blocks))
        found.append((name, int(mine.sum()), p, measure_blocks(agree[mine], blocks)))
    table = pd.DataFrame(found, columns=["annotator", "rows", "p", "blocks"])
    table = table.sort_values("p", kind="stable", ignore_index=True)
    holm = np.maximum.accumulate(table["p"].to_numpy(float) * (len(table) - np.arange(len(table))))
    return table.assign(p=np.minimum(1.0, holm), changed=holm <= LEVEL)


def cut(times: np.ndarray) -> np.ndarray:
    """Return the number of the part, from 0, that each time is in; the same times are never parted."""
    ordered = np.sort(times)
    middle = (np.searchsorted(ordered, times) + np.searchsorted(ordered, times, side="right")) / 2
    return (BLOCKS * middle / max(1, len(times))).astype(int).clip(0, BLOCKS - 1)


def compare_blocks(agree: np.ndarray, blocks: np.ndarray, strata: np.ndarray) -> float | None:
    """Return how likely shares that differ so much between blocks are by chance; None if too little is known.

    Parameters
    ----------
    agree : ndarray of shape (n,), bool
    blocks : ndarray of shape (n,), int
        From 0 to `BLOCKS` - 1.
    strata : ndarray of shape (n,), int
        Only rows of the same are compared.
    """
    _, strata = np.unique(strata, return_inverse=True)
    sizes = np.zeros((strata.max(initial=-1) + 1, BLOCKS))
    np.add.at(sizes, (strata, blocks), 1)
    totals, right = sizes.sum(axis=1), np.bincount(strata, weights=agree, minlength=len(sizes))
    mixed = (right > 0) & (right < totals)
    if min(right[mixed].sum(), (totals - right)[mixed].sum()) < MIN_EACH or (sizes.sum(axis=0) > 0).sum() < 2:
        return None
    differ = np.bincount(blocks, weights=agree, minlength=BLOCKS) - (right / totals) @ sizes
    weights = np.where(mixed, right * (totals - right) / (totals**2 * np.maximum(1, totals - 1)), 0)
    spread = np.diag((weights * totals) @ sizes) - sizes.T @ (weights[:, None] * sizes)
    statistic = differ @ np.linalg.pinv(spread, hermitian=True) @ differ
    return float(chdtrc(np.linalg.matrix_rank(spread, hermitian=True), statistic))


def compare_courses(surplus: np.ndarray, times: np.ndarray, mine: np.ndarray, blocks: np.ndarray) -> float:
    """Return how likely it is by chance that an annotator's course differs so much from that of all others.

    Parameters
    ----------
    surplus : ndarray of shape (m,), float
        How much more each annotation agrees than such do on average.
    times : ndarray of shape (m,), float
    mine : ndarray of shape (m,), bool
        Which of them are the annotator's.
    blocks : ndarray of int
        In which part of the annotator's time each of these is.
    """
    present = np.unique(blocks)
    ends = [times[mine][blocks == block].max() for block in present]
    places = np.searchsorted(ends[:-1], times[~mine])
    gaps, spreads = [], []
    for place, block in enumerate(present):
        own, theirs = surplus[mine][blocks == block], surplus[~mine][places == place]
        if min(len(own), len(theirs)) > 1:
            gaps.append(own.mean() - theirs.mean())
            # a few that all agree may do so by chance
            spreads.append(sum(each.var() / len(each) + 1 / len(each) ** 2 for each in (own, theirs)))
    if len(gaps) < 2:
        return 1.0
    weights = 1 / np.array(spreads)
    middle = np.average(gaps, weights=weights)
    return float(chdtrc(len(gaps) - 1, (weights * (np.array(gaps) - middle) ** 2).sum()))


def _average(agree: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Return the share that agrees in each one's stratum."""
    shares: np.ndarray = (np.bincount(strata, weights=agree) / np.bincount(strata))[strata]
    return shares


def measure_blocks(agree: np.ndarray, blocks: np.ndarray) -> list[dict[str, float]]:
    """Return the share that agrees in each block that has rows, with its 95 % interval and its number of rows."""
    counted = np.bincount(blocks, minlength=BLOCKS)
    right = np.bincount(blocks, weights=agree, minlength=BLOCKS).astype(int)
    measured = []
    for found, rows in zip(right.tolist(), counted.tolist(), strict=True):
        if rows:
            low, high = bound_share(found, rows)
            measured.append({"share": found / rows, "low": float(low), "high": float(high), "rows": rows})
    return measured
