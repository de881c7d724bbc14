"""Turns the answers in an export of Label Studio into decisions: of each task that is clear and fits the data."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from review.appending import append
from review.label_studio.exported import ALTERNATIVES, INSTEAD, Annotation, Row, Task, read_export
from review.sent import NAME, NOTE, to_line
from stages.artifacts.annotations import has_annotations
from stages.artifacts.decisions import Decision, Verdict, parse_decisions
from stages.artifacts.files import data_folder, load_array, read_json, read_table
from stages.artifacts.label_studio import LABEL
from stages.artifacts.labels import name_labels
from stages.artifacts.quality import read_quality
from stages.command.errors import InputError, printable

# why tasks were left, and their numbers
Left = dict[str, list[str]]

# so many reasons are told, and so many tasks of each; further ones are counted
REASONS, TASKS = 5, 3


def import_tasks(dataset: str, file: Path) -> str:
    """Add the answers in an export of Label Studio to the decisions.

    A task is taken if it belongs to the data and all of its answers are clear, and left if not.

    Parameters
    ----------
    dataset : str
        Name of the data set.
    file : Path
        Exported as JSON or JSON_MIN.

    Returns
    -------
    str
        One line that says what was added, and why tasks were left.

    Raises
    ------
    InputError
        If the file is no export, or every task with an answer was left.
    """
    path, classes = data_folder(dataset) / "decisions.csv", read_json(data_folder(dataset) / "prepared/classes.json")
    export = read_export(file)
    taken, left = sort_out(export.tasks, dataset, read_given(dataset, classes), classes)
    left = export.left | left
    if left and not any(task.answers for task in taken):
        raise InputError(f"{file}: no task could be taken; {describe(left)}; nothing was written")
    decisions = list(dict.fromkeys(to_decision(task.data, answer) for task in taken for answer in task.answers))
    before = {replace(decision, line=0, content="") for decision in parse_decisions(path)}
    new = [decision for decision in decisions if decision not in before]
    contents = read_contents(dataset)
    append(path, [replace(decision, content=contents.get(decision.id, "")) for decision in new])
    skipped = sum(len(task.annotations) - len(task.answers) for task in taken)
    line = f"{len(new):,} decisions added to {path}; {len(decisions) - len(new):,} were there already"
    line += f", {skipped:,} skipped in Label Studio"
    line += f", {export.unanswered:,} without an answer" if export.unanswered else ""
    return f"{line}; {describe(left)}" if left else line


def sort_out(tasks: Iterable[Task], dataset: str, given: dict[str, str], classes: list[str]) -> tuple[list[Task], Left]:
    """Return the tasks that can be taken, and why which others were left."""
    taken: list[Task] = []
    left: Left = {}
    for task in tasks:
        problem = next(find_problems(task, dataset, given, classes), None)
        if problem is None:
            taken.append(task)
        else:
            left.setdefault(problem, []).append(str(task.id))
    return taken, left


def describe(left: Left) -> str:
    """Return in a line how many tasks were left, and why."""
    told = sorted(left.items(), key=lambda reason: -len(reason[1]))
    parts = [f"{len(tasks):,} {reason} ({_list(tasks)})" for reason, tasks in told[:REASONS]]
    if others := sum(len(tasks) for _, tasks in told[REASONS:]):
        parts.append(f"{others:,} for other reasons")
    return printable(f"tasks left: {', '.join(parts)}")


def _list(tasks: list[str]) -> str:
    more = f" and {len(tasks) - TASKS:,} more" if len(tasks) > TASKS else ""
    return f"{'task' if len(tasks) == 1 else 'tasks'} {', '.join(tasks[:TASKS])}{more}"


def read_given(dataset: str, classes: list[str]) -> dict[str, str]:
    """Return the given label of every id: of several annotators, their consensus as it was shown."""
    if has_annotations(data_folder(dataset)):
        quality = read_quality(data_folder(dataset))
        return dict(zip(quality["id"], quality["given_label"], strict=True))
    prepared = data_folder(dataset) / "prepared"
    labels = name_labels(np.asarray(load_array(prepared / "labels.npy")), classes)
    return dict(zip(read_table(prepared / "ids.csv")["id"], labels, strict=True))


def read_contents(dataset: str) -> dict[str, str]:
    """Return what tells each picture's file from others, by id; empty where rows are no files."""
    table = read_table(data_folder(dataset) / "prepared" / "ids.csv")
    return dict(zip(table["id"], table["content"], strict=True)) if "content" in table else {}


def find_problems(task: Task, dataset: str, given: dict[str, str], classes: list[str]) -> Iterator[str]:
    """Yield why a task cannot be taken; nothing if it can.

    Parameters
    ----------
    task : Task
        Without an answer it is not checked.
    dataset : str
        Name of the data set.
    given : dict of str to str
        The given label of every id.
    classes : list of str
        The names of the classes.
    """
    if not task.answers:
        return
    row = task.data
    if row.dataset != dataset:
        yield f"of the data set {row.dataset!r}, import them there"
    elif row.row_id not in given:
        yield "whose id is not in the data set"
    elif given[row.row_id] != row.given_label:
        yield "whose given label has changed since, to be looked at again"
    for answer in task.answers:
        yield from find_unclear(answer, classes)


def find_unclear(answer: Annotation, classes: list[str]) -> Iterator[str]:
    """Yield what is wrong with an answer; nothing if it makes one choice that exists."""
    labels, instead = answer.entered(LABEL), answer.entered(INSTEAD)
    if not labels and not instead:
        yield "with an answer that chooses nothing"
    if len(labels) > 1 or len(instead) > 1:
        yield f"with more than one choice ({', '.join(map(repr, labels + instead))})"
    for choice in labels:
        if choice not in classes:
            yield f"with choice {choice!r}, which is not a class"
    for choice in instead:
        if choice not in ALTERNATIVES:
            yield f"with choice {choice!r}, which is not one of {', '.join(map(repr, ALTERNATIVES))}"
    if not answer.reviewer:
        yield "that do not say who answered"
    if len(answer.note) > NOTE or len(answer.reviewer) > NAME:
        yield f"with a note of more than {NOTE:,} letters, or a name of more than {NAME}"
    if not answer.time:
        yield f"whose time {answer.updated_at or answer.created_at or ''!r} is not one in ISO 8601"


def to_decision(row: Row, answer: Annotation) -> Decision:
    """Return a clear answer as a decision; an alternative to a label counts before the label."""
    instead = [ALTERNATIVES[choice] for choice in answer.entered(INSTEAD) if choice in ALTERNATIVES]
    label = "".join(answer.entered(LABEL))
    decision = instead[0] if instead else Verdict.KEEP if label == row.given_label else Verdict.RELABEL
    return Decision(
        id=row.row_id,
        given_label=row.given_label,
        decision=decision,
        label=label if decision == Verdict.RELABEL else "",
        reviewer=answer.reviewer,
        time=answer.time,
        note=answer.note,
        suggested_label=to_line(row.suggested_label),
        label_quality="" if row.label_quality is None else f"{row.label_quality:.6g}",
    )
