"""Writes the data card: what the Hugging Face hub reads at its head, then the release's note."""

import json
from pathlib import PurePosixPath
from typing import Any

import yaml

from labels.loading.data import Data
from labels.loading.files import Files
from labels.loading.reading import LABELS
from labels.publishing.files import ARRAYS, File

CARD = "README.md"
TASKS = {"picture": "image-classification", "table": "tabular-classification", "text": "text-classification"}
# the hub's names for how many rows there are
SIZES = (("n<1K", 1e3), ("1K<n<10K", 1e4), ("10K<n<100K", 1e5), ("100K<n<1M", 1e6), ("1M<n<10M", 1e7))
LARGEST = "10M<n<100M"


def write_card(data: Data, version: str, note: str, files: list[File]) -> str:
    """Return the card in Markdown.

    Parameters
    ----------
    data : Data
        The version's rows.
    version : str
        A semantic version.
    note : str
        What its release says.
    files : list of File
        What lies beside the card.
    """
    head = yaml.safe_dump(describe_head(data, version, files), sort_keys=False, allow_unicode=True)
    return f"---\n{head}---\n\n{note.strip()}\n\n## Files\n\n{describe_files(data, files)}\n"


def describe_head(data: Data, version: str, files: list[File]) -> dict[str, Any]:
    """Return what the hub reads; no licence, for nothing here knows one."""
    return {
        "pretty_name": data.name,
        "version": version,
        "task_categories": [TASKS[data.kind]],
        "size_categories": [next((name for name, limit in SIZES if len(data) < limit), LARGEST)],
        "configs": [{"config_name": "default", "data_files": list_splits(files)}],
    }


def list_splits(files: list[File]) -> list[dict[str, str]]:
    """Return the file of each split, or the table of labels for data that come in one file."""
    return [{"split": f.split, "path": f.path} for f in files if f.split] or [{"split": "all", "path": LABELS}]


def describe_files(data: Data, files: list[File]) -> str:
    """Say what each file holds, and how to read it."""
    lines = [f"- `{LABELS}`: a line for each of the {len(data):,} rows, with its cleaned and its given label"]
    if data.kind == "picture" and not isinstance(data.features, Files):
        shape = "×".join(map(str, data.features.shape))
        lines.append(f"- `{ARRAYS}`: `features` ({shape}, uint8), `labels` and `ids`, for `numpy.load`")
    lines += [f"- `{f.path}`: {HOLDS[PurePosixPath(f.path).suffix]}" for f in files if f.split]
    lines.append("- `croissant.json`: all of this in MLCommons' Croissant format, with checksums")
    classes = ", ".join(json.dumps(name, ensure_ascii=False) for name in data.classes)
    lines += ["", f"{len(data.classes):,} classes: {classes}", "", LICENCE]
    return "\n".join(lines)


HOLDS = {
    ".csv": "the rows of this split, their labels beside what was found in them",
    ".zip": "the pictures of this split, in a folder for each class, and `metadata.csv`",
}
LICENCE = "No licence is named here: add the one under which the data may be used."
