"""Says which rows a fold trains on and which it predicts, in which order, and whether they are enough."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from stages.command.errors import InputError
from stages.crossval_predict.prepared import Arrays
from stages.crossval_predict.settings import CrossValidation


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


def check_folds(folds: np.ndarray, settings: CrossValidation) -> None:
    """Refuse folds that were dealt by other settings."""
    if folds.shape[1] != settings.repeats or any(set(dealt) != set(range(settings.folds)) for dealt in folds.T):
        n_folds = folds.max(initial=-1) + 1
        raise InputError(
            f"training/folds.npy: holds {n_folds} folds, {folds.shape[1]} times, and crossval_predict in params.yaml "
            f"asks for {settings.folds}, {settings.repeats} times; `dvc repro` deals them again"
        )


def check_training(labels: np.ndarray, folds: np.ndarray, classes: list[str]) -> None:
    """Refuse labels of which some fold's training rows lack a class: what people decided can empty one.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        From 0 to K - 1, or -1 for a row that is left out. A class may be left out altogether.
    folds : ndarray of shape (n, R), int64
        The fold in which a row is held out, in each repeat.
    classes : list of K str
        Their names.

    Raises
    ------
    InputError
        Naming each such class, or when fewer than two are left.
    """
    present = _count(labels, len(classes)) > 0
    if present.sum() < 2:
        raise InputError(
            "params.yaml: crossval_predict: once rows are left out, fewer than two classes have rows to train on; "
            "leave out fewer (rare_classes: stop, labels: given)"
        )
    lacking = np.zeros(len(classes), dtype=bool)
    for trained in _training_rows(labels, folds):
        lacking |= present & (_count(labels[trained], len(classes)) == 0)
    if lacking.any():
        named = ", ".join(repr(classes[label]) for label in np.flatnonzero(lacking))
        raise InputError(
            f"params.yaml: crossval_predict.labels: with the decided labels no row is left to learn {named} from in "
            "some fold; decide on fewer rows, or set it to given"
        )


def check_validation(labels: np.ndarray, folds: np.ndarray, validation: float) -> None:
    """Refuse to keep rows back for validation where some fold has too few for a share of every class.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        From 0 to K - 1, or -1 for a row that is left out.
    folds : ndarray of shape (n, R), int64
        The fold in which a row is held out, in each repeat.
    validation : float
        The share of the training rows to keep back.

    Raises
    ------
    InputError
        When a class has but one training row, or fewer rows are kept back than there are classes.
    """
    for trained in _training_rows(labels, folds):
        _, counts = np.unique(labels[trained], return_counts=True)
        if validation and (counts.min() < 2 or validation * counts.sum() < len(counts)):
            raise InputError(
                f"params.yaml: crossval_predict.validation: {validation} keeps back too few of the {counts.sum()} "
                f"training rows for each of the {len(counts)} classes to have one; raise it, or set it to 0"
            )


def _count(labels: np.ndarray, n_classes: int) -> np.ndarray:
    return np.bincount(labels[labels >= 0], minlength=n_classes)


def _training_rows(labels: np.ndarray, folds: np.ndarray) -> Iterator[np.ndarray]:
    for dealt, fold in product(folds.T, range(int(folds.max()) + 1)):
        yield (dealt != fold) & (labels >= 0)
