"""Puts the predictions of several models together, and says what each of them adds."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from stages.artifacts.files import BLOCK_BYTES, create_array
from stages.crossval_predict.parallel import gather_folds
from stages.crossval_predict.prepared import Arrays
from stages.crossval_predict.run import Run

# A row's label counts as no less likely, as scikit-learn's log_loss has it.
LEAST = np.finfo(np.float32).eps


def gather_members(
    runs: list[Run], names: list[str], arrays: Arrays, pred_probs: np.ndarray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write the mean of several models' predictions to ``pred_probs``.

    Parameters
    ----------
    runs : list of Run
        A model's each, of which all folds are finished.
    names : list of str
        The models' names, no two alike.
    arrays : Arrays
        The rows.
    pred_probs : ndarray of shape (n, K), float32
        Which may lie in a file.

    Returns
    -------
    curves : DataFrame
        The training curves of all, with the column member before the others.
    members : DataFrame
        What `average_members` returns, with the column member before the others.
    """
    curves, members = [], []
    for run, name in zip(runs, names, strict=True):
        # in a file, since the models may together be larger than memory
        members.append(create_array(run.kept_in / f"{run.key}.npy", pred_probs.shape))
        of_run = gather_folds(run, arrays, members[-1])
        of_run.insert(0, "member", name)
        curves.append(of_run)
    scores = average_members(members, arrays.labels, pred_probs)
    scores.insert(0, "member", names)
    # an estimator has none, and pandas would make numbers of a table without a row less whole
    return pd.concat([of_run for of_run in curves if len(of_run)] or curves[:1]), scores


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


def _mean(probs: list[np.ndarray]) -> np.ndarray:
    summed: np.ndarray = np.sum(probs, axis=0)
    return summed / np.float32(len(probs))


def _score(probs: np.ndarray, labels: np.ndarray) -> tuple[int, float]:
    """Return how many rows are right, and the sum of their losses."""
    labelled = labels >= 0
    right = probs.argmax(axis=1) == labels
    of_label = probs[labelled, labels[labelled]].astype(np.float64)
    return int(right[labelled].sum()), float(-np.log(np.maximum(of_label, LEAST)).sum())
