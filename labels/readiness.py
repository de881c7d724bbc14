"""Finds what keeps the working tree from being released, each reason in one line."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from semver import Version

from labels.revisions import find_commit, list_elsewhere, list_releases, run_git, tag_name
from labels.versions import cleaned_file
from stages.artifacts.cleaned import PICTURES
from stages.artifacts.files import data_folder, read_json, read_table
from stages.artifacts.fitting import Rows, read_decisions
from stages.command.at_work import NOTES, Work, list_work
from stages.command.errors import InputError
from stages.command.local import local_folder

FILES_SHOWN = 3
# how DVC begins to say that another of its commands writes what it would read
BUSY = "is busy, it is being blocked by"


class BusyError(InputError):
    """Another DVC command is at work on what is asked for: what it makes is half there, and says nothing yet."""


def find_obstacles(dataset: str, version: str) -> Iterator[str]:
    """Yield every reason against a release.

    Raises
    ------
    BusyError
        If DVC is at work on the data set.
    """
    yield from check_version(dataset, version)
    yield from check_tree()
    yield from check_pipeline(dataset)
    yield from check_decisions(dataset)
    yield from check_remote(dataset)


def check_version(dataset: str, version: str) -> Iterator[str]:
    """Yield why a version cannot be released: its form, or the versions that exist."""
    if not Version.is_valid(version):
        yield f"{version!r} is not a semantic version; write it like 1.1.0"
        return
    tag = tag_name(dataset, version)
    releases = list_releases(dataset)
    if find_commit(f"refs/tags/{tag}"):
        yield f"the tag {tag} exists; a version is never moved, take a higher one"
    elif releases and Version.parse(version) <= releases[-1]:
        yield f"{version} is not above the last release, {releases[-1]}; take a higher one"
    else:
        yield from check_elsewhere(dataset, Version.parse(version))


def check_elsewhere(dataset: str, version: Version) -> Iterator[str]:
    """Yield that others have released this version or a later one, whose tags are not in this clone."""
    try:
        releases = list_elsewhere(dataset)
    except InputError as error:
        print(f"labels: whether others released a later version cannot be known ({error})", file=sys.stderr)
        return
    if releases and version <= releases[-1]:
        yield (
            f"{version} is not above {releases[-1]}, which others have released; bring the tags with "
            "`git fetch --tags`, and take a higher one"
        )


def check_tree() -> Iterator[str]:
    """Yield what is not committed: the tag would not have it."""
    changed = [line[3:] for line in run_git("status", "--porcelain", "--", ".").splitlines()]
    if changed:
        yield f"not committed: {_list(changed)}; commit, or put it aside with `git stash --include-untracked`"


def check_pipeline(dataset: str) -> Iterator[str]:
    """Yield the stages whose results are not made by the committed code, parameters and decisions."""
    try:
        status = run_dvc("status", "--json", "--with-deps", f"report@{dataset}")
    except BusyError:
        raise
    except InputError as error:
        yield f"{error}; list the data set in `datasets` of params.yaml and run `dvc repro`"
        return
    # a stage that looks at a local source runs each time, and says by its output whether something is new
    if stale := [stage for stage, changes in json.loads(status).items() if changes != ["always changed"]]:
        yield f"not up to date: {_list(stale)}; run `dvc repro` and commit what it changes"


def check_decisions(dataset: str) -> Iterator[str]:
    """Yield the decisions that contradict each other, or the data."""
    try:
        labels = read_table(cleaned_file(dataset, "labels.csv"))
        rows, classes = Rows.of(labels, labels["given_label"]), read_json(cleaned_file(dataset, "classes.json"))
        read_decisions(data_folder(dataset) / "decisions.csv", rows, classes)
    except InputError as error:
        yield from str(error).splitlines()


def check_remote(dataset: str) -> Iterator[str]:
    """Yield what is missing on the remote: nobody else could take the version."""
    name = run_dvc("config", "core.remote").strip()
    if not name:
        yield "no DVC remote is configured; `dvc remote add --default NAME URL`, commit .dvc/config, and `dvc push`"
        return
    # what cleaned/ only points to must be there, too
    pointed = cleaned_file(dataset, PICTURES)
    archives = [read_json(pointed)["archive"]] if pointed.exists() else []
    folders = [str(cleaned_file(dataset, "")), *(str(Path(archive).parent) for archive in archives)]
    try:
        # file by file: of a folder alone DVC looks only whether its list of files is there
        status = run_dvc("data", "status", "--json", "--not-in-remote", "--granular", *folders)
    except InputError as error:
        yield f"the remote '{name}' could not be asked ({error}); mend the connection or its settings"
        return
    missing = [file for file in json.loads(status).get("not_in_remote", []) if not file.endswith("/")]
    if missing:
        yield f"not on the remote '{name}': {_list(missing)}; run `dvc push`"


def run_dvc(*arguments: str) -> str:
    """Run DVC in the current folder and return what it printed; its own error becomes an `InputError`.

    Raises
    ------
    BusyError
        If it cannot because of another DVC command.
    """
    command = [sys.executable, "-m", "dvc", "--wait-for-lock", *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode and BUSY in done.stderr:
        raise BusyError(describe_work(list_work()))
    if done.returncode:
        errors = [line.removeprefix("ERROR: ") for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
        raise InputError(f"dvc {arguments[0]}: {' '.join(errors) or 'failed'}")
    return done.stdout


def describe_work(works: list[Work]) -> str:
    """Say who keeps DVC from answering, and what to do; none is known if it has just ended, or if DVC errs."""
    if works:
        name = f"process {works[0].pid}: {works[0].command}"
        return f"another DVC command is at work ({name}); wait until it has ended, then release again"
    return (
        "another DVC command was at work just now; release again, and if this comes back though none is, remove "
        f"{local_folder() / NOTES}"
    )


def _list(names: list[str]) -> str:
    more = f" and {len(names) - FILES_SHOWN:,} more" if len(names) > FILES_SHOWN else ""
    return ", ".join(names[:FILES_SHOWN]) + more
