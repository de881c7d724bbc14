"""Look at the examples themselves: ``python -m stages.inspect DATASET``.

Writes ``data/<dataset>/examples/``: ``duplicates.csv``, sets of rows with the same or nearly the same content, those
across splits first, then those whose labels differ; ``outliers.csv``, rows unlike all others, worst first;
``picture_quality.csv``, pictures that were taken badly, a row for each finding, worst first; ``neighbours.npy`` (n, k)
int32, for each row the first row of each of the contents nearest to it; ``map.npy`` (n, 2) float32, each row's place on
a plane; and ``examples.json``, which says whether rows were compared with each other: if not, k is 0; and what made the
map.

The rules for duplicates and outliers are those of cleanlab's Datalab, on the vectors that ``embed`` left and not on a
network's penultimate layer, the other usual choice: the networks that predict rows out of sample are one for each fold,
and have no layer in common.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.files import data_folder, load_array, read_json, read_table, replacing, write_json, write_table
from stages.artifacts.kind import read_kind
from stages.artifacts.labels import name_labels
from stages.command.errors import InputError
from stages.command.params import read_section
from stages.command.run import run_stage
from stages.inspect.compare import compare, nothing_found
from stages.inspect.duplicates import join_pairs, tabulate_sets
from stages.inspect.features import read_views
from stages.inspect.outliers import tabulate_outliers
from stages.inspect.picture_measures import measure_pictures
from stages.inspect.picture_quality import find_flaws, no_flaws, tabulate_flaws
from stages.inspect.plane import lay_out
from stages.inspect.settings import Settings

# Up to so many rows of different content are compared with each other. For pictures that takes 70 s of processor time,
# which the cores share, and 0.7 GB; twice as many rows take four times as long.
COMPARED_ROWS = 150_000


def main(dataset: str) -> str:
    """Look for duplicates, outliers and bad pictures, lay the rows out, and return a line that says what is there."""
    rows, given, contents = read_rows(data_folder(dataset) / "prepared")
    firsts, content, copies = np.unique(contents, return_inverse=True, return_counts=True)
    reason = explain_limit(len(firsts))
    views = read_views(data_folder(dataset) / "features", firsts) if len(firsts) > 1 else None
    found = nothing_found(len(rows), len(firsts)) if reason or not views else compare(views, content, copies)
    sets = join_pairs(found.pairs, len(firsts))
    scores = np.where(copies > 1, 0, found.near_scores)
    # t-SNE compares rows too
    method = "pca" if reason else read_section(dataset, "inspect", Settings).map
    places = lay_out(views.best, method, views.best_metric) if views else np.zeros((len(firsts), 2), np.float32)
    tables = {
        "duplicates": tabulate_sets(rows["id"], given, content, sets, scores, rows.get("split")),
        "outliers": tabulate_outliers(rows["id"], given, found.outlier_scores, found.outliers),
        "picture_quality": judge_pictures(dataset, rows["id"], given),
    }
    about = {"compared": not reason, "rows": len(rows), "reason": reason, "map": method}
    with replacing(data_folder(dataset) / "examples") as (folder,):
        folder.mkdir()
        for name, table in tables.items():
            write_table(folder / f"{name}.csv", table)
        np.save(folder / "neighbours.npy", firsts[found.neighbours].astype(np.int32)[content])
        np.save(folder / "map.npy", places[content])
        write_json(folder / "examples.json", about)
    return describe(tables, about)


def describe(tables: dict[str, pd.DataFrame], about: dict[str, Any]) -> str:
    """Return a line that says what was found."""
    sets, reason = tables["duplicates"], about["reason"]
    said = [f"sets of duplicates: {sets['set'].nunique():,}"]
    if "splits_differ" in sets:
        said.append(f"across splits: {sets['set'][sets['splits_differ']].nunique():,}")
    said.append(f"with labels that differ: {sets['set'][sets['labels_differ']].nunique():,}")
    found = f"rows not compared with each other: {reason}" if reason else f"outliers: {len(tables['outliers']):,}"
    n_bad = tables["picture_quality"]["id"].nunique()
    return "; ".join([", ".join(said), found, *([f"bad pictures: {n_bad:,}"] if n_bad else [])])


def judge_pictures(dataset: str, ids: pd.Series, given: np.ndarray) -> pd.DataFrame:
    """Return the table of what is wrong with pictures, which is empty if rows are something else."""
    is_picture = read_kind(data_folder(dataset) / "prepared") == "picture"
    return tabulate_flaws(ids, given, find_flaws(measure_pictures(dataset, ids)) if is_picture else no_flaws())


def read_rows(prepared: Path) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return the table of the rows' ids, the name of each given label, and the first row with the same content."""
    rows = read_table(prepared / "ids.csv")
    labels, contents = (np.array(load_array(prepared / f"{name}.npy")) for name in ("labels", "contents"))
    if not len(rows) == len(labels) == len(contents):
        raise InputError(f"{prepared}: ids, labels and contents are of different rows; run `dvc repro`")
    return rows, name_labels(labels, read_json(prepared / "classes.json")), contents


def explain_limit(n_contents: int) -> str:
    """Return why so many rows are not compared, or nothing where they are."""
    if n_contents <= COMPARED_ROWS:
        return ""
    return f"{n_contents:,} are different, and up to {COMPARED_ROWS:,} are compared"


if __name__ == "__main__":
    run_stage("inspect", main)
