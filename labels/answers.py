"""Adds what annotators answered in Label Studio to the file of annotations."""

import csv
import json
from pathlib import Path

import pandas as pd

from stages.artifacts.annotations import COLUMNS
from stages.artifacts.files import data_folder, read_json, read_table, replacing
from stages.command.errors import InputError, some
from stages.command.params import read_block
from stages.fetch.label_studio import read_export
from stages.fetch.raw import SourceError


def add_answers(dataset: str, exported: Path) -> str:
    """Append the answers in an export of Label Studio to the file that fetch.annotations names.

    An answer counts as that of the annotator who was asked, as the task says, or else of whom the export names. What
    the file has already, of the same annotator and row, stays as it is.

    Parameters
    ----------
    dataset : str
        The data set's name.
    exported : Path
        The project, exported as JSON.

    Returns
    -------
    str
        One line that says what was added.

    Raises
    ------
    InputError
        If either file cannot be read, or an answer fits no row or no class. Then nothing is written.
    """
    file = find_file(dataset)
    columns, before = read_annotations(file)
    answers = read_answers(exported)
    check_answers(dataset, exported, answers)
    known = set(zip(before["id"], before["annotator"], strict=True))
    pairs = zip(answers["id"], answers["annotator"], strict=True)
    new = answers[[pair not in known for pair in pairs]].drop_duplicates(["id", "annotator"])
    text = file.read_text(encoding="utf-8")
    with replacing(file) as (partial,), partial.open("w", encoding="utf-8", newline="") as out:
        out.write(text if text.endswith("\n") else f"{text}\n")
        csv.writer(out, lineterminator="\n").writerows(new.reindex(columns=columns, fill_value="").to_numpy())
    there = len(answers) - len(new)
    return f"{dataset}: {len(new):,} annotations added to {file}; {there:,} were there already; `dvc repro` takes them"


def find_file(dataset: str) -> Path:
    """Return the file of annotations, if it is one that can be appended to."""
    place = read_block(dataset).get("fetch", {}).get("annotations")
    if not place:
        raise InputError(f"{dataset}: fetch.annotations names no file to add to; make one of id, annotator, label")
    file = Path(str(place))
    if file.suffix != ".csv" or not file.is_file():
        raise InputError(f"{place}: only a CSV file on this machine can be added to; name one in fetch.annotations")
    return file


def read_annotations(file: Path) -> tuple[list[str], pd.DataFrame]:
    """Return the columns of the file, in order, and its rows."""
    try:
        table = read_table(file)
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: not UTF-8 ({error.reason}); save it so, to add to it") from None
    if missing := [name for name in COLUMNS[:3] if name not in table]:
        raise InputError(f"{file}: no column {', '.join(missing)} between commas; write it so, to add to it")
    return list(map(str, table)), table


def read_answers(exported: Path) -> pd.DataFrame:
    """Return the answers, with the columns id, annotator, label, time."""
    try:
        answers = read_export(exported, "row_id")
        asked = [task["data"] for task in json.loads(exported.read_text(encoding="utf-8-sig"))]
    except (OSError, SourceError) as error:
        said = getattr(error, "strerror", None) or error
        raise InputError(f"{exported}: {said}") from None
    # of whom a row was asked, if it was of one
    of = pd.DataFrame([(data["row_id"], data.get("annotator")) for data in asked if "row_id" in data], dtype="str")
    if of.empty:
        return answers
    one = of.dropna().drop_duplicates().drop_duplicates(0, keep=False).set_index(0)[1]
    return answers.assign(annotator=answers["id"].map(one).fillna(answers["annotator"]))


def check_answers(dataset: str, exported: Path, answers: pd.DataFrame) -> None:
    """Raise InputError if there are none, or one fits no row or no class."""
    prepared = data_folder(dataset) / "prepared"
    if answers.empty:
        raise InputError(f"{exported}: no task has an answer; export the project once people have labelled")
    for column, what, known in (
        ("id", "id(s) that the data set has not", read_table(prepared / "ids.csv")["id"]),
        ("label", "choice(s) that are no class", pd.Series(read_json(prepared / "classes.json"))),
    ):
        unknown = answers[column][~answers[column].isin(known)].unique()
        if len(unknown):
            raise InputError(f"{exported}: {len(unknown):,} {what} ({some(map(repr, unknown))}); nothing was added")
