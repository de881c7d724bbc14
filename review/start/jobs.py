"""What the start page can do: each job is one entry in `JOBS`, and the commands are those of the terminal."""

import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from review.start.pipeline import DECIDED, LAST, Stage, list_following
from stages.artifacts.cleaned import PICTURES
from stages.artifacts.files import data_folder

# where a job leaves what can be opened or taken away, in its own folder
CHANGES, EXPORTED = "changes.html", "exported"
REPRO = ("dvc", "--wait-for-lock", "repro")


@dataclass(frozen=True)
class Step:
    """A command, and another one in its place if it fails because of what is there."""

    command: tuple[str, ...]
    otherwise: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """What can be done to a data set.

    Attributes
    ----------
    list_steps : callable
        Takes the data set's name, the form that was chosen and the job's own folder; returns the steps.
    list_forms : callable
        Takes the data set's name and returns the forms to choose from; an empty text where there is no choice.
    list_stages : callable
        Takes all stages, and returns those that may run.
    """

    list_steps: Callable[[str, str, Path], list[Step]]
    list_forms: Callable[[str], list[str]] = lambda _: [""]
    list_stages: Callable[[list[Stage]], list[Stage]] = lambda _: []


def run(dataset: str, _: str, __: Path) -> list[Step]:
    """Run all stages of a data set that are not up to date."""
    return [Step((*REPRO, f"{LAST}@{dataset}"))]


def apply(dataset: str, _: str, home: Path) -> list[Step]:
    """Run what follows from the decisions, and show what differs from the last commit, or from the given labels."""
    diff = ("python", "-m", "labels", "diff", dataset)
    page = ("--html", str(home / CHANGES))
    return [
        Step((*REPRO, "--downstream", f"{DECIDED}@{dataset}")),
        Step((*diff, "HEAD", *page), otherwise=(*diff, "given", *page)),
    ]


def export(dataset: str, form: str, home: Path) -> list[Step]:
    """Write the cleaned labels to one file, in a form of `labels export`."""
    folder = str(home / EXPORTED / f"{dataset}-{form}")
    steps = [Step(("python", "-m", "labels", "export", dataset, folder, "--as", form))]
    return [*steps, Step(("python", "-m", "review.start.pack", folder))] if form == "folders" else steps


def list_exports(dataset: str) -> list[str]:
    """Return the forms in which the cleaned labels come as one file."""
    has_files = (data_folder(dataset) / "cleaned" / PICTURES).exists()
    return ["csv", "jsonl", *(["folders"] if has_files else [])]


def plan(dataset: str, goal: str, _: Path) -> list[Step]:
    """Draw the rows that a certificate takes."""
    return [Step(("python", "-m", "labels", "certify", dataset, "--goal", goal))]


JOBS = {
    "run": Job(run, list_stages=lambda stages: stages),
    "apply": Job(apply, list_stages=lambda stages: list_following(stages, DECIDED)),
    "export": Job(export, list_exports),
    "plan": Job(plan, lambda _: ["0.5%", "1%", "2%", "5%"]),
}


def to_arguments(command: tuple[str, ...]) -> list[str]:
    """Return what starts a command with this Python and its packages; no shell takes part."""
    own = {"python": [sys.executable], "dvc": [sys.executable, "-m", "dvc"]}
    return [*own[command[0]], *command[1:]]


def to_text(command: tuple[str, ...]) -> str:
    """Return a command as it is typed in a terminal."""
    return shlex.join(command)
