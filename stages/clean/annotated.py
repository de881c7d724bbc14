"""What a cleaned data set has beside its labels where several annotators gave them."""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.artifacts.annotations import DISTRIBUTION, VOTES, read_annotations, read_consensus, write_votes
from stages.artifacts.cleaned import PEOPLE


def add_votes(rows: pd.DataFrame, folder: Path, classes: list[str]) -> pd.DataFrame:
    """Return the rows of labels.csv with the column `VOTES`, if the data set, whose folder this is, has annotators."""
    annotations = read_annotations(folder)
    return rows if annotations is None else rows.assign(**{VOTES: write_votes(annotations, classes)})


def write_distribution(target: Path, cleaned: pd.DataFrame, folder: Path, classes: list[str]) -> None:
    """Write the probability of each class in each row into the folder ``target``, if there are annotators."""
    consensus = read_consensus(folder)
    if consensus is not None:
        np.save(target / DISTRIBUTION, spread(consensus.distribution, cleaned, classes))


def spread(distribution: np.ndarray, cleaned: pd.DataFrame, classes: list[str]) -> np.ndarray:
    """Return the probability of each class in each row, (n, K) float32, after what people or the rule decided.

    A label that was decided on is sure, and a row without a label has no probability at all.

    Parameters
    ----------
    distribution : ndarray of shape (n, K), float32
        That of the annotators and the model.
    cleaned : DataFrame
        As `clean_labels` returns it.
    classes : list of K str
        Their names.
    """
    labels = pd.Index(classes).get_indexer(pd.Index(cleaned["label"]))
    sure = (cleaned["decided_by"] == PEOPLE) | (cleaned["label"] != cleaned["given_label"]) | (cleaned["label"] == "")
    chosen = np.where(labels[:, None] == np.arange(len(classes)), np.float32(1), np.float32(0))
    return np.where(sure.to_numpy()[:, None], chosen, distribution)
