"""Trains the folds of one model or several, several folds at once."""

import os

from stages.artifacts.files import data_folder
from stages.artifacts.kind import Kind, read_kind
from stages.crossval_predict.choice import check_keys
from stages.crossval_predict.folds.checks import check_finite, check_listed, check_validation
from stages.crossval_predict.folds.fit import fit_piece
from stages.crossval_predict.folds.gather import accuracy
from stages.crossval_predict.folds.kept import load_fold, save_fold
from stages.crossval_predict.folds.look import look_at
from stages.crossval_predict.folds.plan import plan_pieces
from stages.crossval_predict.folds.prepared import describe_prepared, read_arrays, read_shape
from stages.crossval_predict.folds.run import Model, Run
from stages.crossval_predict.models.fold import Arrays, held_out_rows
from stages.crossval_predict.models.origin import describe_code
from stages.crossval_predict.models.pretrained import find_files
from stages.crossval_predict.models.registry import VIEWS, View, is_fine_tuned
from stages.crossval_predict.settings import SectionSettings, Settings
from stages.workers.pool import DEVICE, Pool, for_device
from stages.workers.progress import say, write_time

# The modules that train networks, and all others. To import one takes seconds.
NETWORK_TRAINER, ESTIMATOR_TRAINER = (f"stages.crossval_predict.models.{name}" for name in ("training", "estimators"))


def choose_trainer(models: list[Settings], kind: Kind) -> str:
    """Return the module that trains the models: of pictures, any but the built-in estimators may be a network."""
    estimators = all(VIEWS.get(model.model) == "vector" for model in models)
    return ESTIMATOR_TRAINER if estimators or kind != "picture" else NETWORK_TRAINER


def start_runs(dataset: str, section: SectionSettings, models: list[Settings], workers: Pool) -> list[Run]:
    """Look at the models, check them before any is trained, and return the run of each.

    Parameters
    ----------
    dataset : str
        The data set's name.
    section : SectionSettings
        As `resolve_auto` returns it.
    models : list of Settings
        Its models.
    workers : Pool
        What looks at the models.
    """
    arrays, kind, shape = read_arrays(dataset), read_kind(data_folder(dataset) / "prepared"), read_shape(dataset)
    for name in filter(is_fine_tuned, (settings.model for settings in models)):
        # so that no two workers download it
        find_files(name)
    call = (models, os.environ.get(DEVICE), kind, shape, arrays.n_classes)
    found: list[Model]
    found, *_ = workers.call(look_at, [call] * workers.count)
    check_models(section, found, arrays)
    prepared = [describe_prepared(dataset, choose_view(model, kind, shape)) for model in found]
    shared = arrays.n_folds, arrays.repeats, workers.share_disk, describe_code()
    return [Run(rows, model, *shared) for rows, model in zip(prepared, found, strict=True)]


def choose_view(model: Model, kind: Kind, shape: tuple[int, ...]) -> View:
    """Return what a model sees of the rows.

    Of pictures that are not prepared as pixels, an estimator sees the vectors.

    Parameters
    ----------
    model : Model
        The model.
    kind : {"picture", "table", "text"}
        What the rows are.
    shape : tuple of int
        As `read_shape` returns it.
    """
    if is_fine_tuned(model.settings.model):
        return "original"
    unseen = kind == "picture" and not shape
    return VIEWS.get(model.settings.model, "vector" if unseen else kind)


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
