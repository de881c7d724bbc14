"""Predict every row by a model that has not seen it: ``python -m stages.crossval_predict DATASET``.

Writes ``data/<dataset>/predictions/``: ``pred_probs.npy`` (n, K) float32, ``folds.npy`` (n, R) int64, a column for
each repeat, and ``curves.csv``, a row for each repeat, fold and epoch of a network, none of an estimator. Where
``crossval_predict.model`` lists several models, the probabilities are their mean, ``curves.csv`` has a column
``member`` before the others, and ``members.csv`` says how good each is, and the mean of the others without it.
``made_on.json`` names the processor and the devices: x86-64 with AVX2 and cpu give the same bytes everywhere. Where
``crossval_predict.pred_probs`` names a file, they are taken from it: there are no folds then, and no rows of curves.

Where the work is done is no part of the result, so it comes from the environment: ``CLEAN_LABELS_WORKERS``, how many
folds to train at once (as many as there are cores), ``CLEAN_LABELS_DEVICE`` (cuda where there is one), and
``CLEAN_LABELS_SCHEDULER``, the address of a Dask scheduler whose workers train instead of this machine.
"""

import shutil

import numpy as np

from stages.artifacts.files import (
    create_array,
    data_folder,
    load_array,
    read_json,
    read_table,
    replacing,
    write_json,
    write_table,
)
from stages.artifacts.kind import PLURALS, read_kind
from stages.command.errors import InputError
from stages.command.params import read_section
from stages.command.processor import describe_processor
from stages.command.run import run_stage
from stages.crossval_predict.curves import no_curves
from stages.crossval_predict.external import check_alone, read_pred_probs
from stages.crossval_predict.members import gather_members
from stages.crossval_predict.models import check_keys, choose_models, name_models
from stages.crossval_predict.origin import Model, check_listed
from stages.crossval_predict.parallel import accuracy, check_runs, compare_with_guessing, gather_folds, train_folds
from stages.crossval_predict.prepared import Arrays, Prepared, describe_prepared, open_arrays
from stages.crossval_predict.resume import describe_code, prune
from stages.crossval_predict.rows import check_folds, check_training, check_validation
from stages.crossval_predict.run import Run
from stages.crossval_predict.settings import SectionSettings, Settings
from stages.crossval_predict.workers import for_device, start_workers, wake


def main(dataset: str) -> str:
    """Cross-validate, or take what was predicted elsewhere, and return a line that gives the accuracy."""
    settings = read_section(dataset, "crossval_predict", SectionSettings)
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


def cross_validate(dataset: str, settings: SectionSettings) -> str:
    """Train and predict, and return a line that gives the out-of-sample accuracy, of several models also each one's."""
    models = choose_models(settings, read_kind(data_folder(dataset) / "prepared"))
    classes = read_json(data_folder(dataset) / "prepared" / "classes.json")
    runs, arrays = train_models(dataset, settings, models, classes)
    over = f"{settings.folds} folds" + (f", {settings.repeats} times" if settings.repeats > 1 else "")
    with replacing(data_folder(dataset) / "predictions") as (folder,):
        folder.mkdir()
        pred_probs = create_array(folder / "pred_probs.npy", (len(arrays.labels), len(classes)))
        if len(runs) == 1:
            curves = gather_folds(runs[0], arrays, pred_probs)
        else:
            curves, members = gather_members(runs, name_models(settings, models), arrays, pred_probs)
            write_table(folder / "members.csv", members)
            over += ", the average of " + ", ".join(
                f"{each.member} {each.accuracy:.4f}" for each in members.itertuples()
            )
        np.save(folder / "folds.npy", arrays.folds)
        write_table(folder / "curves.csv", curves)
        devices = sorted({run.model.device for run in runs})
        write_json(folder / "made_on.json", {"processor": describe_processor(), "devices": devices})
    shutil.rmtree(runs[0].kept_in)
    compared = compare_with_guessing(pred_probs, arrays.labels)
    return f"out-of-sample accuracy {accuracy(pred_probs, arrays.labels):.4f} over {over}{compared}"


def train_models(
    dataset: str, settings: SectionSettings, models: list[Settings], classes: list[str]
) -> tuple[list[Run], Arrays]:
    """Train each model on all folds, one model after the other, once all of them have been checked."""
    with start_workers(settings.repeats * settings.folds) as workers:
        awake = wake(workers, models)
        prepared = describe_prepared(dataset)
        arrays = open_arrays(prepared)
        check_folds(arrays.folds, settings)
        check_training(arrays.labels, arrays.folds, classes)
        found, *_ = awake
        check_found(found, settings, models, prepared)
        code = describe_code()
        runs = [Run(prepared, *pair, workers.share_disk, code) for pair in zip(models, found, strict=True)]
        for run in runs:
            check_validation(arrays.labels, arrays.folds, run.settings.validation if run.model.is_network else 0)
        check_runs(runs, workers)
        prune(runs[0].kept_in, *(run.key for run in runs))
        for run in runs:
            train_folds(run, for_device(workers, run.model.device), arrays)
    return runs, arrays


def check_found(found: list[Model], section: SectionSettings, models: list[Settings], prepared: Prepared) -> None:
    """Refuse classes that are not what the data and the other keys are for, or that DVC would not see change."""
    for model, settings in zip(found, models, strict=True):
        check_listed(model.origin, settings.model)
    check_keys(section, models, [model.is_network for model in found])
    for model, settings in zip(found, models, strict=True):
        if model.is_network and prepared.kind != "picture":
            raise InputError(
                f"params.yaml: crossval_predict.model: {settings.model} is a torch network, which is for pictures, and "
                f"these are {PLURALS[prepared.kind]}; give auto, or the import path of a scikit-learn classifier"
            )


if __name__ == "__main__":
    run_stage("crossval_predict", main)
