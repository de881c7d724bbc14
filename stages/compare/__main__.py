"""Say whether cleaning helped what is trained on these data: ``python -m stages.compare DATASET``.

For a data set that ``compared`` lists it trains on the given and on the cleaned labels, several times each, and scores
both on rows whose label people judged, or nobody touched. No row's own label trains the model that scores it. Writes
the figures and what they say to ``reports/<dataset>/compared.json``, and each row's scores to
``data/<dataset>/compared/rows.csv``. For any other data set both are empty.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from stages.artifacts.files import data_folder, read_json, replacing, report_folder, write_json, write_table
from stages.command.run import run_stage
from stages.compare.settings import Settings, find_settings

COLUMNS = ("id", "drawn", "decided", "untouched", "given_hits", "cleaned_hits", "given_loss", "cleaned_loss")
NOTHING = "nothing to compare: cleaning changed no label"


def main(dataset: str) -> str:
    """Compare where ``compared`` lists the data set, and return a line that says whether cleaning helped."""
    settings = find_settings(dataset)
    targets = report_folder(dataset) / "compared.json", data_folder(dataset) / "compared"
    with replacing(*targets) as (metrics, folder):
        folder.mkdir()
        compared, table = compare(dataset, settings, folder) if settings else ({}, pd.DataFrame(columns=COLUMNS))
        write_table(folder / "rows.csv", table[list(COLUMNS)])
        write_json(metrics, compared)
    return str(compared["headline"]) if compared else "not in `compared`, so nothing is trained"


def compare(dataset: str, settings: Settings, place: Path) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return what cleaning made of the scores, and each row's; nothing is trained if that could tell nothing."""
    # importing these takes a second: data sets that are not compared need not wait for it
    from stages.compare.measure import count_rows, measure_sets, tabulate
    from stages.compare.rows import read_rows
    from stages.compare.training import train_all
    from stages.compare.words import write_about
    from stages.workplace.place import read_training

    # a mistake is told even where nothing would be trained
    sections = read_training(dataset, "cleaned", "compared")
    rows = read_rows(data_folder(dataset), read_json(data_folder(dataset) / "prepared" / "classes.json"))
    changed = int((rows.cleaned != rows.given).sum())
    about = {"repeats": settings.repeats, "rows": len(rows.ids), "changed": changed}
    if not changed:
        return {**about, "headline": NOTHING, "sets": {}}, pd.DataFrame(columns=COLUMNS)
    if not rows.tells:
        return about | write_about(rows, count_rows(rows)), pd.DataFrame(columns=COLUMNS)
    rows, scores = train_all(dataset, sections, rows, settings.repeats, place)
    return about | write_about(rows, measure_sets(rows, scores)), tabulate(rows, scores)


if __name__ == "__main__":
    run_stage("compare", main)
