"""How far honest columns tell the labels by themselves: ``python -m benchmarks.telling_columns FOLDER``.

The folder has a CSV file for each table, with the column label; scikit-learn's own tables come after them. For each
table it prints the column that tells most, how many labels it tells wrongly as a share of those that the commonest
class tells wrongly, and the columns that `preprocess` names.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets

from benchmarks.conditions import print_conditions
from stages.artifacts.files import read_table
from stages.preprocess.classes import encode_labels
from stages.preprocess.leakage import NEARLY, count_wrong
from stages.preprocess.settings import Settings
from stages.preprocess.tables import read_cells

OWN = ("iris", "wine", "breast_cancer", "digits")


def list_tables(folder: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the name and the cells of each table, all text."""
    for path in sorted(folder.glob("*.csv")):
        yield path.stem, read_table(path)
    for name in OWN:
        loaded = getattr(datasets, f"load_{name}")(as_frame=True)
        yield f"scikit-learn's {name}", loaded.data.assign(label=loaded.target).astype("str")


def main(folder: Path) -> None:
    """Print a line for each table."""
    print("| table | rows | strongest column | told wrongly | named |\n| --- | ---: | --- | ---: | --- |")
    for name, table in list_tables(folder):
        labels, _ = encode_labels(table)
        read = read_cells(table.drop(columns="label"), Settings())
        others = len(labels) - np.bincount(labels).max()
        wrong = [count_wrong(column, labels) / others for column in read.features.T]
        strongest = int(np.argmin(wrong))
        named = ", ".join(str(remark.column) for remark in read.find_telling(labels)) or "none"
        print(f"| {name} | {len(labels):,} | {read.columns[strongest].name} | {min(wrong):.1%} | {named} |")
    print(f"\na column is named up to {NEARLY:.0%}")


if __name__ == "__main__":
    print_conditions()
    main(Path(sys.argv[1]))
