"""What several annotators said of each row, in ``raw/`` and ``prepared/``, and whose label it is: ``consensus/``.

Only data sets with several annotators have these files. In any other, ``consensus/`` holds an empty ``about.json``, and
the readers here return None.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.files import load_array, read_json, read_table, write_json

COLUMNS = ("id", "annotator", "label", "time")
# the class of an annotation whose class has no row by the vote, so that nothing can learn it
OTHER = -1
RAW, NUMBERS, NAMES, ABOUT = "annotations.csv", "annotations.npy", "annotators.json", "about.json"
# what cleaned/ has beside its labels, and a column of labels.csv there
DISTRIBUTION, VOTES = "label_distribution.npy", "votes"


@dataclass(frozen=True)
class Annotations:
    """The m annotations of n rows, in the order of rows and, in a row, of annotators.

    Attributes
    ----------
    rows, annotators, labels : ndarray of shape (m,), int32
        The row, the number of the annotator in ``names``, and the class from 0 to K - 1, or `OTHER`.
    names : list of str
        The annotators, in the order of their names.
    n_rows : int
        n; rows may have no annotation.
    """

    rows: np.ndarray
    annotators: np.ndarray
    labels: np.ndarray
    names: list[str]
    n_rows: int

    def count_by_row(self) -> np.ndarray:
        """Return how many annotations each row has, (n,) int64."""
        return np.bincount(self.rows, minlength=self.n_rows)

    def of(self, row: int) -> slice:
        """Return which of the annotations are a row's."""
        start, end = np.searchsorted(self.rows, [row, row + 1])
        return slice(int(start), int(end))


@dataclass(frozen=True)
class Consensus:
    """What the annotators, and mostly the model, are taken to mean together.

    Attributes
    ----------
    labels : ndarray of shape (n,), int64
        The consensus label of each row.
    rows : DataFrame with the columns id, label, quality, agreement, annotations, majority
        The same by name; the probability that it is right, the share of the annotations that have it, how many
        there are, and the label by vote. ``quality`` and ``agreement`` are NaN in a row without annotations.
    annotation_quality : ndarray of shape (m,), float32
        The probability that each annotation is right.
    annotators : DataFrame
        With the columns annotator, annotations, quality, agreement_with_consensus and agreement_with_others, in the
        order of `Annotations.names`. ``quality`` estimates the share of an annotator's labels that are right.
        The last is NaN for one who shares no row with another.
    distribution : ndarray of shape (n, K), float32
        The probability of each class.
    doubts : ndarray of shape (n,), float32
        The probability that each consensus label is wrong, NaN for a row without one. ``quality`` ranks; this counts.
    about : dict
        ``method``: crowdlab, dawid_skene or majority; ``why``; ``rows``, ``annotations``, ``annotators``, ``tied``,
        ``changed`` (rows whose consensus is not the vote), ``single`` (rows with one annotation), and more.
    """

    labels: np.ndarray
    rows: pd.DataFrame
    annotation_quality: np.ndarray
    annotators: pd.DataFrame
    distribution: np.ndarray
    doubts: np.ndarray
    about: dict[str, Any]


def has_annotations(folder: Path) -> bool:
    """Say whether a data set, whose folder this is, has several annotators."""
    return (folder / "prepared" / NUMBERS).exists()


def read_annotations(folder: Path) -> Annotations | None:
    """Read ``prepared/annotations.npy`` and ``annotators.json`` of a data set's folder; None if it has none."""
    if not has_annotations(folder):
        return None
    prepared = folder / "prepared"
    rows, annotators, labels = np.array(load_array(prepared / NUMBERS)).T
    n_rows = len(load_array(prepared / "labels.npy"))
    return Annotations(rows, annotators, labels, read_json(prepared / NAMES), n_rows)


def read_times(folder: Path, annotations: Annotations) -> np.ndarray:
    """Return when each annotation was made, (m,) str as it is in ``raw/annotations.csv``; empty if that is unknown."""
    raw = read_table(folder / "raw" / RAW).set_index(["id", "annotator"])["time"]
    ids = read_table(folder / "prepared" / "ids.csv")["id"].to_numpy(dtype=object)
    names = np.array(annotations.names, dtype=object)
    wanted = pd.MultiIndex.from_arrays([ids[annotations.rows], names[annotations.annotators]])
    return raw.reindex(wanted).to_numpy(dtype=object)


def read_consensus(folder: Path) -> Consensus | None:
    """Read ``consensus/`` of a data set's folder; None if it has not several annotators."""
    found = folder / "consensus"
    if not has_annotations(folder):
        return None
    rows, annotators = read_table(found / "consensus.csv"), read_table(found / "annotators.csv")
    return Consensus(
        labels=np.array(load_array(found / "labels.npy")),
        rows=_to_numbers(rows, "quality", "agreement", "annotations"),
        annotation_quality=np.array(load_array(found / "annotations_quality.npy")),
        annotators=_to_numbers(annotators, *annotators.columns.difference(["annotator"])),
        distribution=load_array(found / "distribution.npy"),
        doubts=np.array(load_array(found / "doubts.npy")),
        about=read_json(found / ABOUT),
    )


def read_given(folder: Path) -> np.ndarray:
    """Return the given label of each row, (n,) int64: the consensus where there are several annotators."""
    if has_annotations(folder):
        return np.array(load_array(folder / "consensus" / "labels.npy"))
    return np.array(load_array(folder / "prepared" / "labels.npy"))


def write_annotations(folder: Path, annotations: Annotations) -> None:
    """Write them into the folder ``prepared``."""
    columns = [annotations.rows, annotations.annotators, annotations.labels]
    np.save(folder / NUMBERS, np.column_stack(columns).astype(np.int32))
    write_json(folder / NAMES, annotations.names)


def vote(
    rows: np.ndarray, labels: np.ndarray, n_rows: int, probs: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the label that most annotations of each row have.

    Of labels that equally many have, the one wins that is more probable, if that is known; then the one that is given
    more often in all rows; then the first in order.

    Parameters
    ----------
    rows, labels : ndarray of shape (m,), int
        The row and the label of each annotation. A negative label is none.
    n_rows : int
        n.
    probs : ndarray of shape (m,), float, optional
        How probable each annotation is.

    Returns
    -------
    winners : ndarray of shape (n,), int64
        -1 for a row without annotations.
    tied : ndarray of shape (n,), bool
        Where equally many annotations have another label.
    """
    winners, tied = np.full(n_rows, -1), np.zeros(n_rows, dtype=bool)
    named = np.flatnonzero(labels >= 0)
    if not len(named):
        return winners, tied
    n_labels = int(labels.max()) + 1
    cells, places, counts = np.unique(
        rows[named].astype(np.int64) * n_labels + labels[named], return_index=True, return_counts=True
    )
    cell_rows, cell_labels = np.divmod(cells, n_labels)
    total = np.bincount(labels[named])[cell_labels]
    chances = np.zeros(len(cells)) if probs is None else probs[named][places]
    order = np.lexsort((cell_labels, -total, -chances, -counts, cell_rows))
    cell_rows, cell_labels, counts = cell_rows[order], cell_labels[order], counts[order]
    voted, firsts = np.unique(cell_rows, return_index=True)
    winners[voted] = cell_labels[firsts]
    seconds = np.minimum(firsts + 1, len(cells) - 1)
    tied[voted] = (seconds > firsts) & (cell_rows[seconds] == voted) & (counts[seconds] == counts[firsts])
    return winners, tied


def vote_names(ids: pd.Series, annotations: pd.DataFrame) -> pd.Series:
    """Return what `vote` does for labels that are text, in the order of their names; empty for a row without any.

    Parameters
    ----------
    ids : Series of n str
        The rows' ids.
    annotations : DataFrame with the columns id and label
        A row for each annotation.
    """
    labels, names = pd.factorize(annotations["label"], sort=True)
    winners, _ = vote(pd.Index(ids).get_indexer(annotations["id"]), labels, len(ids))
    return pd.Series(np.array([*names, ""], dtype=object)[winners], index=ids.index, dtype="str")


def write_votes(annotations: Annotations, classes: list[str]) -> list[str]:
    """Return how many annotators gave a row which of the classes, as `read_votes` reads it, for each of the n rows."""
    cells, counts = np.unique(
        annotations.rows.astype(np.int64) * (len(classes) + 1) + annotations.labels + 1, return_counts=True
    )
    votes: list[dict[str, int]] = [{} for _ in range(annotations.n_rows)]
    for cell, count in zip(cells.tolist(), counts.tolist(), strict=True):
        row, label = divmod(cell, len(classes) + 1)
        if label:
            votes[row][classes[label - 1]] = count
    return [json.dumps(each, ensure_ascii=False) for each in votes]


def read_votes(cell: object) -> dict[str, int] | None:
    """Return how many annotators gave a row which class; None if the version does not say."""
    votes: dict[str, int] | None = json.loads(cell) if isinstance(cell, str) and cell else None
    return votes


def _to_numbers(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return table.assign(**{name: pd.to_numeric(table[name]) for name in columns})
