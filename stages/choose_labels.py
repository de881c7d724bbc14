"""Choose the labels to train on: ``python -m stages.choose_labels DATASET``.

A small step before ``crossval_predict``, so that decisions reach it only where ``crossval_predict.labels`` asks for
them: while that is ``given``, what this leaves stays the same whatever people decide, and DVC trains nothing again.

Writes ``data/<dataset>/training/``: ``labels.npy`` (n,) int64 from 0 to K - 1, or -1 for a row that a person removed,
and ``decided.npy`` (n,) bool, the rows on which people decided.
"""

import numpy as np
import pandas as pd

from stages.artifacts import data_folder, load_array, read_json, read_table, replacing
from stages.command import run_stage
from stages.crossval_predict.settings import Settings
from stages.decisions import Decision
from stages.params import read_section
from stages.standing import read_decisions

REMOVED = -1


def main(dataset: str) -> str:
    """Choose the labels and return a line that says which they are."""
    settings = read_section(dataset, "crossval_predict", Settings)
    folder = data_folder(dataset)
    labels = np.array(load_array(folder / "prepared" / "labels.npy"))
    decisions: dict[str, Decision] = {}
    ids = read_table(folder / "prepared" / "ids.csv")["id"]
    classes = read_json(folder / "prepared" / "classes.json")
    if settings.labels == "decided":
        given = dict(zip(ids, np.array(classes, dtype=object)[labels], strict=True))
        decisions = read_decisions(folder / "decisions.csv", given, classes)
    chosen, decided = apply_decisions(labels, ids, classes, decisions)
    with replacing(folder / "training") as (training,):
        training.mkdir()
        np.save(training / "labels.npy", chosen)
        np.save(training / "decided.npy", decided)
    if settings.labels == "given":
        return "the given labels"
    return (
        f"the decided labels: {(chosen != labels).sum() - (chosen == REMOVED).sum():,} changed, "
        f"{(chosen == REMOVED).sum():,} left out, {decided.sum():,} decided on in all"
    )


def apply_decisions(
    labels: np.ndarray, ids: pd.Series, classes: list[str], decisions: dict[str, Decision]
) -> tuple[np.ndarray, np.ndarray]:
    """Put what people decided in place of the given labels.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        Given labels from 0 to K - 1.
    ids : Series of n str
        The rows' ids.
    classes : list of K str
        Their names.
    decisions : dict of str to Decision
        By id.

    Returns
    -------
    chosen : ndarray of shape (n,), int64
        The labels, with -1 for a removed row.
    decided : ndarray of shape (n,), bool
        Which rows have a decision.
    """
    chosen, decided = labels.copy(), ids.isin(decisions).to_numpy()
    numbers = {name: number for number, name in enumerate(classes)}
    for row in np.flatnonzero(decided):
        decision = decisions[ids[row]]
        if decision.decision == "relabel":
            chosen[row] = numbers[decision.label]
        elif decision.decision == "remove":
            chosen[row] = REMOVED
    return chosen, decided


if __name__ == "__main__":
    run_stage("choose_labels", main)
