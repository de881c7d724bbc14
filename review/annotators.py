"""Who said what of a row, where several annotators have labelled it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stages.artifacts.annotations import OTHER, Annotations, read_annotations, read_consensus


@dataclass(frozen=True)
class Annotators:
    """What several annotators said of n rows.

    Attributes
    ----------
    annotations : Annotations
        m of them.
    quality : ndarray of shape (number of annotators,), float64
        The estimated share of each one's labels that are right.
    """

    annotations: Annotations
    quality: np.ndarray

    def tell(self, row: int, classes: list[str]) -> list[dict[str, Any]]:
        """Return who said what of a row: the label that most gave first, and of each label the best annotator first.

        A label that no row has by the consensus is None.
        """
        here = self.annotations.of(row)
        who, labels = self.annotations.annotators[here], self.annotations.labels[here]
        times = {label: int((labels == label).sum()) for label in labels.tolist()}
        said = zip(who.tolist(), labels.tolist(), strict=True)
        ordered = sorted(said, key=lambda each: (-times[each[1]], each[1], -self.quality[each[0]]))
        return [
            {
                "annotator": self.annotations.names[number],
                "label": None if label == OTHER else classes[label],
                "quality": float(self.quality[number]),
            }
            for number, label in ordered
        ]


def open_annotators(folder: Path) -> Annotators | None:
    """Read them from a data set's folder; None if it has one label a row."""
    annotations, consensus = read_annotations(folder), read_consensus(folder)
    if annotations is None or consensus is None:
        return None
    return Annotators(annotations, consensus.annotators["quality"].to_numpy())
