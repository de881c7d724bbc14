"""Trains the folds of one model or several, several folds at once."""

import os

from stages.crossval_predict.choice import check_keys
from stages.crossval_predict.folds.checks import check_finite, check_listed, check_validation
from stages.crossval_predict.folds.fit import fit_piece
from stages.crossval_predict.folds.gather import accuracy
from stages.crossval_predict.folds.kept import load_fold, save_fold
from stages.crossval_predict.folds.look import look_at
from stages.crossval_predict.folds.plan import plan_pieces
from stages.crossval_predict.folds.prepared import Prepared, open_arrays, open_inputs
from stages.crossval_predict.folds.progress import say, write_time
from stages.crossval_predict.folds.run import Model, Run
from stages.crossval_predict.folds.workers import DEVICE, Pool, for_device
from stages.crossval_predict.models.fold import Arrays, held_out_rows
from stages.crossval_predict.models.origin import describe_code
from stages.crossval_predict.settings import SectionSettings, Settings


def start_runs(section: SectionSettings, models: list[Settings], prepared: Prepared, workers: Pool) -> list[Run]:
    """Look at the models, check them before any is trained, and return the run of each.

    Parameters
    ----------
    section : SectionSettings
        As `resolve_auto` returns it.
    models : list of Settings
        Its models.
    prepared : Prepared
        Names the rows, their labels and their folds.
    workers : Pool
        What looks at the models.
    """
    arrays = open_arrays(prepared)
    found = look(workers, models, prepared, arrays)
    check_models(section, found, arrays)
    code = describe_code()
    return [Run(prepared, model, arrays.n_folds, arrays.repeats, workers.share_disk, code) for model in found]


def look(workers: Pool, models: list[Settings], prepared: Prepared, arrays: Arrays) -> list[Model]:
    """Have each worker import the models and see if they can take the rows; return what they are."""
    shape = open_inputs(prepared).images.shape[1:] if prepared.kind == "picture" else ()
    call = (models, os.environ.get(DEVICE), prepared.kind, shape, arrays.n_classes)
    found: list[Model]
    found, *_ = workers.call(look_at, [call] * workers.count)
    return found


def check_models(section: SectionSettings, models: list[Model], arrays: Arrays) -> None:
    """Raise InputError for keys that do not apply, classes that DVC would not see change, or too few rows."""
    for model in models:
        check_listed(model.origin, model.settings.model)
    check_keys(section, [model.settings for model in models], [model.is_network for model in models])
    for model in models:
        if model.is_network:
            check_validation(arrays, model.settings.validation)


def train_folds(run: Run, workers: Pool, arrays: Arrays) -> None:
    """Train a model for each fold that no earlier run has finished, and keep what it predicts.

    Parameters
    ----------
    run : Run
        What the folds share.
    workers : Pool
        What trains them.
    arrays : Arrays
        The labels, to say how accurate a fold is.
    """
    workers = for_device(workers, run.model.device)
    todo = [index for index in range(run.count) if load_fold(run.fold_file(index)) is None]
    if len(todo) < run.count:
        say(f"{run.count - len(todo)} of {run.count} folds kept from an earlier run", final=True)
    name = f"{run.model.settings.model} on {run.model.device}"
    say(f"training {name}: {len(todo)} folds, {workers.count} at a time", final=True)
    pieces = plan_pieces(todo, run.n_epochs, workers.count, split=run.share_disk)
    for index, pred_probs, curves, seconds in filter(None, workers.call(fit_piece, [(run, piece) for piece in pieces])):
        check_finite(pred_probs, run.name(index))
        save_fold(run.fold_file(index), pred_probs, curves)
        run.state_file(index).unlink(missing_ok=True)
        held_out = accuracy(pred_probs, arrays.labels[held_out_rows(arrays, *run.seeds(index))])
        say(f"{run.name(index)}: accuracy {held_out:.4f}, trained in {write_time(seconds)}", final=True)
