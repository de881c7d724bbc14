"""Checks the rows, the folds and the models before any fold is trained."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import yaml

from stages.command.errors import InputError
from stages.crossval_predict.models.fold import Arrays
from stages.crossval_predict.models.origin import Origin

PIPELINE = Path("dvc.yaml")


def check_rows(arrays: Arrays, classes: list[str]) -> None:
    """Raise InputError if there are no folds, or the training rows of some fold lack a class.

    A class may be left out altogether. What people decided can leave a fold without a row of one.

    Parameters
    ----------
    arrays : Arrays
        The rows.
    classes : list of K str
        The classes' names.
    """
    labels = arrays.labels
    if not arrays.n_folds:
        raise InputError(
            "params.yaml: split.folds: 0 deals the rows into no folds, so nothing can be trained; set it to 2 or more, "
            "or name a file of probabilities in crossval_predict.pred_probs"
        )
    present = _count(labels, len(classes)) > 0
    if present.sum() < 2:
        raise InputError(
            "params.yaml: split: once rows are left out, fewer than two classes have rows to train on; leave out fewer "
            "(rare_classes: stop, labels: given)"
        )
    lacking = np.zeros(len(classes), dtype=bool)
    for trained in _training_rows(arrays):
        lacking |= present & (_count(labels[trained], len(classes)) == 0)
    if lacking.any():
        named = ", ".join(repr(classes[label]) for label in np.flatnonzero(lacking))
        raise InputError(
            f"params.yaml: split.labels: with the decided labels no row is left to learn {named} from in some fold; "
            "decide on fewer rows, or set it to given"
        )


def check_validation(arrays: Arrays, validation: float) -> None:
    """Raise InputError if some fold has too few rows to keep a share of each class back for validation.

    Parameters
    ----------
    arrays : Arrays
        The rows.
    validation : float
        The share of the training rows to keep back.
    """
    if not validation:
        return
    for trained in _training_rows(arrays):
        _, counts = np.unique(arrays.labels[trained], return_counts=True)
        if counts.min() < 2 or validation * counts.sum() < len(counts):
            raise InputError(
                f"params.yaml: crossval_predict.validation: {validation} keeps back too few of the {counts.sum()} "
                f"training rows for each of the {len(counts)} classes to have one; raise it, or set it to 0"
            )


def check_listed(origin: Origin, name: str) -> None:
    """Raise InputError if dvc.yaml does not name a class's files: after an edit, DVC would not train anew."""
    if not PIPELINE.exists():
        return
    stage = yaml.safe_load(PIPELINE.read_text(encoding="utf-8"))["stages"].get("crossval_predict", {})
    listed = stage.get("do", stage).get("deps", [])
    missing = [path for path in origin.files if not any(Path(path).is_relative_to(str(dep)) for dep in listed)]
    if missing:
        lines = ", ".join(f"`- {path}`" for path in missing)
        raise InputError(
            f"dvc.yaml: stages.crossval_predict.do.deps: add {lines}, where {name} is written; without that nothing "
            "would be trained anew after an edit"
        )


def check_finite(pred_probs: np.ndarray, fold: str) -> None:
    """Raise InputError for the predictions of a network whose weights have run off to infinity."""
    if not np.isfinite(pred_probs).all():
        raise InputError(
            f"params.yaml: crossval_predict.lr: training diverged in {fold}, where the network predicts NaN; lower it"
        )


def _count(labels: np.ndarray, n_classes: int) -> np.ndarray:
    return np.bincount(labels[labels >= 0], minlength=n_classes)


def _training_rows(arrays: Arrays) -> Iterator[np.ndarray]:
    for dealt, fold in product(arrays.folds.T, range(arrays.n_folds)):
        yield (dealt != fold) & (arrays.labels >= 0)
