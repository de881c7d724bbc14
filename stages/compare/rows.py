"""Which rows the models are scored on, and against which label."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from stages.artifacts.cleaned import PEOPLE
from stages.artifacts.files import read_table
from stages.compare.drawn import Sample, read_sample
from stages.compare.spread import FEWEST

NOT_TRAINED = -1


class Rows(NamedTuple):
    """What is known of the n rows of a data set before anything is trained.

    Attributes
    ----------
    ids : Series of n str
        Their ids.
    given, cleaned : ndarray of shape (n,), int64
        The labels, from 0; -1 for a row that was removed, or had none.
    decided, untouched : ndarray of shape (n,), bool
        Whether people decided on it, and whether it is of a split in which no label was changed.
    sample : Sample
        The rows that were drawn at random.
    splits : list of str
        The splits in which no label was changed.
    """

    ids: pd.Series
    given: np.ndarray
    cleaned: np.ndarray
    decided: np.ndarray
    untouched: np.ndarray
    sample: Sample
    splits: list[str]

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """How many rows each row stands for, (n,) float64, in each set of rows; a removed row has no label to score."""
        has_label = self.cleaned != NOT_TRAINED
        sets = {"drawn": self.sample.weights, "decided": self.decided, "untouched": self.untouched}
        return {name: np.where(has_label, weights, 0).astype(float) for name, weights in sets.items()}

    @property
    def tells(self) -> bool:
        """Whether any set has rows enough to say something."""
        return any((weights > 0).sum() >= FEWEST for weights in self.weights.values())

    def take_trained(self, trained: np.ndarray) -> "Rows":
        """Return the same, rows apart that neither training has, or whose class none has: they are too rare.

        Parameters
        ----------
        trained : ndarray of shape (n,), int64
            What is trained on of the given labels, -1 for a row that is not.
        """
        lost = (trained == NOT_TRAINED) | ~np.isin(self.cleaned, np.unique(trained))
        return self._replace(given=trained, cleaned=np.where(lost, NOT_TRAINED, self.cleaned))


def read_rows(folder: Path, classes: list[str]) -> Rows:
    """Read the rows of a data set's folder, by the names of its classes."""
    labels = read_table(folder / "cleaned" / "labels.csv")
    numbers = {name: number for number, name in enumerate(classes)}
    given, cleaned = (
        labels[name].map(numbers).fillna(NOT_TRAINED).to_numpy(dtype=np.int64) for name in ("given_label", "label")
    )
    # to label a row that had no label is no cleaning
    cleaned[given == NOT_TRAINED] = NOT_TRAINED
    untouched, splits = find_untouched(labels)
    decided = (labels["decided_by"] == PEOPLE).to_numpy()
    return Rows(labels["id"], given, cleaned, decided, untouched, read_sample(folder, labels), splits)


def find_untouched(labels: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    """Return which rows are of a split in which no label was changed or removed, (n,) bool, and the splits' names."""
    if "split" not in labels:
        return np.zeros(len(labels), dtype=bool), []
    touched = set(labels.loc[labels["label"] != labels["given_label"], "split"])
    splits = sorted(set(labels["split"]) - touched - {""})
    return labels["split"].isin(splits).to_numpy(), splits
