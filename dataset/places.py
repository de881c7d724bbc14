"""The places in params.yaml and dvc.yaml that name a data set, and how both files change together."""

import copy
import os
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

from dataset import text as edit
from stages.artifacts.files import replacing
from stages.command.errors import InputError
from stages.command.params import LISTS, PARAMS_FILE, read_params

PIPELINE_FILE = Path("dvc.yaml")
NAMING = ("datasets", *LISTS)
ARTIFACTS = "artifacts"
Both = tuple[str, str]


def read_both() -> Both:
    """Return the texts of params.yaml and dvc.yaml.

    Raises
    ------
    InputError
        If one of them is not there, or is not valid.
    """
    read_params()
    try:
        pipeline = read_text(PIPELINE_FILE)
        edit.parse(pipeline)
    except FileNotFoundError:
        raise InputError(f"{PIPELINE_FILE}: not found; run the command from the repository's root") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{PIPELINE_FILE}: not valid YAML: {' '.join(str(error).split())}") from None
    return read_text(PARAMS_FILE), pipeline


def read_text(path: Path) -> str:
    """Read a file with its line breaks as they are."""
    return path.read_bytes().decode("utf-8")


def write_both(before: Both, after: Both) -> None:
    """Write both files, or none: dvc.yaml first, in which a data set that is in no list does no harm."""
    files = [PIPELINE_FILE, PARAMS_FILE]
    changed = [(p, new) for p, old, new in zip(files, before[::-1], after[::-1], strict=True) if old != new]
    with replacing(*(Path(os.path.realpath(path)) for path, _ in changed)) as partials:
        for partial, (path, new) in zip(partials, changed, strict=True):
            partial.write_bytes(new.encode("utf-8"))
            partial.chmod(path.stat().st_mode)


def add(both: Both, name: str, block: dict[str, Any], said: str) -> Both:
    """Return both texts with a data set: its block, its name in ``datasets``, and its artifact.

    Raises
    ------
    InputError
        If a text is written in a way that cannot be edited.
    """
    params, pipeline = both
    meant = edit.parse(params)
    listed = [*(meant.get("datasets") or []), name]
    added = edit.add_item(edit.add_block(params, name, block, said), "datasets", name)
    added = edit.settle(str(PARAMS_FILE), added, {**meant, "datasets": listed, name: block})
    return added, add_artifact(pipeline, name)


def add_artifact(pipeline: str, name: str) -> str:
    """Return dvc.yaml's text with the entry by which `dvc artifacts get` finds the cleaned labels."""
    meant = edit.parse(pipeline)
    key, entry = name_artifact(name), {"path": f"data/{name}/cleaned", "type": "dataset"}
    known = meant.get(ARTIFACTS) or {}
    if key in known:
        return pipeline
    lines = f"  {key}:\n    path: {entry['path']}\n    type: {entry['type']}\n"
    head, artifacts = edit.find(pipeline, ARTIFACTS) or (None, None)
    if head is None or artifacts is None:
        new = edit.insert(pipeline, len(pipeline), f"{ARTIFACTS}:\n{lines}")
    elif isinstance(artifacts, MappingNode) and artifacts.value and not artifacts.flow_style:
        indent = " " * artifacts.value[0][0].start_mark.column
        lines = "".join(f"{indent}{line[2:]}\n" for line in lines.splitlines())
        new = edit.insert(pipeline, edit.find_end(pipeline, artifacts, head.end_mark.index), lines)
    else:
        # nothing, null or {}: what else there is makes `settle` refuse
        at = pipeline.index(":", head.end_mark.index) + 1
        emptied = pipeline[:at] + pipeline[max(at, artifacts.end_mark.index) :]
        new = edit.insert(emptied, edit.end_line(emptied, at), lines)
    return edit.settle(str(PIPELINE_FILE), new, {**meant, ARTIFACTS: {**known, key: entry}})


def remove(both: Both, name: str) -> Both:
    """Return both texts without a data set: its block, its name in the lists, and its artifact."""
    params, pipeline = both
    meant = edit.parse(params)
    removed = edit.remove_block(params, name)
    for key in NAMING:
        removed = edit.remove_item(removed, key, name)
    meant = {key: value for key, value in meant.items() if key != name}
    for key in NAMING:
        if isinstance(meant.get(key), list):
            meant[key] = [item for item in meant[key] if not _is_named(item, name)]
    return edit.settle(str(PARAMS_FILE), removed, meant), remove_artifact(pipeline, name)


def remove_artifact(pipeline: str, name: str) -> str:
    """Return dvc.yaml's text without a data set's artifact."""
    meant = edit.parse(pipeline)
    known, key = meant.get(ARTIFACTS) or {}, name_artifact(name)
    if key not in known:
        return pipeline
    head, artifacts = edit.find(pipeline, ARTIFACTS) or (None, None)
    assert head is not None
    assert artifacts is not None
    entry = edit.find_in(artifacts, key)
    # the last entry takes the key along: DVC wants at least one
    key_node, value = (head, artifacts) if len(known) == 1 else (entry or (head, artifacts))
    start = edit.find_line(pipeline, key_node.start_mark.index)
    removed = pipeline[:start] + pipeline[edit.find_end(pipeline, value, key_node.end_mark.index) :]
    left = {other: value for other, value in known.items() if other != key}
    rest = {other: value for other, value in meant.items() if other != ARTIFACTS}
    return edit.settle(str(PIPELINE_FILE), removed, {**rest, **({ARTIFACTS: left} if left else {})})


def rename(both: Both, old: str, new: str) -> Both:
    """Return both texts with a data set under another name, in each place that names it."""
    params, pipeline = both
    block = edit.find(params, old)
    nodes = [(block[0], new)] if block else []
    for key in NAMING:
        _, items = edit.find(params, key) or (None, None)
        nodes += [(node, new) for node in _list_names(items) if node.value == old]
    meant = {new if key == old else key: value for key, value in edit.parse(params).items()}
    for key in NAMING:
        if isinstance(meant.get(key), list):
            meant[key] = [_rename_item(item, old, new) for item in meant[key]]
    return edit.settle(str(PARAMS_FILE), edit.replace(params, nodes), meant), rename_artifact(pipeline, old, new)


def rename_artifact(pipeline: str, old: str, new: str) -> str:
    """Return dvc.yaml's text with a data set's artifact under another name."""
    meant = edit.parse(pipeline)
    known, key = meant.get(ARTIFACTS) or {}, name_artifact(old)
    if key not in known:
        return pipeline
    _, artifacts = edit.find(pipeline, ARTIFACTS) or (None, None)
    entry = edit.find_in(artifacts, key) if artifacts else None
    path = edit.find_in(entry[1], "path") if entry else None
    nodes = [
        *([(entry[0], name_artifact(new))] if entry else []),
        *([(path[1], f"data/{new}/cleaned")] if path else []),
    ]
    renamed = {
        name_artifact(new) if name == key else name: {**each, "path": f"data/{new}/cleaned"} if name == key else each
        for name, each in copy.deepcopy(known).items()
    }
    return edit.settle(str(PIPELINE_FILE), edit.replace(pipeline, nodes), {**meant, ARTIFACTS: renamed})


def name_artifact(name: str) -> str:
    """Return what `dvc artifacts get` calls a data set's cleaned labels."""
    return f"{name}-labels"


def _list_names(items: Node | None) -> list[Node]:
    """Return the nodes of the names in a list, those with keys of their own included."""
    if not isinstance(items, SequenceNode):
        return []
    return [
        key
        for item in items.value
        for key in ([name for name, _ in item.value] if isinstance(item, MappingNode) else [item])
    ]


def _is_named(item: Any, name: str) -> bool:
    return item == name or (isinstance(item, dict) and list(item) == [name])


def _rename_item(item: Any, old: str, new: str) -> Any:
    if isinstance(item, dict):
        return {new if key == old else key: value for key, value in item.items()}
    return new if item == old else item
