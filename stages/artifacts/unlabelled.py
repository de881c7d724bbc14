"""The rows without a label, those first whose label is taken to teach the model most."""

from pathlib import Path

import pandas as pd

from stages.artifacts.files import read_table

FILE = Path("quality") / "unlabelled.csv"
# the lower its score, the more is a label taken to teach
COLUMNS = ("id", "suggested_label", "suggested_prob", "score")


def read_unlabelled(folder: Path) -> pd.DataFrame:
    """Read the table of a data set's folder, the last two of `COLUMNS` as numbers; without such rows there is none."""
    path = folder / FILE
    table = read_table(path) if path.exists() else pd.DataFrame(columns=list(COLUMNS), dtype=str)
    return table.astype({"suggested_prob": float, "score": float})
