"""The rows that a certificate's plan draws from: those of a split, or all, on which nobody has decided."""

import pandas as pd

from labels.versions import LabelVersion, find_unapplied
from stages.artifacts.cleaned import PEOPLE
from stages.artifacts.files import data_folder
from stages.artifacts.quality import read_quality
from stages.certificate.certified import take_split
from stages.certificate.proposal import check_rule
from stages.certificate.words import count
from stages.command.errors import InputError, suggest


def check_labels(dataset: str, version: LabelVersion) -> None:
    """Raise InputError if the labels are not as people left them: decisions come late, or a rule changes labels."""
    check_rule(dataset)
    for late in find_unapplied(dataset, version):
        raise InputError(late)
    labels = version.labels
    if ((labels["label"] != labels["given_label"]) & (labels["decided_by"] != PEOPLE)).any():
        raise InputError(f"{dataset}: the labels were made by another `clean.undecided`: run `dvc repro`")


def choose_rows(dataset: str, labels: pd.DataFrame, split: str) -> pd.DataFrame:
    """Return the rows of a split, or all of them.

    Raises
    ------
    InputError
        If there is no such split, or people have decided on all rows.
    """
    if split and "split" not in labels:
        raise InputError(f"--split {split}: {dataset} has no splits; leave it out")
    names = sorted(set(labels["split"]) - {""}) if split else []
    if split and split not in names:
        raise InputError(f"--split {split}: no such split{suggest(split, names)}; there are: {', '.join(names)}")
    rows = take_split(labels, split)
    if (rows["decided_by"] == PEOPLE).all():
        raise InputError(f"people have decided on all {count(len(rows), 'row')}: there is nothing left to draw from")
    return rows


def add_chances(dataset: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of rows that `propose_plan` and `count_before` take."""
    quality = read_quality(data_folder(dataset)).set_index("id")
    if not rows["id"].isin(quality.index).all():
        raise InputError(f"{dataset}: the quality table is of other rows; run `dvc repro`")
    chances = quality.loc[rows["id"], ["prior_error_prob", "error_prob"]].reset_index()
    return chances.assign(label=rows["given_label"].to_numpy())
