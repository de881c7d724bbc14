"""Finds the classes that are too rare for cross-validation."""

from typing import NamedTuple

import numpy as np

from stages.command.errors import InputError, some
from stages.split.folds import find_unspread
from stages.split.settings import Settings
from stages.split.units import ROWS_A_FOLD


class Count(NamedTuple):
    """How many units a class has, which are never parted, and how many rows."""

    units: int
    rows: int


def find_rare(labels: np.ndarray, units: np.ndarray, n_classes: int, n_folds: int) -> dict[int, Count]:
    """Return the classes with fewer units than folds, and how many units and rows each has.

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
    n_units, n_rows = (np.bincount(counted, minlength=n_classes) for counted in (pairs[:, 0], labels))
    return {int(label): Count(int(n_units[label]), int(n_rows[label])) for label in np.flatnonzero(n_units < n_folds)}


def check_rare(rare: dict[int, Count], classes: list[str], settings: Settings, *, grouped: bool) -> None:
    """Raise InputError for rare classes: some fold would have none of their rows to predict, or to learn from.

    Raises
    ------
    InputError
        With their names and the ways out, or if leaving them out leaves fewer than two classes.
    """
    if not rare:
        return
    too_few = (
        f"params.yaml: split.folds: {settings.folds} is more than the {_name_units(rare, classes, settings, grouped)}; "
        "lower it, to no less than 2"
    )
    if settings.rare_classes == "stop":
        raise InputError(f"{too_few}, or set rare_classes to leave_out")
    if len(classes) - len(rare) < 2:
        raise InputError(f"{too_few}: without them fewer than two classes are left")


def _name_units(rare: dict[int, Count], classes: list[str], settings: Settings, grouped: bool) -> str:
    """Name the classes, how many units each has, and why these are fewer than its rows."""
    copied = any(count.units < count.rows for count in rare.values())
    what, why = "rows", ""
    if grouped:
        what, why = "groups", "; groups with a content in common count as one"
    elif copied:
        what = "different rows"
        why = f"; rows with the same content stay in one fold unless they are {ROWS_A_FOLD * settings.folds} or more"
    rows = {label: f", in {count.rows:,} rows" if copied else "" for label, count in rare.items()}
    named = some(f"{classes[label]!r} ({count.units}{rows[label]})" for label, count in rare.items())
    return f"{what} of {len(rare)} class(es): {named}{why}"


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
