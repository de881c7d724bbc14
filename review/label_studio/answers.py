"""Turns the answers in an export of Label Studio into decisions, if all of them are clear and fit the data."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from review.appending import append
from review.label_studio.exported import ALTERNATIVES, INSTEAD, LABEL, NOTE, Annotation, Row, Task, read_tasks
from stages.artifacts.decisions import Decision, Verdict, parse_decisions
from stages.artifacts.files import data_folder, load_array, read_json, read_table
from stages.command.errors import InputError


def import_tasks(dataset: str, file: Path) -> str:
    """Add the answers in an export of Label Studio to the decisions.

    Parameters
    ----------
    dataset : str
        Name of the data set.
    file : Path
        Exported as JSON or JSON_MIN.

    Returns
    -------
    str
        One line that says what was added.

    Raises
    ------
    InputError
        If a task or an answer does not fit, with a line for each. Then nothing is added.
    """
    path, classes = data_folder(dataset) / "decisions.csv", read_json(data_folder(dataset) / "prepared/classes.json")
    tasks = read_tasks(file)
    if problems := list(find_problems(tasks, dataset, read_given(dataset, classes), classes)):
        raise InputError("\n".join(f"{file}: {problem}" for problem in problems))
    decisions = list(dict.fromkeys(to_decision(task.data, answer) for task in tasks for answer in task.answers))
    before = {replace(decision, line=0, content="") for decision in parse_decisions(path)}
    new = [decision for decision in decisions if decision not in before]
    contents = read_contents(dataset)
    append(path, [replace(decision, content=contents.get(decision.id, "")) for decision in new])
    skipped = sum(len(task.annotations) - len(task.answers) for task in tasks)
    known = len(decisions) - len(new)
    return f"{len(new):,} decisions added to {path}; {known:,} were there already, {skipped:,} skipped in Label Studio"


def read_given(dataset: str, classes: list[str]) -> dict[str, str]:
    """Return the given label of every id."""
    prepared = data_folder(dataset) / "prepared"
    labels = np.array(classes, dtype=object)[load_array(prepared / "labels.npy")]
    return dict(zip(read_table(prepared / "ids.csv")["id"], labels, strict=True))


def read_contents(dataset: str) -> dict[str, str]:
    """Return what tells each picture's file from others, by id; empty where rows are no files."""
    table = read_table(data_folder(dataset) / "prepared" / "ids.csv")
    return dict(zip(table["id"], table["content"], strict=True)) if "content" in table else {}


def find_problems(tasks: Iterable[Task], dataset: str, given: dict[str, str], classes: list[str]) -> Iterator[str]:
    """Yield a line for each task that does not belong to the data, and for each answer that is not clear.

    Parameters
    ----------
    tasks : iterable of Task
        Tasks without an answer are not checked.
    dataset : str
        Name of the data set.
    given : dict of str to str
        The given label of every id.
    classes : list of str
        The names of the classes.
    """
    for task in tasks:
        if task.answers:
            yield from (f"task {task.id}{problem}" for problem in find_misplaced(task.data, dataset, given))
        for answer in task.answers:
            where = f"task {task.id} (id {task.data.row_id!r}), annotation {answer.id}"
            yield from (f"{where}{problem}" for problem in find_unclear(answer, classes))


def find_misplaced(row: Row, dataset: str, given: dict[str, str]) -> Iterator[str]:
    """Yield why a task's row does not belong to the data; nothing if it does."""
    if row.dataset != dataset:
        yield f": is of the data set {row.dataset!r}; import it there"
    elif row.row_id not in given:
        yield f": id {row.row_id!r} is not in the data set; delete the task in Label Studio and export again"
    elif given[row.row_id] != row.given_label:
        yield (
            f": id {row.row_id!r} was given as {row.given_label!r} but is now given as {given[row.row_id]!r}; "
            "delete the task in Label Studio, and have it looked at again"
        )


def find_unclear(answer: Annotation, classes: list[str]) -> Iterator[str]:
    """Yield what is wrong with an answer; nothing if it makes one choice that exists."""
    labels, instead = answer.entered(LABEL), answer.entered(INSTEAD)
    if not labels and not instead:
        yield f": chooses nothing; choose a label or {' or '.join(map(repr, ALTERNATIVES))} there, or skip the task"
    if len(labels) > 1 or len(instead) > 1:
        yield f": chooses {', '.join(map(repr, labels + instead))}; choose one there"
    for choice in labels:
        if choice not in classes:
            yield f": choice {choice!r} is not a class; classes: {', '.join(classes)}"
    for choice in instead:
        if choice not in ALTERNATIVES:
            yield f": choice {choice!r} is not one of {', '.join(map(repr, ALTERNATIVES))}"
    if not answer.reviewer:
        yield ": does not say who completed it; submit it there as an annotator"
    if not answer.time:
        yield f": {answer.updated_at or answer.created_at or ''!r} is not a time; updated_at must be a time in ISO 8601"


def to_decision(row: Row, answer: Annotation) -> Decision:
    """Return a clear answer as a decision; an alternative to a label counts before the label."""
    instead = [ALTERNATIVES[choice] for choice in answer.entered(INSTEAD)]
    label = "".join(answer.entered(LABEL))
    decision = instead[0] if instead else Verdict.KEEP if label == row.given_label else Verdict.RELABEL
    return Decision(
        id=row.row_id,
        given_label=row.given_label,
        decision=decision,
        label=label if decision == Verdict.RELABEL else "",
        reviewer=answer.reviewer,
        time=answer.time,
        note=" ".join(" ".join(answer.entered(NOTE)).split()),
        suggested_label=row.suggested_label,
        label_quality=f"{row.label_quality:.6g}",
    )
