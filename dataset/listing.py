"""Lists the data sets, and shows one: its block, what is there of it, and how far it is."""

import subprocess
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from dataset import text as edit
from dataset.check import list_blocks
from dataset.classes import name_classes
from dataset.places import name_artifact, read_text
from stages.artifacts.decisions import Decision, parse_decisions
from stages.artifacts.files import data_folder, read_json, report_folder
from stages.artifacts.standing import count_words, find_standing
from stages.command.errors import one_line
from stages.command.params import PARAMS_FILE, find_block, read_params

HEAD = ("data set", "runs", "rows", "classes", "flagged", "decided", "source")
SHOWN_CLASSES = 40


def list_all() -> str:
    """Return a table of the data sets, a line for each."""
    params = read_params()
    listed = params.get("datasets")
    running = listed if isinstance(listed, list) else []
    lines = [HEAD, *(describe(name, params[name], name in running) for name in list_blocks(params))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def describe(name: str, block: dict[str, Any], runs: bool) -> Sequence[str]:
    """Return a data set's line, a cell for each of `HEAD`."""
    metrics = read_metrics(name)
    counts = [f"{metrics[key]:,}" if key in metrics else "" for key in ("rows", "classes", "flagged")]
    fetch = block.get("fetch")
    sources = fetch.get("sources") if isinstance(fetch, dict) else None
    first = sources[0] if isinstance(sources, list) and sources else "none"
    return (name, "yes" if runs else "no", *counts, describe_decided(name), one_line(first))


def show(name: str) -> str:
    """Return a data set's block as it is written, its classes with their counts, and how far it is."""
    find_block(name)
    text = read_text(PARAMS_FILE)
    key, block = edit.find(text, name) or (None, None)
    assert key is not None
    assert block is not None
    written = text[edit.find_line(text, key.start_mark.index) : edit.find_end(text, block, key.end_mark.index)]
    metrics, prepared = read_metrics(name), data_folder(name) / "prepared"
    lines = [written.rstrip(), ""]
    if (prepared / "labels.npy").exists() and (prepared / "classes.json").exists():
        lines.append(
            f"classes: {format_classes(read_json(prepared / 'classes.json'), np.load(prepared / 'labels.npy'))}"
        )
    if metrics:
        lines.append(f"report: reports/{name}/index.html: {metrics['rows']:,} rows, {metrics['flagged']:,} flagged")
    else:
        lines.append(f"report: none yet; `dvc repro report@{name}` makes it")
    lines.append(f"decided: {describe_decided(name)} (data/{name}/decisions.csv)")
    lines.append(f"released: {', '.join(list_releases(name)) or 'nothing'}")
    return "\n".join(lines)


def format_classes(classes: list[str], labels: np.ndarray) -> str:
    """Name the classes with their counts, the largest first."""
    labelled = labels[labels >= 0]
    counts = Counter(dict(zip(classes, np.bincount(labelled, minlength=len(classes)).tolist(), strict=True)))
    without = f"; {len(labels) - len(labelled):,} rows without a label" if len(labelled) < len(labels) else ""
    return name_classes(counts, SHOWN_CLASSES) + without


def read_metrics(name: str) -> dict[str, Any]:
    """Return what the last report says of a data set; nothing if there is none."""
    path = report_folder(name) / "metrics.json"
    metrics: dict[str, Any] = read_json(path) if path.exists() else {}
    return metrics


def describe_decided(name: str) -> str:
    """Say on how many rows people have decided, of how many others they are not sure, and on how many they differ."""
    counted = count_words(read_standing(name))
    return f"{counted.decided:,}{counted.describe_rest()}"


def read_standing(name: str) -> dict[str, list[Decision]]:
    """Return each reviewer's last word on each row, those of who is not sure among them."""
    path = data_folder(name) / "decisions.csv"
    return find_standing(parse_decisions(path)) if path.exists() else {}


def list_releases(name: str) -> list[str]:
    """Return the versions of a data set's labels that were released."""
    pattern = f"{name_artifact(name)}@v*"
    try:
        listed = subprocess.run(
            ["git", "tag", "--list", pattern, "--sort=v:refname"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return []
    return [tag.partition("@")[2] for tag in listed.stdout.split()]
