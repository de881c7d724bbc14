"""What a person should know of the columns and the classes of a data set before anything is trained."""

import numpy as np
import pandas as pd

from stages.artifacts.remarks import Remark
from stages.preprocess.classes import check_measures, find_alike
from stages.preprocess.originals import PictureFiles
from stages.preprocess.pictures import Pictures
from stages.preprocess.tables import LISTED, Table
from stages.preprocess.texts import Texts

Examples = Pictures | PictureFiles | Table | Texts


def describe(examples: Examples, names: pd.Series, labels: np.ndarray) -> tuple[list[str], list[Remark]]:
    """Describe the columns and the classes.

    Parameters
    ----------
    examples : Examples
        Of n rows.
    names : Series of n str
        The class of each; empty if it has none.
    labels : ndarray of shape (n,), int64
        The same, numbered; -1 if it has none.

    Returns
    -------
    lines : list of str
        One for each column of a table, and the first of the remarks.
    remarks : list of Remark
        All of them.

    Raises
    ------
    InputError
        If the labels are measurements.
    """
    names = names[names != ""]
    remarks = [Remark(None, line) for line in filter(None, [check_measures(names), *find_alike(names)])]
    lines, read = [], []
    if isinstance(examples, Table):
        remarks = [*examples.find_telling(labels), *remarks]
        lines, read = examples.list_columns(), examples.remarks()
    rest = len(remarks) - LISTED
    said = [
        *lines,
        *map(str, remarks[:LISTED]),
        *([f"{rest:,} more remarks, which the report lists"] if rest > 0 else []),
    ]
    return said, [*remarks, *read]
