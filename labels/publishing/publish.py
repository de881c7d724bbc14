"""Publishes a released version: its rows, a data card and a Croissant file, in a folder or on a hub."""

import tempfile
from pathlib import Path

from labels.export import check_folder, writing
from labels.loading.data import Data
from labels.loading.places import LoadError, open_place
from labels.loading.reading import read_data
from labels.publishing.card import CARD, write_card
from labels.publishing.croissant import CROISSANT, describe
from labels.publishing.files import write_files
from labels.publishing.hub import PREFIX, upload
from labels.revisions import find_commit, list_releases, run_git, tag_name
from stages.artifacts.files import write_json
from stages.command.errors import InputError


def publish(dataset: str, version: str, target: str) -> str:
    """Write a released version where others take it from, and return a line that says where.

    Parameters
    ----------
    dataset, version : str
        What to publish; only what was released can be.
    target : str
        A new or empty folder, or a data set on the Hugging Face hub, ``hf://datasets/OWNER/NAME``.
    """
    version = version.removeprefix("v")
    tag = find_tag(dataset, version)
    if target.startswith(PREFIX):
        with tempfile.TemporaryDirectory() as name:
            write_version(dataset, version, tag, Path(name))
            return f"{dataset}: {upload(Path(name), target, version)}"
    if "://" in target:
        raise InputError(f"{target}: name a folder, whose files any tool can copy to there, or {PREFIX}OWNER/NAME")
    folder = Path(target)
    check_folder(folder, dataset)
    with writing(folder) as partial:
        data = write_version(dataset, version, tag, partial)
    return f"{dataset}: v{version}, {len(data):,} rows, in {folder}"


def find_tag(dataset: str, version: str) -> str:
    """Return the tag of a released version.

    Raises
    ------
    InputError
        Naming the versions that there are, if it is none of them.
    """
    released = [str(known) for known in list_releases(dataset)]
    if version not in released:
        there = ", ".join(f"v{known}" for known in released) or "none"
        raise InputError(
            f"{version} is no released version of {dataset} (released: {there}); `labels release` makes one, and "
            "`git fetch --tags` brings others'"
        )
    return tag_name(dataset, version)


def write_version(dataset: str, version: str, tag: str, folder: Path) -> Data:
    """Write a version's files, its card and its Croissant file."""
    try:
        place = open_place(dataset, find_commit(tag), None)
        data = read_data(dataset, place)
    except LoadError as error:
        raise InputError(str(error)) from None
    files = write_files(data, place, folder)
    said = run_git("for-each-ref", "--format=%(creatordate:short)%0a%(contents)", f"refs/tags/{tag}")
    day, _, note = said.partition("\n")
    (folder / CARD).write_text(write_card(data, version, note, files), encoding="utf-8")
    write_json(folder / CROISSANT, describe(data, version, files, describe_data(data), day))
    return data


def describe_data(data: Data) -> str:
    """Say in a sentence what the data set is."""
    relabelled = int((data.rows["status"] == "relabelled").sum())
    unlabelled = f" and {data.n_unlabelled:,} unlabelled ones" if data.n_unlabelled else ""
    return (
        f"{len(data):,} rows of {len(data.classes):,} classes with cleaned labels: {relabelled:,} were relabelled, "
        f"{data.n_removed:,} removed rows{unlabelled} are left out. README.md says by whom and why, and what is not "
        "known."
    )
