"""What people read of the consensus: by row, by annotator, and in all."""

from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.annotations import Annotations, vote
from stages.consensus.estimate import Estimate, average


def tabulate_rows(
    annotations: Annotations,
    estimate: Estimate,
    labels: np.ndarray,
    voted: np.ndarray,
    ids: pd.Series,
    classes: list[str],
) -> pd.DataFrame:
    """Return id, label, quality, agreement, annotations and majority of each row, as `Consensus.rows` has them."""
    names = np.array([*classes, ""], dtype=object)
    counts = annotations.count_by_row()
    agreeing = np.bincount(annotations.rows, annotations.labels == labels[annotations.rows], len(counts))
    has_any = counts > 0
    agreement = np.divide(agreeing, counts, out=np.full(len(counts), np.nan), where=has_any)
    quality = np.where(has_any, estimate.distribution[np.arange(len(labels)), labels], np.nan)
    return pd.DataFrame(
        {
            "id": ids,
            "label": names[labels],
            "quality": quality,
            "agreement": agreement,
            "annotations": counts,
            "majority": names[voted],
        }
    )


def tabulate_annotators(
    annotations: Annotations, estimate: Estimate, labels: np.ndarray, others: np.ndarray
) -> pd.DataFrame:
    """Return how many labels each annotator gave and how good these are, in the order of `Annotations.names`.

    Parameters
    ----------
    annotations, estimate, labels
        What was said, and what it is taken to mean.
    others : ndarray of shape (M,), float64
        How often each agrees with another annotator of the same row.
    """
    return pd.DataFrame(
        {
            "annotator": annotations.names,
            "annotations": np.bincount(annotations.annotators, minlength=len(annotations.names)),
            "quality": estimate.annotators,
            "agreement_with_consensus": average(annotations, annotations.labels == labels[annotations.rows]),
            "agreement_with_others": others,
        }
    )


def describe(annotations: Annotations, labels: np.ndarray, voted: np.ndarray) -> dict[str, Any]:
    """Return the counts that ``about.json`` holds."""
    counts = annotations.count_by_row()
    _, tied = vote(annotations.rows, annotations.labels, annotations.n_rows)
    return {
        "rows": annotations.n_rows,
        "annotations": len(annotations.rows),
        "annotators": len(annotations.names),
        "single": int((counts == 1).sum()),
        "unlabelled": int((counts == 0).sum()),
        "tied": int(tied.sum()),
        "ties": "the class given more often in all, then the first by name",
        "changed": int((labels != voted).sum()),
    }
