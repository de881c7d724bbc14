"""Checks the blocks of params.yaml, and compares them with the data: all mistakes at once, before anything trains."""

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.nodes import MappingNode

from dataset.against import list_faults
from dataset.places import NAMING, PIPELINE_FILE, name_artifact, read_text
from stages.check.__main__ import LISTED, check_block, noting
from stages.command.errors import EXIT_MISTAKE, InputError, printable, suggest
from stages.command.params import PARAMS_FILE, find_block, read_params
from stages.command.run import check_name


def check(dataset: str | None) -> int:
    """Check one data set, or all, print a line for each mistake, and return the exit code."""
    params = read_params()
    if dataset is not None:
        # raises InputError if there is none, with the names that there are
        find_block(dataset)
    names = [dataset] if dataset is not None else list_blocks(params)
    faults = list_file_faults(params)
    for name in names:
        own, found = check_one(name)
        faults += own
        if not own:
            print(printable(f"check: {name}: {found}"))
    for fault in dict.fromkeys(faults):
        print(printable(f"dataset: error: {fault}"), file=sys.stderr)
    return EXIT_MISTAKE if faults else 0


def check_one(dataset: str) -> tuple[list[str], str]:
    """Return what is wrong with a data set, and what its source holds."""
    faults: list[str] = []
    with noting(faults):
        check_name(dataset)
    sections, mistakes = check_block(dataset, find_block(dataset))
    for find_settings in LISTED.values():
        with noting(mistakes):
            find_settings(dataset)
    against, found = list_faults(dataset, sections)
    # what a section does not allow is not told again by the data
    return [*faults, *mistakes, *(line for line in against if line not in mistakes)], found


def list_blocks(params: dict[str, Any]) -> list[str]:
    """Return the names of the blocks."""
    return [str(name) for name, value in params.items() if isinstance(value, dict)]


def list_file_faults(params: dict[str, Any]) -> list[str]:
    """Return what is wrong with the file as a whole: names that are twice, or in a list and nowhere else."""
    blocks = list_blocks(params)
    faults = [*list_twice()]
    datasets = params.get("datasets")
    if not isinstance(datasets, list):
        faults.append(f"{PARAMS_FILE}: datasets: must be a list of data sets such as [digits], not {datasets!r}")
        return faults
    for name, count in Counter(map(str, datasets)).items():
        if name not in blocks:
            faults.append(f"{PARAMS_FILE}: datasets: no block is called '{name}'{suggest(name, blocks)}")
        elif count > 1:
            faults.append(f"{PARAMS_FILE}: datasets: '{name}' is named twice")
    known = [*NAMING, *blocks]
    faults += [
        f"{PARAMS_FILE}: {name}: must hold the sections of a data set, not {value!r}{suggest(str(name), known)}"
        for name, value in params.items()
        if name not in known
    ]
    return [*faults, *list_unnamed(name for name in map(str, datasets) if name in blocks)]


def list_twice() -> Iterator[str]:
    """Yield a line for each key that a mapping of params.yaml has twice: YAML takes the last, and says nothing."""
    todo = [("", yaml.compose(read_text(PARAMS_FILE), Loader=yaml.SafeLoader))]
    while todo:
        where, node = todo.pop()
        if not isinstance(node, MappingNode):
            continue
        lines: dict[str, int] = {}
        for key, value in node.value:
            name, line = f"{where}{key.value}", key.start_mark.line + 1
            if name in lines and key.value != "<<":
                yield f"{PARAMS_FILE}: {name}: is there twice, in lines {lines[name]} and {line}; remove one"
            lines[name] = line
            todo.append((f"{name}.", value))


def list_unnamed(datasets: Iterator[str]) -> Iterator[str]:
    """Yield a line for each data set that runs, and whose labels `dvc artifacts get` would not find."""
    try:
        pipeline = yaml.safe_load(read_text(PIPELINE_FILE))
    except FileNotFoundError:
        yield f"{PIPELINE_FILE}: not found; run the command from the repository's root"
        return
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{PIPELINE_FILE}: not valid YAML: {' '.join(str(error).split())}") from None
    named = (pipeline or {}).get("artifacts") or {}
    for name in datasets:
        key, path = name_artifact(name), f"data/{name}/cleaned"
        if not isinstance(named.get(key), dict) or named[key].get("path") != path:
            yield f"{PIPELINE_FILE}: artifacts: no {key} with `path: {path}` and `type: dataset`; add it"
