"""Lists the rows that another annotation would help most, and hands them to Label Studio, by annotator."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from labels.export import check_folder, writing
from labels.filenames import name_folders
from labels.helping import score_rows, share_out
from stages.artifacts.annotations import Annotations, Consensus, read_annotations, read_consensus
from stages.artifacts.files import data_folder, load_array, read_json, read_table, write_json, write_table
from stages.artifacts.fitting import Rows, read_decisions
from stages.artifacts.label_studio import LABEL, TAGS, add_choices, add_example, open_rows, to_xml
from stages.command.errors import InputError, some

ROWS, CONFIG = "rows.csv", "label-studio.xml"


def ask(dataset: str, count: int, asked: Sequence[str], folder: Path | None) -> str:
    """Write which rows to ask again, and the tasks of each annotator, and return a line that says what was written.

    Parameters
    ----------
    dataset : str
        The data set's name.
    count : int
        How many rows.
    asked : sequence of str
        Who is asked; if empty, all who have labelled rows of it.
    folder : Path, optional
        Where to: it must not exist, or be empty. By default ``ask-<dataset>`` in the current folder.

    Raises
    ------
    InputError
        If the data set has one label a row, or there is nothing to ask.
    """
    data, folder = data_folder(dataset), folder or Path(f"ask-{dataset}")
    if count < 1:
        raise InputError(f"--count {count}: ask for one row or more")
    annotations, consensus = read_annotations(data), read_consensus(data)
    if annotations is None or consensus is None:
        raise InputError(f"{dataset}: has one label a row; `ask` is for several annotators, as fetch.annotations names")
    check_folder(folder, dataset)
    names = list(dict.fromkeys(asked)) or annotations.names
    rows = choose_rows(dataset, annotations, consensus, names, count)
    if rows.empty:
        raise InputError(f"{dataset}: nothing to ask: each row has a decision, or a label by all {len(names):,}")
    with writing(folder) as partial:
        write_table(partial / ROWS, rows)
        write_tasks(dataset, rows, partial)
    few = f" (--count asked for {count:,})" if len(rows) < count else ""
    loads = rows["annotator"].value_counts()
    people = f"{len(loads):,} annotators"
    each = f"{loads.min():,} to {loads.max():,}" if loads.min() < loads.max() else f"{loads.max():,}"
    new = [name for name in names if name not in annotations.names]
    # or it is a known one misspelt
    also = f"; new: {some(new)}" if new else ""
    return f"{dataset}: {len(rows):,} rows to ask again in {folder}{few}, {each} for each of {people}{also}"


def choose_rows(
    dataset: str, annotations: Annotations, consensus: Consensus, asked: Sequence[str], count: int
) -> pd.DataFrame:
    """Return the rows to ask again, the most helpful first, and whom: not those that people have decided on.

    Returns
    -------
    DataFrame with the columns id, annotator, score, consensus, quality, agreement, annotations
    """
    data = data_folder(dataset)
    pred_probs, classes = load_array(data / "predictions" / "pred_probs.npy"), read_json(data / "prepared/classes.json")
    table, found = read_table(data / "prepared" / "ids.csv"), consensus.rows
    decided = read_decisions(data / "decisions.csv", Rows.of(table, found["label"]), classes)
    scores = score_rows(annotations, consensus, pred_probs)
    order = np.argsort(scores, kind="stable")
    given = share_out(order[~table["id"].isin(decided).to_numpy()[order]].tolist(), annotations, asked, count)
    rows = found.rename(columns={"label": "consensus"}).assign(score=scores).iloc[given["row"]].reset_index(drop=True)
    rows["annotator"] = given["annotator"]
    return rows[["id", "annotator", "score", "consensus", "quality", "agreement", "annotations"]]


def write_tasks(dataset: str, rows: pd.DataFrame, folder: Path) -> None:
    """Write a file of tasks for each annotator, without what others said, and the labeling configuration of all."""
    kind, show = open_rows(dataset)
    files = name_folders(rows["annotator"].unique())
    for name, part in rows.groupby("annotator", sort=False):
        tasks = [
            {"data": {TAGS[kind][1]: show(row_id), "dataset": dataset, "row_id": row_id, "annotator": name}}
            for row_id in part["id"]
        ]
        write_json(folder / f"{files[str(name)]}.json", tasks)
    view = ElementTree.Element("View")
    about = add_example(view, kind)
    add_choices(view, LABEL, about, read_json(data_folder(dataset) / "prepared" / "classes.json"))
    (folder / CONFIG).write_text(to_xml(view), encoding="utf-8")
