"""Turns what was answered in Label Studio into decisions, once all of it is clear and fits the data."""

from collections.abc import Iterable, Iterator

from review.exchange import ALTERNATIVES, INSTEAD, LABEL, NOTE, Annotation, Row, Task
from stages.artifacts.decisions import Decision, Verdict


def find_problems(tasks: Iterable[Task], dataset: str, given: dict[str, str], classes: list[str]) -> Iterator[str]:
    """Yield a line for each task that is not of the data, and for each answer that is not clear.

    Parameters
    ----------
    tasks : iterable of Task
        Those without an answer may be anything.
    dataset : str
        The name of the data set.
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
    """Yield why a task's row does not belong to the data: nothing, when it does."""
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
    """Yield what is wrong with an answer: nothing, when it says one thing that can be done."""
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
            yield f": choice {choice!r} is none of {', '.join(map(repr, ALTERNATIVES))}"
    if not answer.reviewer:
        yield ": does not say who completed it; submit it there as an annotator"
    if not answer.time:
        yield f": {answer.updated_at or answer.created_at or ''!r} is no time; updated_at must be one as ISO 8601"


def to_decision(row: Row, answer: Annotation) -> Decision:
    """Say as a decision what an answer says that is clear; a choice instead of a label goes before the label."""
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
