"""Hands the flagged rows to Label Studio as tasks, and takes the answers back as decisions."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from review.answers import find_problems, to_decision
from review.exchange import ALTERNATIVES, INSTEAD, LABEL, NOTE, read_tasks
from review.log import append
from stages.artifacts.decisions import parse_decisions
from stages.artifacts.examples import open_examples
from stages.artifacts.files import data_folder, load_array, read_json, read_table, replacing, write_json
from stages.artifacts.issues import read_flagged
from stages.command.errors import InputError

# the tag that shows an example, by its kind, and the data that it shows
TAGS = {"picture": ("Image", "image"), "text": ("Text", "text"), "table": ("Table", "table")}
SIZES = {"picture": {"maxWidth": "400px"}}
DIGITS = tuple("0123456789")
HEADING = "Given as $given_label, suggested is $suggested_label (rank $rank, quality $label_quality)"


def export_tasks(dataset: str, prefix: str = "", output: Path | None = None) -> str:
    """Write the flagged rows as tasks, and beside them the labeling configuration.

    Parameters
    ----------
    dataset : str
        Its name.
    prefix : str
        A picture's address is this, the id and ``.png``; without it the tasks hold the pictures themselves.
    output : Path, optional
        The file of tasks, ending in ``.json``; by default ``label-studio-<dataset>.json`` in the current folder. What
        was there is replaced.

    Returns
    -------
    str
        One line that says what was written.
    """
    output = output or Path(f"label-studio-{dataset}.json")
    beside = output.with_suffix(".xml")
    if output.suffix != ".json" or output.is_dir() or beside.is_dir():
        raise InputError(f"{output}: name a file that ends in .json; a file that ends in .xml is written beside it")
    prepared = data_folder(dataset) / "prepared"
    issues = read_checked(data_folder(dataset))
    kind, show = open_rows(prepared, prefix)
    tasks = make_tasks(dataset, issues, kind, show)
    config = make_config(read_json(prepared / "classes.json"), kind)
    with replacing(output, beside) as (tasks_file, config_file):
        write_json(tasks_file, tasks)
        config_file.write_text(config, encoding="utf-8")
    return f"{len(tasks):,} tasks in {output}, the labeling configuration in {beside}"


def import_tasks(dataset: str, file: Path) -> str:
    """Add the answers in an export of Label Studio to the decisions.

    Parameters
    ----------
    dataset : str
        Its name.
    file : Path
        Exported as JSON or JSON_MIN.

    Returns
    -------
    str
        One line that says what was added.

    Raises
    ------
    InputError
        With a line for each task or answer that does not fit; then nothing is added.
    """
    prepared, path = data_folder(dataset) / "prepared", data_folder(dataset) / "decisions.csv"
    classes = read_json(prepared / "classes.json")
    labels = np.array(classes, dtype=object)[load_array(prepared / "labels.npy")]
    given = dict(zip(read_table(prepared / "ids.csv")["id"], labels, strict=True))
    tasks = read_tasks(file)
    if problems := list(find_problems(tasks, dataset, given, classes)):
        raise InputError("\n".join(f"{file}: {problem}" for problem in problems))
    decisions = list(dict.fromkeys(to_decision(task.data, answer) for task in tasks for answer in task.answers))
    before = {replace(decision, line=0) for decision in parse_decisions(path)}
    new = [decision for decision in decisions if decision not in before]
    append(path, new)
    skipped = sum(len(task.annotations) - len(task.answers) for task in tasks)
    known = len(decisions) - len(new)
    return f"{len(new):,} decisions added to {path}; {known:,} were there already, {skipped:,} skipped in Label Studio"


def read_checked(folder: Path) -> pd.DataFrame:
    """Return the flagged rows of a data set's folder, worst first, all text."""
    issues, ids = read_flagged(folder), read_table(folder / "prepared" / "ids.csv")["id"]
    path = folder / "issues.csv"
    if issues.empty:
        raise InputError(f"{path}: no row is flagged; set find_issues.flag in params.yaml to budget to flag some")
    if not issues["id"].isin(ids).all():
        raise InputError(f"{path}: is not of the same run as prepared/; `dvc repro` makes both again")
    return issues


def open_rows(folder: Path, prefix: str) -> tuple[str, Callable[[str], Any]]:
    """Return the kind of the examples in a folder, and a function that gives what there is to see of an id.

    Raises
    ------
    InputError
        When there is nothing to see, or pictures are said to lie elsewhere where there are none.
    """
    ids = read_table(folder / "ids.csv")["id"]
    examples = open_examples(folder, len(ids))
    if prefix and examples.kind != "picture":
        raise InputError("--pictures: this data set has no pictures; leave it out, and the tasks hold the rows")
    if prefix:
        return examples.kind, lambda row_id: f"{prefix}{quote(row_id)}.png"
    row_of = {row_id: row for row, row_id in enumerate(ids)}

    def show(row_id: str) -> Any:
        content = examples.content(row_of[row_id])
        return dict(zip(examples.columns, content, strict=True)) if examples.kind == "table" else content

    return examples.kind, show


def make_tasks(dataset: str, issues: pd.DataFrame, kind: str, show: Callable[[str], Any]) -> list[dict[str, Any]]:
    """Return a task for each flagged row, in their order, with the suggested label as a prediction.

    Parameters
    ----------
    dataset : str
        Its name.
    issues : DataFrame with the columns id, given_label, suggested_label, label_quality, suggested_prob
        All text. Its content gives the predictions their version.
    kind : str
        picture, text or table.
    show : callable
        Gives a picture's address, a text, or a row's cells by column, for an id.
    """
    _, name = TAGS[kind]
    version = f"clean-labels {hashlib.sha256(issues.to_csv(index=False).encode()).hexdigest()[:8]}"
    tasks = []
    for rank, row in enumerate(issues.to_dict("records"), start=1):
        data = {name: show(row["id"]), "dataset": dataset, "row_id": row["id"], "rank": rank}
        data |= {column: row[column] for column in ("given_label", "suggested_label")}
        data |= {"label_quality": float(row["label_quality"])}
        suggestion = {"type": "choices", "value": {"choices": [row["suggested_label"]]}}
        suggestion |= {"from_name": LABEL, "to_name": name}
        prediction = {"model_version": version, "score": float(row["suggested_prob"]), "result": [suggestion]}
        tasks.append({"data": data, "predictions": [prediction]})
    return tasks


def make_config(classes: list[str], kind: str) -> str:
    """Return Label Studio's labeling configuration: the classes, what to say instead of one, and a note."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Header", value=HEADING)
    tag, name = TAGS[kind]
    ElementTree.SubElement(view, tag, {"name": name, "value": f"${name}"} | SIZES.get(kind, {}))
    for asked, choices in ((LABEL, classes), (INSTEAD, list(ALTERNATIVES))):
        control = ElementTree.SubElement(view, "Choices", name=asked, toName=name, choice="single", showInline="true")
        for choice in choices:
            ElementTree.SubElement(control, "Choice", _describe(choice))
    ElementTree.SubElement(view, "TextArea", name=NOTE, toName=name, placeholder="Why, if it needs saying")
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _describe(choice: str) -> dict[str, str]:
    # Label Studio puts data in the place of a name after $, in what it shows but not in what it exports
    described = {"value": choice.replace("$", "＄"), "alias": choice} if "$" in choice else {"value": choice}
    # and it gives the keys in order from 1, so that a class called 0 would have that
    return described | ({"hotkey": choice} if choice in DIGITS else {})
