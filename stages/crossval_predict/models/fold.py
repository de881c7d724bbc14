"""The rows of a fold: which of them its model trains on and which it predicts, and in which order."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

# The files of `Arrays`, in their order, in the data set's folder.
FILES = ("prepared/labels.npy", "training/labels.npy", "training/folds.npy", "training/order.npy")
# What a network measures after each epoch.
MEASURED = ("train_loss", "valid_loss", "valid_accuracy")


class Arrays(NamedTuple):
    """What is known of the rows of a data set, n of K classes, beside their content; memory-mapped.

    Attributes
    ----------
    given_labels : ndarray of shape (n,), int64
        From 0 to K - 1.
    labels : ndarray of shape (n,), int64
        What is trained on: from 0 to K - 1, or -1 for a row that is left out.
    folds : ndarray of shape (n, R), int64
        The fold in which a row is held out, in each of R repeats.
    order : ndarray of shape (n,), int64
        The numbers of the rows in the order in which models see them.
    """

    given_labels: np.ndarray
    labels: np.ndarray
    folds: np.ndarray
    order: np.ndarray

    @property
    def n_classes(self) -> int:
        """The number of classes, those among them that are left out of the training."""
        return int(self.given_labels.max()) + 1

    @property
    def n_folds(self) -> int:
        """How many folds the rows are dealt into."""
        return int(self.folds.max(initial=-1)) + 1

    @property
    def repeats(self) -> int:
        """How many times they are dealt, R."""
        return int(self.folds.shape[1])


@dataclass(frozen=True)
class Fold:
    """The rows of one fold, by their numbers, in the order in which its model sees them.

    Attributes
    ----------
    repeat, fold : int
        Which it is: with the seed they fix every random choice.
    train, test : ndarray of int64
        What is trained on, and what is held out and predicted.
    n_classes : int
        How many classes there are, K, those among them that are left out of the training.
    """

    repeat: int
    fold: int
    train: np.ndarray
    test: np.ndarray
    n_classes: int


def take_fold(arrays: Arrays, repeat: int, fold: int) -> Fold:
    """Return the rows of a fold."""
    test = held_out_rows(arrays, repeat, fold)
    trained = (arrays.folds[:, repeat] != fold) & (arrays.labels >= 0)
    return Fold(repeat, fold, arrays.order[trained[arrays.order]], test, arrays.n_classes)


def held_out_rows(arrays: Arrays, repeat: int, fold: int) -> np.ndarray:
    """Return the numbers of the rows that a fold holds out, in the order in which its model predicts them."""
    rows: np.ndarray = arrays.order[arrays.folds[arrays.order, repeat] == fold]
    return rows


def no_curves() -> pd.DataFrame:
    """Return a table of training curves without a row, for what is not trained epoch by epoch."""
    return pd.DataFrame(columns=["repeat", "fold", "epoch", *MEASURED], dtype=float)
