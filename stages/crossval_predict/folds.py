"""Says which fold holds each row out."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from stages.command import InputError


def check_classes(labels: np.ndarray, classes: list[str], n_folds: int) -> None:
    """Refuse a class with fewer rows than folds: some fold would have none of it to predict, or to learn from.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        From 0 to K - 1.
    classes : list of K str
        Their names.
    n_folds : int
        How many folds.

    Raises
    ------
    InputError
        Naming each such class.
    """
    counts = np.bincount(labels, minlength=len(classes))
    rare = [f"{classes[label]!r} ({counts[label]})" for label in np.flatnonzero(counts < n_folds)]
    if rare:
        raise InputError(
            f"params.yaml: crossval_predict.folds: {n_folds} is more than the rows of {len(rare)} class(es): "
            f"{', '.join(rare)}; lower it, to no less than 2, or leave these classes out at the source"
        )


def assign_folds(labels: np.ndarray, n_folds: int, seed: int, repeats: int = 1) -> np.ndarray:
    """Deal the rows to folds so that each has its share of every class.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        From 0 to K - 1.
    n_folds : int
        How many folds.
    seed : int
        Fixes the deal.
    repeats : int
        How many times to deal, each time anew.

    Returns
    -------
    ndarray of shape (n, R), int64
        The fold, from 0 to ``n_folds`` - 1, in which a row is held out, in each of R repeats.
    """
    # not at the top: its import takes a second, in which the workers already start
    from sklearn.model_selection import StratifiedKFold

    folds = np.empty((len(labels), repeats), dtype=np.int64)
    for repeat in range(repeats):
        random_state = int(np.random.SeedSequence([seed, repeat]).generate_state(1)[0])
        splitter = StratifiedKFold(n_folds, shuffle=True, random_state=random_state)
        for fold, (_, held_out) in enumerate(splitter.split(labels, labels)):
            folds[held_out, repeat] = fold
    return folds


def check_training(labels: np.ndarray, folds: np.ndarray, classes: list[str]) -> None:
    """Refuse labels of which some fold's training rows lack a class: what people decided can empty one.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        From 0 to K - 1, or -1 for a row that is left out.
    folds : ndarray of shape (n, R), int64
        The fold in which a row is held out, in each repeat.
    classes : list of K str
        Their names.

    Raises
    ------
    InputError
        Naming each such class.
    """
    lacking = np.zeros(len(classes), dtype=bool)
    for trained in _training_rows(labels, folds):
        lacking |= np.bincount(labels[trained], minlength=len(classes)) == 0
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
    n_classes = int(labels.max()) + 1
    for trained in _training_rows(labels, folds):
        counts = np.bincount(labels[trained], minlength=n_classes)
        if validation and (counts.min() < 2 or validation * counts.sum() < n_classes):
            raise InputError(
                f"params.yaml: crossval_predict.validation: {validation} keeps back too few of the {counts.sum()} "
                f"training rows for each of the {n_classes} classes to have one; raise it, or set it to 0"
            )


def _training_rows(labels: np.ndarray, folds: np.ndarray) -> Iterator[np.ndarray]:
    for dealt, fold in product(folds.T, range(int(folds.max()) + 1)):
        yield (dealt != fold) & (labels >= 0)
