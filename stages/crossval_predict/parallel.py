"""Trains the folds, several at once, and puts their predictions together."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from stages.command.errors import InputError
from stages.crossval_predict.plan import Piece, plan_pieces
from stages.crossval_predict.pool import Pool
from stages.crossval_predict.prepared import Arrays
from stages.crossval_predict.progress import say, write_time
from stages.crossval_predict.resume import load_fold, save_fold
from stages.crossval_predict.rows import held_out_rows
from stages.crossval_predict.run import Run


def check_runs(runs: list[Run], workers: Pool) -> None:
    """Refuse a network that cannot take the pictures, before any model is trained."""
    for _ in workers.call(_check, [(run,) for run in runs if run.model.is_network]):
        pass


def train_folds(run: Run, workers: Pool, arrays: Arrays) -> None:
    """Train a model for each fold that no earlier run has finished, and keep what it predicts.

    Parameters
    ----------
    run : Run
        What the folds share.
    workers : Pool
        What trains them.
    arrays : Arrays
        To say how accurate a fold is.
    """
    todo = [index for index in range(run.n_folds) if load_fold(run.fold_file(index)) is None]
    if len(todo) < run.n_folds:
        say(f"{run.n_folds - len(todo)} of {run.n_folds} folds kept from an earlier run", final=True)
    name = f"{run.settings.model} on {run.model.device}"
    say(f"training {name}: {len(todo)} folds, {workers.count} at a time", final=True)
    for index, pred_probs, curves, seconds in fit_folds(run, workers, todo):
        check_finite(pred_probs, run.name(index))
        save_fold(run.fold_file(index), pred_probs, curves)
        held_out = accuracy(pred_probs, arrays.labels[held_out_rows(arrays, *run.seeds(index))])
        say(f"{run.name(index)}: accuracy {held_out:.4f}, trained in {write_time(seconds)}", final=True)


def fit_folds(run: Run, workers: Pool, todo: list[int]) -> Iterator[tuple[int, np.ndarray, pd.DataFrame, float]]:
    """Yield the number and the results of each of the run's folds in ``todo``, as they come."""
    pieces = plan_pieces(len(todo), run.n_epochs, workers.count, split=run.share_disk)
    length = max((piece.end for piece in pieces), default=0)
    calls = [(run, replace(piece, index=todo[piece.index]), length - piece.end) for piece in pieces]
    yield from filter(None, workers.call(_fit, calls))


def gather_folds(run: Run, arrays: Arrays, pred_probs: np.ndarray) -> pd.DataFrame:
    """Write the mean of the repeats' predictions to ``pred_probs`` and return the training curves of all folds.

    Parameters
    ----------
    run, arrays
        As `train_folds` takes them.
    pred_probs : ndarray of shape (n, K), float32
        Zeros, which may lie in a file: no more than one fold is read at a time.
    """
    curves = []
    for index in range(run.n_folds):
        kept = load_fold(run.fold_file(index))
        if kept is None:
            raise InputError(f"{run.fold_file(index)}: was removed while the run went on; run the stage again")
        pred_probs[held_out_rows(arrays, *run.seeds(index))] += kept[0] / np.float32(run.settings.repeats)
        curves.append(kept[1])
    return pd.concat(curves)


def check_finite(pred_probs: np.ndarray, fold: str) -> None:
    """Refuse the predictions of a network whose weights have run off to infinity."""
    if not np.isfinite(pred_probs).all():
        raise InputError(
            f"params.yaml: crossval_predict.lr: training diverged in {fold}, where the network predicts NaN; lower it"
        )


def accuracy(pred_probs: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of rows whose likeliest class is the label, of those that are labelled."""
    return float(np.mean((pred_probs.argmax(axis=1) == labels)[labels >= 0]))


def compare_with_guessing(pred_probs: np.ndarray, labels: np.ndarray) -> str:
    """Return words where the likeliest class is not more often the label than the commonest of all is, else nothing."""
    counts = np.bincount(labels[labels >= 0])
    guessed = counts.max(initial=0) / max(counts.sum(), 1)
    worse = accuracy(pred_probs, labels) <= guessed
    return f", no better than guessing the commonest class ({guessed:.2f})" if worse else ""


def _check(run: Run) -> None:
    from stages.crossval_predict.worker import check_run

    check_run(run)


def _fit(run: Run, piece: Piece, epochs_after: int) -> tuple[int, np.ndarray, pd.DataFrame, float] | None:
    # not at the top: the process that hands out the work needs neither torch nor scikit-learn, which take seconds
    if run.model.is_network:
        from stages.crossval_predict.worker import train_piece

        fitted = train_piece(run, piece, epochs_after)
    else:
        from stages.crossval_predict.estimators import fit_piece

        fitted = fit_piece(run, piece)
    return (piece.index, *fitted) if fitted else None
