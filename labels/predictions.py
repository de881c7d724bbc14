"""Reads what a model predicted: a CSV file with the columns id and label."""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.artifacts.files import read_table
from stages.command.errors import InputError, some


def read_predictions(path: Path, wanted: pd.Series, known: pd.Series, classes: list[str]) -> np.ndarray:
    """Return the label that is predicted for each row, in the order of ``wanted``.

    Parameters
    ----------
    path : Path
        The file. It may hold predictions for other rows of the data set.
    wanted : Series of str
        The ids of the rows.
    known : Series of str
        The ids of all rows of the data set.
    classes : list of str
        The names of the classes.

    Raises
    ------
    InputError
        If it lacks a column or a row, or holds an id twice, or one or a label that the data set does not have.
    """
    if not path.is_file():
        raise InputError(f"{path}: not found; name a CSV file with the columns id and label")
    table = read_table(path)
    if missing := [name for name in ("id", "label") if name not in table]:
        raise InputError(f"{path}: has no column {', '.join(missing)}; a row for each prediction has id and label")
    if twice := table.loc[table["id"].duplicated(), "id"].tolist():
        raise InputError(f"{path}: {len(twice):,} id(s) stand there twice: {some(twice)}; leave one of each")
    if unknown := table.loc[~table["id"].isin(known), "id"].tolist():
        raise InputError(f"{path}: {len(unknown):,} id(s) are not in the data set: {some(unknown)}")
    predicted = table.set_index("id")["label"].reindex(wanted)
    if absent := predicted.index[predicted.isna()].tolist():
        raise InputError(f"{path}: lacks {len(absent):,} row(s) of those that are certified: {some(absent)}; add them")
    if strange := sorted(set(predicted) - set(classes)):
        raise InputError(f"{path}: {some(map(repr, strange))} is no class; there are: {some(classes)}")
    return predicted.to_numpy()
