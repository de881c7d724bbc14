"""Releases the committed labels as a version: an annotated tag whose message is the release's note."""

import json
from typing import Any

import yaml

from labels.certificate import find_lack, read_current
from labels.compare import compare, take_given
from labels.note import write_card, write_certificate, write_changes, write_compared, write_first
from labels.readiness import find_obstacles
from labels.revisions import Revision, last_release, read_committed, run_git, tag_name
from labels.shares import read_share
from labels.versions import LabelVersion, read_version
from stages.artifacts.certificate import State
from stages.artifacts.compared import read_compared
from stages.artifacts.files import data_folder, report_folder
from stages.artifacts.trust import FILE, Trust, read_trust
from stages.command.errors import InputError
from stages.command.params import PARAMS_FILE, read_block


def release(dataset: str, version: str, required: str | None = None) -> str:
    """Make the tag and return its note with the next command.

    Parameters
    ----------
    dataset, version : str
        What to release.
    required : str, optional
        The share of wrong labels that a certificate must show there to be at most, such as ``1%``.

    Raises
    ------
    InputError
        With a line for each reason against it; then no tag is made.
    """
    version = version.removeprefix("v")
    most = None if required is None else read_share("--require-certificate", required)
    obstacles = list(find_obstacles(dataset, version))
    if most and not obstacles:
        obstacles += find_lack(read_current(dataset), most)
    if obstacles:
        raise InputError("\n".join(obstacles))
    note = write_note(dataset, version)
    tag = tag_name(dataset, version)
    # git's default would take Markdown's headings for comments
    run_git("tag", "--annotate", "--cleanup=whitespace", "--file=-", tag, stdin=note, apart=True)
    return f"{note}\n\nReleased here as {tag}. Hand it out with\n\n    git push origin {tag}"


def write_note(dataset: str, version: str) -> str:
    """Return the release's note in Markdown."""
    now = read_version(dataset, None)
    since = last_release(dataset)
    block = read_block(dataset)
    certificate = read_current(dataset)
    parts = [f"# {dataset} labels {version}"]
    if certificate["state"] != State.NONE:
        parts.append(write_certificate(certificate))
    if compared := read_compared(dataset):
        parts.append(write_compared(compared))
    parts.append(describe_changes(dataset, since, now, block) if since else write_first(compare(take_given(now), now)))
    trust, annotators = read_trust_if_there(dataset), read_numbers(dataset, None).get("annotators", {})
    parts.append(write_card(block, now, certificate["headline"], trust, annotators))
    return "\n\n".join(parts)


def read_trust_if_there(dataset: str) -> Trust | None:
    """Return whether the model may judge, if the artifacts of this commit say so."""
    folder = data_folder(dataset)
    return read_trust(folder) if (folder / "quality" / FILE).exists() else None


def read_numbers(dataset: str, revision: Revision | None) -> dict[str, Any]:
    """Return the headline numbers at a revision, none if they are not there; None is the working tree."""
    numbers: dict[str, Any] = json.loads(read_committed(revision, report_folder(dataset) / "metrics.json") or "{}")
    return numbers


def describe_changes(dataset: str, since: Revision, now: LabelVersion, block: dict[str, Any]) -> str:
    """Return the sections on what changed since an earlier version."""
    then, today = (read_numbers(dataset, revision) for revision in (since, None))
    params = yaml.safe_load(read_committed(since, PARAMS_FILE) or "{}").get(dataset, {})
    return write_changes(since.name, compare(read_version(dataset, since), now), (then, today), (params, block))
