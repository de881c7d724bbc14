"""Choose the labels to train on, and deal the rows to folds: ``python -m stages.split DATASET``.

A small step before ``crossval_predict``, so that decisions reach it only if ``split.labels`` asks for them: while that
is ``given``, what this leaves stays the same whatever people decide, and DVC trains nothing again.

Writes ``data/<dataset>/training/``: ``labels.npy`` (n,) int64 from 0 to K - 1, or -1 for a row that is neither trained
on nor judged, as one without a label; ``decided.npy`` (n,) bool, the rows on which people decided; ``order.npy`` (n,)
int64, the rows in the order in which a model sees them; and ``folds.npy`` (n, R) int64, the fold that holds a row out,
in each of R repeats: none if ``split.folds`` is 0, for probabilities that come from a file. Which rows stay in one
fold, and which are dealt over all of them, `stages.split.units` says.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.artifacts.annotations import read_annotations
from stages.artifacts.decisions import Decision, read_lines
from stages.artifacts.files import data_folder, load_array, read_json, read_table, replacing
from stages.artifacts.fitting import Rows, check_decisions
from stages.artifacts.held import hold_decided
from stages.artifacts.labels import NO_LABEL, name_labels
from stages.artifacts.standing import agree
from stages.command.params import read_section
from stages.command.run import run_stage
from stages.split.folds import assign_folds
from stages.split.labels import NOT_TRAINED, apply_decisions, describe_labels
from stages.split.rare import check_rare, check_spread, find_rare
from stages.split.settings import Settings
from stages.split.units import NOT_DEALT, ROWS_A_FOLD, find_order, find_units


def main(dataset: str) -> str:
    """Choose the labels, deal the rows, and return a line that says how."""
    settings = read_section(dataset, "split", Settings)
    folder = data_folder(dataset)
    given = np.array(load_array(folder / "prepared" / "labels.npy"))
    table = read_table(folder / "prepared" / "ids.csv")
    ids = table["id"]
    classes = read_json(folder / "prepared" / "classes.json")
    held = hold_given(folder, given, table, classes)
    rows = Rows.of(table, name_labels(held, classes))
    decisions = choose_decisions(folder / "decisions.csv", rows, classes, settings)
    chosen, decided = apply_decisions(held, ids, classes, decisions)
    labels = np.where(decided, chosen, given)
    said, order = describe_labels(given, labels, decided, settings), find_order(ids)
    folds = np.empty((len(ids), 0), dtype=np.int64)
    if settings.folds:
        folds, how = deal(folder / "prepared", given, labels, order, classes, settings)
        said = f"{said}; {how}"
    with replacing(folder / "training") as (training,):
        training.mkdir()
        for name, array in {"labels": labels, "decided": decided, "folds": folds, "order": order}.items():
            np.save(training / f"{name}.npy", array)
    return said


def hold_given(folder: Path, given: np.ndarray, table: pd.DataFrame, classes: list[str]) -> np.ndarray:
    """Return the labels that decisions are about: where there are several annotators, the consensus that people saw.

    The consensus itself comes only after the training.
    """
    path, annotations = folder / "decisions.csv", read_annotations(folder)
    if annotations is None or not path.exists():
        return given
    return hold_decided(given, annotations, table, classes, read_lines(path)[0])


def choose_decisions(path: Path, rows: Rows, classes: list[str], settings: Settings) -> dict[str, Decision]:
    """Return what people decided, by id, if the parameter asks for it.

    All decisions are checked in any case: `clean`, which applies them, comes only after the training.
    """
    if settings.labels == "given" and not path.exists():
        # in the audit's copy of the data set nobody decides
        return {}
    fitted = check_decisions(path, rows, classes)
    for line in fitted.describe():
        print(f"split: {path.parent.name}: {line}", flush=True)
    return agree(fitted.standing) if settings.labels == "decided" else {}


def deal(
    prepared: Path,
    given: np.ndarray,
    labels: np.ndarray,
    order: np.ndarray,
    classes: list[str],
    settings: Settings,
) -> tuple[np.ndarray, str]:
    """Deal the rows to folds.

    Rows of classes that are too rare are taken out of ``labels``, or are an error, as ``settings.rare_classes`` says.

    Returns
    -------
    folds : ndarray of shape (n, R), int64
        As `main` writes them.
    how : str
        A part of the line for the user.
    """
    groups = load_array(prepared / "groups.npy") if (prepared / "groups.npy").exists() else None
    contents = load_array(prepared / "contents.npy")
    units, dealt = find_units(contents, groups, settings.folds)
    labelled = given != NO_LABEL
    rare = find_rare(given[labelled], units[labelled], len(classes), settings.folds)
    check_rare(rare, classes, settings, grouped=groups is not None)
    is_rare = np.isin(given, list(rare))
    labels[is_rare] = NOT_TRAINED
    strata = np.where(is_rare, NOT_TRAINED, given)
    folds = np.empty((len(given), settings.repeats), dtype=np.int64)
    folds[order] = assign_folds(
        strata[order], units[order], settings.folds, settings.seed, settings.repeats,
        contents=dealt[order], grouped=groups is not None,
    )  # fmt: skip
    check_spread(strata, folds, classes, settings.folds)
    how = [f"{len(given):,} rows in {settings.folds} folds", *describe_copies(contents, dealt, settings.folds)]
    how += [f"{len(np.unique(groups)):,} groups are kept together"] if groups is not None else []
    how += [f"{is_rare.sum():,} rows of {len(rare):,} rare class(es) left out"] if is_rare.any() else []
    return folds, ", ".join(how)


def describe_copies(contents: np.ndarray, dealt: np.ndarray, n_folds: int) -> list[str]:
    """Say how many rows repeat another's content and stay with it, and how many are dealt over the folds."""
    is_dealt = dealt != NOT_DEALT
    alike = int((~is_dealt & (contents != np.arange(len(contents)))).sum())
    said = [f"{alike:,} that repeat another row's content are kept with it"] if alike else []
    if is_dealt.any():
        n_contents = len(np.unique(dealt[is_dealt]))
        said += [
            f"{is_dealt.sum():,} of {n_contents:,} content(s) in {ROWS_A_FOLD * n_folds} rows or more are dealt over "
            "the folds"
        ]
    return said


if __name__ == "__main__":
    run_stage("split", main)
