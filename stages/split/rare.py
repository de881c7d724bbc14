"""Finds the classes that are too rare for cross-validation."""

import numpy as np

from stages.command.errors import InputError, some
from stages.split.folds import find_unspread
from stages.split.settings import Settings


def find_rare(labels: np.ndarray, units: np.ndarray, n_classes: int, n_folds: int) -> dict[int, int]:
    """Return the classes with fewer units than folds, and how many units each has.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        From 0 to K - 1.
    units : ndarray of shape (n,), int64
        Rows that share one are never parted.
    n_classes, n_folds : int
        K, and how many folds there are.
    """
    pairs = np.unique(np.column_stack([labels, units]), axis=0)
    counts = np.bincount(pairs[:, 0], minlength=n_classes)
    return {int(label): int(counts[label]) for label in np.flatnonzero(counts < n_folds)}


def check_rare(rare: dict[int, int], classes: list[str], settings: Settings, *, grouped: bool) -> None:
    """Raise InputError for rare classes: some fold would have none of their rows to predict, or to learn from.

    Raises
    ------
    InputError
        With their names and the ways out, or if leaving them out leaves fewer than two classes.
    """
    if not rare:
        return
    named = some(f"{classes[label]!r} ({count})" for label, count in rare.items())
    too_few = (
        f"params.yaml: split.folds: {settings.folds} is more than the {'groups' if grouped else 'rows'} of "
        f"{len(rare)} class(es): {named}; lower it, to no less than 2"
    )
    if settings.rare_classes == "stop":
        raise InputError(f"{too_few}, or set rare_classes to leave_out")
    if len(classes) - len(rare) < 2:
        raise InputError(f"{too_few}: without them fewer than two classes are left")


def check_spread(labels: np.ndarray, folds: np.ndarray, classes: list[str], n_folds: int) -> None:
    """Raise InputError if one fold holds all rows of a class, so that none are left to learn it from.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        From 0 to K - 1, or -1 for a row that is left out.
    folds : ndarray of shape (n, R), int64
        As `assign_folds` returns them.
    classes : list of K str
        Their names.
    n_folds : int
        How many folds there are.
    """
    unspread = sorted({label for dealt in folds.T for label in find_unspread(labels, dealt, n_folds)})
    if unspread:
        named = some(repr(classes[label]) for label in unspread)
        raise InputError(
            f"params.yaml: split.folds: {n_folds} folds leave none to learn {named} from, as rows of one "
            "group, or with the same content, are kept together; try another number, or mend these rows at the source"
        )
