"""What several annotators said, with their classes renamed and numbered as those of the rows are."""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.artifacts.annotations import OTHER, RAW, Annotations
from stages.artifacts.files import read_table
from stages.preprocess.classes import rename_classes
from stages.preprocess.settings import Settings


def read_said(raw: Path, settings: Settings) -> pd.DataFrame | None:
    """Read ``raw/annotations.csv``, with its classes renamed as the user says; None if it is not there."""
    if not (raw / RAW).exists():
        return None
    said = read_table(raw / RAW)
    return said.assign(label=rename_classes(said["label"], settings.classes))


def number_annotations(said: pd.DataFrame, ids: pd.Series, classes: list[str]) -> Annotations:
    """Number the rows, annotators and classes.

    Parameters
    ----------
    said : DataFrame with the columns id, annotator, label
        A row for each annotation.
    ids : Series of n str
        The rows that are kept; annotations of others are left out.
    classes : list of K str
        Those of the rows. An annotation of any other is `OTHER`: no row has that class by vote.
    """
    annotators, names = pd.factorize(said["annotator"], sort=True)
    rows = pd.Index(ids).get_indexer(pd.Index(said["id"]))
    labels = pd.Index(classes).get_indexer(pd.Index(said["label"]))
    order = np.lexsort((annotators, rows))
    order = order[rows[order] >= 0]
    numbers = np.stack([rows, annotators, labels])[:, order].astype(np.int32)
    return Annotations(numbers[0], numbers[1], numbers[2], list(map(str, names)), len(ids))


def describe_annotations(annotations: Annotations) -> str:
    """Say how many annotations a row has, and how many are of a class that no row has by vote."""
    counts = annotations.count_by_row()
    others = int((annotations.labels == OTHER).sum())
    also = f"; {others:,} are of classes that no row has by vote, and count as mistakes" if others else ""
    single = f", {single:,} row(s) with one alone" if (single := int((counts == 1).sum())) else ""
    return (
        f"{len(annotations.rows):,} annotations by {len(annotations.names):,} annotators, {counts.mean():.1f} a row"
        f"{single}{also}"
    )
