"""Finds the classes that are too rare for cross-validation."""

import numpy as np

from stages.command import InputError, some
from stages.crossval_predict.settings import Settings


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
    """Refuse rare classes: some fold would have none of their rows to predict, or to learn from.

    Raises
    ------
    InputError
        Naming them, and the ways out; or when leaving them out leaves fewer than two classes.
    """
    if not rare:
        return
    named = some(f"{classes[label]!r} ({count})" for label, count in rare.items())
    too_few = (
        f"params.yaml: crossval_predict.folds: {settings.folds} is more than the {'groups' if grouped else 'rows'} of "
        f"{len(rare)} class(es): {named}; lower it, to no less than 2"
    )
    if settings.rare_classes == "stop":
        raise InputError(f"{too_few}, or set rare_classes to leave_out")
    if len(classes) - len(rare) < 2:
        raise InputError(f"{too_few}: without them fewer than two classes are left")
