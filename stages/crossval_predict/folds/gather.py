"""Puts the predictions of the folds together, and those of several models, and says what each model adds."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from stages.artifacts.files import BLOCK_BYTES, create_array
from stages.command.errors import InputError
from stages.crossval_predict.folds.kept import load_fold
from stages.crossval_predict.folds.run import Run
from stages.crossval_predict.models.fold import Arrays, held_out_rows

# A row's label counts as no less likely, as scikit-learn's log_loss has it.
LEAST = np.finfo(np.float32).eps


def create_by_run(path: Path, runs: list[Run], shape: tuple[int, int]) -> np.ndarray | None:
    """Make a file for the predictions of each repeat or, if there is one, of each model; none if that is one too."""
    n_runs = runs[0].repeats if runs[0].repeats > 1 else len(runs)
    return create_array(path, (n_runs, *shape)) if n_runs > 1 else None


def gather_folds(
    run: Run, arrays: Arrays, pred_probs: np.ndarray, by_repeat: np.ndarray | None = None, n_models: int = 1
) -> pd.DataFrame:
    """Write the mean of the repeats' predictions to ``pred_probs`` and return the training curves of all folds.

    Parameters
    ----------
    run : Run
        A model's, of which all folds are kept.
    arrays : Arrays
        The rows.
    pred_probs : ndarray of shape (n, K), float32
        Zeros, which may lie in a file: no more than one fold is read at a time.
    by_repeat : ndarray of shape (R, n, K), float32, optional
        Each repeat's mean over the models that were gathered before; this one's part is added.
    n_models : int
        How many models there are.
    """
    curves = []
    for index in range(run.count):
        kept = load_fold(run.fold_file(index))
        if kept is None:
            raise InputError(f"{run.fold_file(index)}: was removed while the run went on; run the stage again")
        repeat, fold = run.seeds(index)
        rows = held_out_rows(arrays, repeat, fold)
        pred_probs[rows] = _add(pred_probs[rows], kept[0], run.repeats)
        if by_repeat is not None:
            by_repeat[repeat, rows] = _add(by_repeat[repeat, rows], kept[0], n_models)
        curves.append(kept[1])
    return pd.concat(curves)


def gather_members(
    runs: list[Run], names: list[str], arrays: Arrays, pred_probs: np.ndarray, by_run: np.ndarray, folder: Path
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write the mean of several models' predictions to ``pred_probs``.

    Parameters
    ----------
    runs : list of Run
        One for each model, of which all folds are kept.
    names : list of str
        The models' names, no two alike.
    arrays : Arrays
        The rows.
    pred_probs : ndarray of shape (n, K), float32
        Which may lie in a file.
    by_run : ndarray of shape (R, n, K), float32
        Zeros, which may lie in a file: the mean of each repeat goes there or, if there is one, that of each model.
    folder : Path
        For temporary files: the models may together be larger than memory.

    Returns
    -------
    curves : DataFrame
        The training curves of all, with the column member before the others.
    members : DataFrame
        What `average_members` returns, with the column member before the others.
    """
    repeated = runs[0].repeats > 1
    paths = [folder / f"member-{number}.npy" for number in range(len(runs))] if repeated else []
    members = [create_array(path, pred_probs.shape) for path in paths] or list(by_run)
    curves = []
    for run, name, member in zip(runs, names, members, strict=True):
        of_run = gather_folds(run, arrays, member, by_run if repeated else None, len(runs))
        of_run.insert(0, "member", name)
        curves.append(of_run)
    scores = average_members(members, arrays.labels, pred_probs)
    scores.insert(0, "member", names)
    for path in paths:
        path.unlink()
    # an estimator has none, and pandas would make numbers of a table without a row less whole
    return pd.concat([of_run for of_run in curves if len(of_run)] or curves[:1]), scores


def accuracy(pred_probs: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of rows whose likeliest class is the label, of those that are labelled."""
    return float(np.mean((pred_probs.argmax(axis=1) == labels)[labels >= 0]))


def compare_with_guessing(pred_probs: np.ndarray, labels: np.ndarray) -> str:
    """Return words if the likeliest class is not more often the label than the commonest of all is, else nothing."""
    counts = np.bincount(labels[labels >= 0])
    guessed = counts.max(initial=0) / max(counts.sum(), 1)
    worse = accuracy(pred_probs, labels) <= guessed
    return f", no better than guessing the commonest class ({guessed:.2f})" if worse else ""


def average_members(members: Sequence[np.ndarray], labels: np.ndarray, pred_probs: np.ndarray) -> pd.DataFrame:
    """Write the members' mean to ``pred_probs`` and return how good each is, and the others without it.

    Parameters
    ----------
    members : sequence of ndarray of shape (n, K), float32
        Out-of-sample probabilities, which may lie in files, as may their mean: no more than a block is read at a time.
    labels : ndarray of shape (n,), int64
        From 0 to K - 1, or -1 for a row that is left out.
    pred_probs : ndarray of shape (n, K), float32
        Where the mean goes.

    Returns
    -------
    DataFrame with the columns accuracy, log_loss, accuracy_without, log_loss_without
        A row for each member, over the labelled rows; losses are mean cross-entropies in nats.
    """
    sums = np.zeros((len(members), 4))
    rows = 1 + BLOCK_BYTES // (4 * pred_probs.shape[1])
    for start in range(0, len(labels), rows):
        block = slice(start, start + rows)
        probs = [np.asarray(member[block]) for member in members]
        pred_probs[block] = _mean(probs)
        for number, own in enumerate(probs):
            others = _mean(probs[:number] + probs[number + 1 :])
            sums[number] += [*_score(own, labels[block]), *_score(others, labels[block])]
    columns = ["accuracy", "log_loss", "accuracy_without", "log_loss_without"]
    return pd.DataFrame(sums / (labels >= 0).sum(), columns=columns)


def _add(summed: np.ndarray, probs: np.ndarray, n_parts: int) -> np.ndarray:
    """Return the sum with one of some equal parts added; ten times a tenth, rounded, would be more than 1."""
    added: np.ndarray = np.minimum(summed + probs / np.float32(n_parts), 1)
    return added


def _mean(probs: list[np.ndarray]) -> np.ndarray:
    summed: np.ndarray = np.sum(probs, axis=0)
    return summed / np.float32(len(probs))


def _score(probs: np.ndarray, labels: np.ndarray) -> tuple[int, float]:
    """Return how many rows are right, and the sum of their losses."""
    labelled = labels >= 0
    right = probs.argmax(axis=1) == labels
    of_label = probs[labelled, labels[labelled]].astype(np.float64)
    return int(right[labelled].sum()), float(-np.log(np.maximum(of_label, LEAST)).sum())
