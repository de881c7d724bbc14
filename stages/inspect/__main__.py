"""Look at the examples themselves: ``python -m stages.inspect DATASET``.

Writes ``data/<dataset>/examples/``: ``duplicates.csv``, sets of rows with the same or nearly the same content, those
whose labels differ first; ``outliers.csv``, rows unlike all others, worst first; ``neighbours.npy`` (n, k) int32, for
each row the first row of each of the contents nearest to it; ``map.npy`` (n, 2) float32, each row's place on a plane;
and ``examples.json``, which says whether rows were compared with each other: if not, k is 0; and what made the map.

The rules are those of cleanlab's Datalab, on the features and not on a network's penultimate layer, the other usual
choice: the networks that predict rows out of sample are one for each fold, and have no layer in common.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.files import data_folder, load_array, read_json, read_table, replacing, write_json, write_table
from stages.command.errors import InputError
from stages.command.params import read_section
from stages.command.run import run_stage
from stages.inspect.duplicates import Pairs, find_pairs, join_pairs, no_pairs, score_rows, tabulate_sets
from stages.inspect.features import Views, read_views
from stages.inspect.neighbours import find_neighbours
from stages.inspect.outliers import NEIGHBOURS, average_distances, flag_outliers, tabulate_outliers
from stages.inspect.plane import lay_out
from stages.inspect.settings import Settings

# Up to so many rows of different content are compared with each other. For pictures that takes 70 s of processor time,
# which the cores share, and 0.7 GB; twice as many rows take four times as long.
COMPARED_ROWS = 150_000


@dataclass(frozen=True)
class Found:
    """What the comparison of n rows, m of them of different content, found.

    Attributes
    ----------
    pairs : Pairs
        Of nearly the same content.
    near_scores : ndarray of shape (m,)
        As `score_rows` returns them.
    outlier_scores : ndarray of shape (n,)
        cleanlab's, from 0, far from everything, to 1.
    outliers : ndarray of shape (n,), bool
        The rows flagged.
    neighbours : ndarray of shape (m, k), int64
        The contents nearest to each, by what near duplicates are found by; k may be 0.
    """

    pairs: Pairs
    near_scores: np.ndarray
    outlier_scores: np.ndarray
    outliers: np.ndarray
    neighbours: np.ndarray


def main(dataset: str) -> str:
    """Look for duplicates and outliers and return a line that says how many there are."""
    prepared = data_folder(dataset) / "prepared"
    ids, given, contents = read_rows(prepared)
    firsts, content, copies = np.unique(contents, return_inverse=True, return_counts=True)
    reason = explain_limit(len(firsts))
    views = read_views(prepared, firsts) if len(firsts) > 1 else None
    found = nothing_found(len(ids), len(firsts)) if reason or not views else compare(views, content, copies)
    # t-SNE compares rows too
    method = "pca" if reason else read_section(dataset, "inspect", Settings).map
    places = lay_out(views.alike, method, views.metric) if views else np.zeros((len(firsts), 2), np.float32)
    sets = join_pairs(found.pairs, len(firsts))
    duplicates = tabulate_sets(ids, given, content, sets, np.where(copies > 1, 0, found.near_scores))
    outliers = tabulate_outliers(ids, given, found.outlier_scores, found.outliers)
    about = {"compared": not reason, "rows": len(ids), "reason": reason, "map": method}
    with replacing(data_folder(dataset) / "examples") as (folder,):
        folder.mkdir()
        write_table(folder / "duplicates.csv", duplicates)
        write_table(folder / "outliers.csv", outliers)
        np.save(folder / "neighbours.npy", firsts[found.neighbours].astype(np.int32)[content])
        np.save(folder / "map.npy", places[content])
        write_json(folder / "examples.json", about)
    return describe(duplicates, outliers, about)


def describe(duplicates: pd.DataFrame, outliers: pd.DataFrame, about: dict[str, Any]) -> str:
    """Return a line that says what was found."""
    conflicts = duplicates["set"][duplicates["labels_differ"]].nunique()
    reason = about["reason"]
    said = f"rows not compared with each other: {reason}" if reason else f"outliers: {len(outliers):,}"
    return f"sets of duplicates: {duplicates['set'].nunique():,}, with labels that differ: {conflicts:,}; {said}"


def read_rows(prepared: Path) -> tuple[pd.Series, np.ndarray, np.ndarray]:
    """Return each row's id, the name of its given label, and the number of the first row of its content."""
    ids = read_table(prepared / "ids.csv")["id"]
    labels, contents = (np.array(load_array(prepared / f"{name}.npy")) for name in ("labels", "contents"))
    if not len(ids) == len(labels) == len(contents):
        raise InputError(f"{prepared}: ids, labels and contents are of different rows; run `dvc repro`")
    return ids, np.array(read_json(prepared / "classes.json"), dtype=object)[labels], contents


def explain_limit(n_contents: int) -> str:
    """Return why so many rows are not compared, or nothing where they are."""
    if n_contents <= COMPARED_ROWS:
        return ""
    return f"{n_contents:,} are different, and up to {COMPARED_ROWS:,} are compared"


def nothing_found(n_rows: int, n_contents: int) -> Found:
    """Return what there is without a comparison."""
    nobody = np.zeros((n_contents, 0), dtype=np.int64)
    return Found(no_pairs(), np.ones(n_contents), np.ones(n_rows), np.zeros(n_rows, dtype=bool), nobody)


def compare(views: Views, content: np.ndarray, copies: np.ndarray) -> Found:
    """Compare the rows of different content with each other.

    Parameters
    ----------
    views : Views
        What m rows of different content, at least two, are compared by.
    content : ndarray of shape (n,), int64
        The number of each row's content, from 0 to m - 1.
    copies : ndarray of shape (m,), int64
        How many rows have each content.
    """
    alike, distances = find_neighbours(views.alike, NEIGHBOURS, views.metric)
    pairs, near_scores = find_pairs(alike, distances), score_rows(distances)
    neighbours = alike
    if views.apart is not views.alike:
        neighbours, distances = find_neighbours(views.apart, NEIGHBOURS, views.metric)
    averages = average_distances(neighbours, distances, copies)[content]
    scores, flagged = flag_outliers(averages, views.metric)
    return Found(pairs, near_scores, scores, flagged, alike)


if __name__ == "__main__":
    run_stage("inspect", main)
