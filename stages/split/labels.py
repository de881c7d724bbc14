"""Puts what people decided in place of the given labels."""

import numpy as np
import pandas as pd

from stages.artifacts.decisions import Decision
from stages.artifacts.labels import NO_LABEL
from stages.split.settings import Settings

NOT_TRAINED = -1


def apply_decisions(
    labels: np.ndarray, ids: pd.Series, classes: list[str], decisions: dict[str, Decision]
) -> tuple[np.ndarray, np.ndarray]:
    """Put what people decided in place of the given labels.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        Given labels from 0 to K - 1, or -1 for a row without one.
    ids : Series of n str
        The rows' ids.
    classes : list of K str
        Their names.
    decisions : dict of str to Decision
        By id.

    Returns
    -------
    chosen : ndarray of shape (n,), int64
        The labels, with -1 for a removed row, and for one that still has none.
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
            chosen[row] = NOT_TRAINED
    return chosen, decided


def describe_labels(given: np.ndarray, chosen: np.ndarray, decided: np.ndarray, settings: Settings) -> str:
    """Say which labels were chosen."""
    if settings.labels == "given":
        return "the given labels"
    labelled, trained = given != NO_LABEL, chosen != NOT_TRAINED
    new = int((~labelled & trained).sum())
    return (
        f"the decided labels: {(labelled & trained & (chosen != given)).sum():,} changed, "
        f"{(labelled & ~trained).sum():,} left out, {f'{new:,} of rows without one, ' if new else ''}"
        f"{decided.sum():,} decided on in all"
    )
