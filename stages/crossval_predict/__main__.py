"""Predict every row by a model that has not seen it: ``python -m stages.crossval_predict DATASET``.

Writes ``data/<dataset>/predictions/``: ``pred_probs.npy`` (n, K) float32, ``folds.npy`` (n, R) int64, a column for
each repeat, and ``curves.csv``, a row for each repeat, fold and epoch of a network, none of an estimator. If
``crossval_predict.model`` lists several models, the probabilities are their mean, ``curves.csv`` has a column
``member`` before the others, and ``members.csv`` says how good each is, and the mean of the others without it. If
there are several repeats, or one of several models, ``pred_probs_by_run.npy`` (R, n, K) float32 has those of each.
``made_on.json`` names the processor and the devices: x86-64 with AVX2 and cpu give the same bytes everywhere. If
``crossval_predict.pred_probs`` names a file, they are taken from it: there are no folds then, and no rows of curves.

Where the work is done does not change the result, so it comes from the environment: ``CLEAN_LABELS_WORKERS``, how many
folds to train at once (as many as there are cores), ``CLEAN_LABELS_DEVICE`` (cuda if there is one), and
``CLEAN_LABELS_SCHEDULER``, the address of a Dask scheduler whose workers train instead of this machine.
"""

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
from stages.artifacts.kind import Kind, read_kind
from stages.artifacts.vectors import read_source
from stages.command.params import read_section
from stages.command.processor import describe_processor
from stages.command.run import run_stage
from stages.crossval_predict.choice import choose_models, name_models, resolve_auto
from stages.crossval_predict.external import check_alone, read_pred_probs
from stages.crossval_predict.folds.checks import check_rows
from stages.crossval_predict.folds.gather import (
    accuracy,
    compare_with_guessing,
    create_by_run,
    gather_folds,
    gather_members,
)
from stages.crossval_predict.folds.prepared import read_arrays, read_shape
from stages.crossval_predict.folds.run import Run
from stages.crossval_predict.folds.train import choose_trainer, start_runs, train_folds
from stages.crossval_predict.models.fold import Arrays, no_curves
from stages.crossval_predict.models.origin import describe_code
from stages.crossval_predict.models.registry import list_auto
from stages.crossval_predict.settings import SectionSettings
from stages.workers.keeping import using
from stages.workers.pool import start_workers


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


def cross_validate(dataset: str, section: SectionSettings) -> str:
    """Train and predict, and return a line that gives the out-of-sample accuracy, of several models also each one's."""
    folder, arrays = data_folder(dataset), read_arrays(dataset)
    kind, classes = read_kind(folder / "prepared"), read_json(folder / "prepared" / "classes.json")
    check_rows(arrays, classes)
    section = resolve_auto(section, lambda: choose_auto(dataset, kind))
    models = choose_models(section, kind)
    with start_workers(arrays.n_folds * arrays.repeats, choose_trainer(models, kind), describe_code) as workers:
        runs = start_runs(dataset, section, models, workers)
        with using(runs[0].kept_in, *(run.key for run in runs)):
            for run in runs:
                train_folds(run, workers, arrays)
            said = write_predictions(dataset, runs, name_models(section, models), arrays, len(classes))
    pred_probs = load_array(folder / "predictions" / "pred_probs.npy")
    compared = compare_with_guessing(pred_probs, arrays.labels)
    return f"out-of-sample accuracy {accuracy(pred_probs, arrays.labels):.4f} over {said}{compared}"


def choose_auto(dataset: str, kind: Kind) -> tuple[str, ...]:
    """Return the names of the models that auto stands for on these rows."""
    pretrained = bool(read_source(data_folder(dataset) / "features")["pretrained"])
    return list_auto(kind, pretrained=pretrained, pixels=bool(read_shape(dataset)))


def write_predictions(dataset: str, runs: list[Run], names: list[str], arrays: Arrays, n_classes: int) -> str:
    """Gather what the folds predicted, write it, and say of how many folds and models it is made."""
    said = f"{runs[0].n_folds} folds" + (f", {runs[0].repeats} times" if runs[0].repeats > 1 else "")
    with replacing(data_folder(dataset) / "predictions") as (folder,):
        folder.mkdir()
        shape = len(arrays.labels), n_classes
        pred_probs = create_array(folder / "pred_probs.npy", shape)
        by_run = create_by_run(folder / "pred_probs_by_run.npy", runs, shape)
        if by_run is None or len(runs) == 1:
            curves = gather_folds(runs[0], arrays, pred_probs, by_run)
        else:
            curves, members = gather_members(runs, names, arrays, pred_probs, by_run, folder)
            write_table(folder / "members.csv", members)
            each = (f"{member.member} {member.accuracy:.4f}" for member in members.itertuples())
            said += f", the average of {', '.join(each)}"
        np.save(folder / "folds.npy", arrays.folds)
        write_table(folder / "curves.csv", curves)
        devices = sorted({run.model.device for run in runs})
        write_json(folder / "made_on.json", {"processor": describe_processor(), "devices": devices})
    return said


if __name__ == "__main__":
    run_stage("crossval_predict", main)
