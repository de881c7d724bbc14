"""Predict every row by a model that has not seen it: ``python -m stages.crossval_predict DATASET``.

Writes ``data/<dataset>/predictions/``: ``pred_probs.npy`` (n, K) float32, ``folds.npy`` (n, R) int64, a column for
each repeat, and ``curves.csv``, a row for each repeat, fold and epoch of a network, none of an estimator. Where
``crossval_predict.pred_probs`` names a file, they are taken from it: there are no folds then, and no rows of curves.

Where the work is done is no part of the result, so it comes from the environment: ``CLEAN_LABELS_WORKERS``, how many
folds to train at once (as many as there are cores), ``CLEAN_LABELS_DEVICE`` (cuda where there is one), and
``CLEAN_LABELS_SCHEDULER``, the address of a Dask scheduler whose workers train instead of this machine.
"""

import shutil

import numpy as np

from stages.artifacts import create_array, data_folder, load_array, read_json, read_table, replacing, write_table
from stages.command import InputError, run_stage
from stages.crossval_predict.curves import no_curves
from stages.crossval_predict.external import check_alone, read_pred_probs
from stages.crossval_predict.models import NAMES, check_keys, choose_model
from stages.crossval_predict.origin import Model, check_listed
from stages.crossval_predict.parallel import accuracy, compare_with_guessing, gather_folds, train_folds
from stages.crossval_predict.prepared import Prepared, describe_prepared, find_kind, open_arrays
from stages.crossval_predict.resume import describe_code
from stages.crossval_predict.rows import check_folds, check_training, check_validation
from stages.crossval_predict.run import Run
from stages.crossval_predict.settings import Settings
from stages.crossval_predict.workers import for_device, start_workers, wake
from stages.params import read_section


def main(dataset: str) -> str:
    """Cross-validate, or take what was predicted elsewhere, and return a line that gives the accuracy."""
    settings = read_section(dataset, "crossval_predict", Settings)
    if settings.pred_probs is None:
        return cross_validate(dataset, settings)
    check_alone(settings)
    return take_external(dataset, settings.pred_probs)


def take_external(dataset: str, name: str) -> str:
    """Take the probabilities that another classifier has predicted, and return how often it is right."""
    folder = data_folder(dataset)
    ids, classes = read_table(folder / "prepared" / "ids.csv")["id"], read_json(folder / "prepared" / "classes.json")
    pred_probs = read_pred_probs(name, ids, classes)
    with replacing(folder / "predictions") as (predictions,):
        predictions.mkdir()
        np.save(predictions / "pred_probs.npy", pred_probs)
        write_table(predictions / "curves.csv", no_curves())
    labels = load_array(folder / "training" / "labels.npy")
    said = f"{accuracy(pred_probs, labels):.4f}, from {name}{compare_with_guessing(pred_probs, labels)}"
    return f"out-of-sample accuracy {said}; nothing was trained"


def cross_validate(dataset: str, settings: Settings) -> str:
    """Train and predict, and return a line that gives the out-of-sample accuracy."""
    settings = choose_model(settings, find_kind(dataset))
    classes = read_json(data_folder(dataset) / "prepared" / "classes.json")
    with start_workers(settings.repeats * settings.folds) as workers:
        awake = wake(workers, settings)
        prepared = describe_prepared(dataset)
        arrays = open_arrays(prepared)
        check_folds(arrays.folds, settings)
        check_training(arrays.labels, arrays.folds, classes)
        model, *_ = awake
        check_found(model, settings, prepared)
        check_validation(arrays.labels, arrays.folds, settings.validation)
        run = Run(prepared, settings, model, workers.share_disk, describe_code())
        train_folds(run, for_device(workers, model.device), arrays)
    with replacing(data_folder(dataset) / "predictions") as (folder,):
        folder.mkdir()
        pred_probs = create_array(folder / "pred_probs.npy", (len(arrays.labels), len(classes)))
        curves = gather_folds(run, arrays, pred_probs)
        np.save(folder / "folds.npy", arrays.folds)
        write_table(folder / "curves.csv", curves)
    shutil.rmtree(run.kept_in)
    over = f"{settings.folds} folds" + (f", {settings.repeats} times" if settings.repeats > 1 else "")
    compared = compare_with_guessing(pred_probs, arrays.labels)
    return f"out-of-sample accuracy {accuracy(pred_probs, arrays.labels):.4f} over {over}{compared}"


def check_found(model: Model, settings: Settings, prepared: Prepared) -> None:
    """Refuse a class that is not what the data and the other keys are for, or that DVC would not see change."""
    check_listed(model.origin, settings.model)
    check_keys(settings, is_network=model.is_network)
    if model.is_network and prepared.kind != "picture":
        raise InputError(
            f"params.yaml: crossval_predict.model: {settings.model} is a torch network, which is for pictures, and "
            f"these are {NAMES[prepared.kind]}; give auto, or the import path of a scikit-learn classifier"
        )


if __name__ == "__main__":
    run_stage("crossval_predict", main)
