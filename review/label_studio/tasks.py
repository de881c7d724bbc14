"""Writes the flagged rows as tasks for Label Studio, and its labeling configuration."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd

from review.label_studio.exported import ALTERNATIVES, INSTEAD, NOTE
from stages.artifacts.files import data_folder, read_json, read_table, replacing, write_json
from stages.artifacts.issues import read_flagged
from stages.artifacts.label_studio import LABEL, TAGS, add_choices, add_example, open_rows, to_xml
from stages.command.errors import InputError

HEADING = "Given as $given_label, suggested is $suggested_label (rank $rank, quality $label_quality)"


def export_tasks(dataset: str, prefix: str = "", output: Path | None = None) -> str:
    """Write the flagged rows as tasks, and beside them the labeling configuration.

    Parameters
    ----------
    dataset : str
        Name of the data set.
    prefix : str
        Where pictures are served: a picture's address is the prefix, its id and, unless pictures
        lie in files, ``.png``. If empty, the tasks hold the pictures themselves.
    output : Path, optional
        The file of tasks. It must end in ``.json``, and is replaced if it exists. By default
        ``label-studio-<dataset>.json`` in the current folder.

    Returns
    -------
    str
        One line that says what was written.
    """
    output = output or Path(f"label-studio-{dataset}.json")
    beside = output.with_suffix(".xml")
    if output.suffix != ".json" or output.is_dir() or beside.is_dir():
        raise InputError(f"{output}: name a file that ends in .json; a file that ends in .xml is written beside it")
    classes = read_json(data_folder(dataset) / "prepared" / "classes.json")
    issues = read_checked(data_folder(dataset))
    kind, show = open_rows(dataset, prefix)
    tasks = make_tasks(dataset, issues, kind, show)
    config = make_config(classes, kind)
    with replacing(output, beside) as (tasks_file, config_file):
        write_json(tasks_file, tasks)
        config_file.write_text(config, encoding="utf-8")
    return f"{len(tasks):,} tasks in {output}, the labeling configuration in {beside}"


def read_checked(folder: Path) -> pd.DataFrame:
    """Return the flagged rows of a data set's folder, worst first, all text."""
    issues, ids = read_flagged(folder), read_table(folder / "prepared" / "ids.csv")["id"]
    path = folder / "issues.csv"
    if issues.empty:
        raise InputError(f"{path}: no row is flagged; set find_issues.flag in params.yaml to budget to flag some")
    if not issues["id"].isin(ids).all():
        raise InputError(f"{path}: is not of the same run as prepared/; `dvc repro` makes both again")
    return issues


def make_tasks(dataset: str, issues: pd.DataFrame, kind: str, show: Callable[[str], Any]) -> list[dict[str, Any]]:
    """Return a task for each flagged row, in their order, with the suggested label as a prediction.

    Parameters
    ----------
    dataset : str
        Name of the data set.
    issues : DataFrame with the columns id, given_label, suggested_label, label_quality, suggested_prob
        All text. The predictions' version is a hash of it.
    kind : str
        picture, text or table.
    show : callable
        Takes an id; returns a picture's address, a text, or a row's cells by column.
    """
    _, name = TAGS[kind]
    version = f"clean-labels {hashlib.sha256(issues.to_csv(index=False).encode()).hexdigest()[:8]}"
    tasks = []
    for rank, row in enumerate(issues.to_dict("records"), start=1):
        data = {name: show(row["id"]), "dataset": dataset, "row_id": row["id"], "rank": rank}
        data |= {column: row[column] for column in ("given_label", "suggested_label")}
        data["label_quality"] = float(row["label_quality"])
        suggestion = {"type": "choices", "value": {"choices": [row["suggested_label"]]}}
        suggestion |= {"from_name": LABEL, "to_name": name}
        prediction = {"model_version": version, "score": float(row["suggested_prob"]), "result": [suggestion]}
        tasks.append({"data": data, "predictions": [prediction]})
    return tasks


def make_config(classes: list[str], kind: str) -> str:
    """Return Label Studio's labeling configuration: the classes, the alternatives to a class, and a note."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Header", value=HEADING)
    name = add_example(view, kind)
    for control, choices in ((LABEL, classes), (INSTEAD, list(ALTERNATIVES))):
        add_choices(view, control, name, choices)
    ElementTree.SubElement(view, "TextArea", name=NOTE, toName=name, placeholder="Why, if it needs saying")
    return to_xml(view)
