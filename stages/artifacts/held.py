"""Holds the consensus of several annotators to the label that people saw when they decided: their word stands."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from stages.artifacts.annotations import Annotations
from stages.artifacts.decisions import Decision, Verdict
from stages.artifacts.fitting import Rows, find_moved, follow
from stages.artifacts.labels import NO_LABEL, name_labels
from stages.artifacts.standing import find_standing, time_of


def hold_decided(
    given: np.ndarray, annotations: Annotations, table: pd.DataFrame, classes: list[str], decisions: Sequence[Decision]
) -> np.ndarray:
    """Put back the label that people saw when they decided on a row.

    Otherwise a consensus that another model moves would put decisions aside. The label is put back while an annotator
    of the row still has it, or if it was the model that brought it in; else the data has changed, and the row is to be
    looked at again. Of several decisions that stand the last one counts; those that are unsure, or were taken back, do
    not.

    Parameters
    ----------
    given : ndarray of shape (n,), int64
        The consensus, or the vote; -1 for a row without one, which gets none here.
    annotations : Annotations
        Of the same rows.
    table : DataFrame of n rows with the column id and, for pictures in files, content
        The rows.
    classes : list of K str
        Their names.
    decisions : sequence of Decision
        In the order of decisions.csv.
    """
    held = given.copy()
    if not decisions:
        return held
    followed = follow(decisions, find_moved(decisions, Rows.of(table, name_labels(given, classes))))
    numbers = {name: number for number, name in enumerate(classes)}
    places = {row_id: row for row, row_id in enumerate(table["id"])}
    for row_id, same in find_standing(followed).items():
        row = places.get(row_id)
        if row is None or given[row] == NO_LABEL:
            continue
        said = {classes[label] for label in annotations.labels[annotations.of(row)] if label >= 0}
        for each in sorted(same, key=time_of):
            known = each.given_label in said or each.given_label == each.suggested_label
            if each.decision != Verdict.UNSURE and known and each.given_label in numbers:
                held[row] = numbers[each.given_label]
    return held
