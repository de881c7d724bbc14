"""Mistakes in a block that the data show, told before anything is fetched or trained."""

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from dataset import looks
from dataset.held import Held
from dataset.installed import list_installed
from stages.artifacts.annotations import vote_names
from stages.artifacts.files import data_folder, read_table
from stages.artifacts.kind import PLURALS
from stages.command.errors import InputError, some, suggest
from stages.command.modules import load
from stages.command.params import PARAMS_FILE, Section
from stages.crossval_predict.models.registry import find_kind
from stages.fetch.__main__ import check_source
from stages.fetch.annotations import read_annotations
from stages.fetch.raw import SourceError
from stages.fetch.table import list_columns, list_misnamed
from stages.preprocess.classes import check_classes, check_measures, rename_classes


def list_faults(dataset: str, sections: Mapping[str, Section]) -> tuple[list[str], str]:
    """Compare a block with its data.

    Parameters
    ----------
    dataset : str
        Its name.
    sections : dict of str to Section
        The sections whose keys are right.

    Returns
    -------
    faults : list of str
        A line for each.
    found : str
        What the first source holds.
    """
    say = partial("{}: {}.{}".format, PARAMS_FILE, dataset)
    faults, held = [], Held()
    if "fetch" in sections:
        held, wrong = hold_first(dataset, sections["fetch"])
        faults += [say(line) for line in wrong]
    faults += [say(line) for line in list_installed(sections)]
    if held.kind != "unknown":
        faults += [say(line) for line in (*compare_columns(sections, held), *compare_kind(sections, held))]
    if (labels := take_voted(sections, held.labels, faults, say)) is not None:
        faults += [say(line) for line in compare_labels(sections, labels.astype(str))]
    return faults, held.found


def take_voted(
    sections: Mapping[str, Any], labels: pd.Series | None, faults: list[str], say: Callable[[str], str]
) -> pd.Series | None:
    """Return the labels by vote, and add what is wrong with the file of annotations, if there is one on this machine.

    Without such a file they are the labels that the source has.
    """
    place = sections["fetch"].annotations if "fetch" in sections else None
    if not place:
        return labels
    if "://" in place:
        return None
    try:
        said = read_annotations(place, sections["fetch"])
    except InputError as error:
        faults.append(say(str(error).removeprefix(f"{PARAMS_FILE}: ")))
        return None
    return vote_names(pd.Series(said["id"].unique()), said)


def hold_first(dataset: str, fetch: Any) -> tuple[Held, list[str]]:
    """Return what the first source holds that is on this machine, or else what was fetched; and what is wrong."""
    wrong, first = [], None
    for source in fetch.sources:
        prefix, _, argument = source.partition(":")
        try:
            check_source(source)
            held: Held = load(looks, prefix).hold(argument, fetch)
        except (SourceError, InputError) as error:
            said = str(error).removeprefix(f"{PARAMS_FILE}: fetch.sources: ")
            wrong.append(f"fetch.sources: {'' if repr(source) in said else f'{source}: '}{said}")
            continue
        if first is None or first.kind == "unknown":
            first = held
    if first is not None and first.kind != "unknown":
        return first, wrong
    return hold_fetched(data_folder(dataset) / "raw") or first or Held(), wrong


def hold_fetched(raw: Path) -> Held | None:
    """Return what `fetch` left of data that are elsewhere."""
    if not (raw / "labels.csv").exists():
        return None
    labels = read_table(raw / "labels.csv")["label"]
    kind = "pictures" if (raw / "pictures.zip").exists() else "table" if (raw / "rows.csv").exists() else "arrays"
    columns = list(pd.read_csv(raw / "rows.csv", nrows=0)) if kind == "table" else None
    return Held(kind, columns, labels, found=f"{len(labels):,} rows, as they were fetched", is_raw=True)  # type: ignore[arg-type]


def compare_columns(sections: Mapping[str, Any], held: Held) -> Iterator[str]:
    """Yield what is wrong with the columns that are named."""
    fetch, preprocess = sections.get("fetch"), sections.get("preprocess")
    if held.columns is not None and fetch and not held.is_raw:
        for wrong in list_misnamed(fetch.columns, held.columns):
            yield wrong if wrong.startswith("fetch.") else f"fetch.label: {wrong}"
    if held.columns is None and held.kind in ("pictures", "arrays") and fetch:
        for role, name in fetch.columns.items():
            if name is not None:
                yield f"fetch.{role}: counts only for tables, and this source has no columns to name; set it to null"
    if held.columns is None or preprocess is None:
        return
    taken = {name for name in fetch.columns.values() if name} if fetch else set()
    left = [name for name in held.columns if name not in taken and name.strip()]
    texts = [preprocess.text] if isinstance(preprocess.text, str) else preprocess.text or []
    for key, names in (("text", texts), ("columns", preprocess.columns)):
        for name in names:
            if name not in left:
                why = "is the label, the id, the group or the split" if name in taken else "is not there"
                yield (
                    f"preprocess.{key}: the column {name!r} {why}{suggest(name, left)}; there are: {list_columns(left)}"
                )


def compare_kind(sections: Mapping[str, Any], held: Held) -> Iterator[str]:
    """Yield the keys that do not fit what the rows are."""
    preprocess, predict = sections.get("preprocess"), sections.get("crossval_predict")
    if preprocess is None:
        return
    shape = preprocess.image_shape
    if held.kind == "table" and shape:
        yield "preprocess.image_shape: this data set is a table, not pictures; leave it out"
    if held.width and shape and math.prod(shape) != held.width:
        yield (
            f"preprocess.image_shape: {list(shape)} makes {math.prod(shape):,} pixels, and a row has {held.width:,}; "
            "give [channels, height, width]"
        )
    of_cells = [key for key in ("columns", "missing", "decimal") if key in preprocess.model_fields_set]
    if of_cells and (held.kind != "table" or preprocess.text):
        reason = "if preprocess.text is set" if preprocess.text else "where columns have no names"
        yield f"preprocess.{of_cells[0]}: has no effect {reason}; remove it"
    if preprocess.text and held.kind != "table":
        yield "preprocess.text: has an effect only if columns have names; this source has pictures or plain arrays"
    kind = name_kind(held, preprocess)
    for member in predict.model if predict else ():
        wanted = find_kind(member.model)
        if wanted and PLURALS[wanted] != kind:
            yield f"crossval_predict.model: {member.model} is for {PLURALS[wanted]}, and these are {kind}"


def name_kind(held: Held, preprocess: Any) -> str:
    """Return what the rows become, as `PLURALS` has it."""
    if held.kind == "table" and preprocess.text:
        return "texts"
    return "pictures" if held.kind == "pictures" or preprocess.image_shape else "a table"


def compare_labels(sections: Mapping[str, Any], labels: pd.Series) -> Iterator[str]:
    """Yield what the labels make wrong of the block."""
    preprocess, split = sections.get("preprocess"), sections.get("split")
    if preprocess is None:
        return
    try:
        labels = rename_classes(labels, preprocess.classes)
        missing = int((labels == "").sum())
        if missing and preprocess.unlabelled == "stop":
            yield f"preprocess.unlabelled: {missing:,} rows have no label; label them, or set leave_out, or suggest"
        check_classes(labels[labels != ""])
        check_measures(labels[labels != ""])
    except InputError as error:
        yield str(error).removeprefix(f"{PARAMS_FILE}: ").replace("raw/labels.csv: ", "fetch.label: ")
        return
    if split:
        yield from compare_folds(split, sections.get("crossval_predict"), labels[labels != ""].value_counts())


def compare_folds(split: Any, predict: Any, counts: pd.Series) -> Iterator[str]:
    """Yield what is wrong with how many folds there are, with so many rows of each class."""
    rare = counts[counts < split.folds]
    if len(rare) and split.rare_classes == "stop":
        named = some(f"{name!r} ({count:,})" for name, count in rare.items())
        yield (
            f"split.folds: {split.folds} is more than the rows of {len(rare):,} class(es): {named}; lower it, or set "
            "rare_classes to leave_out"
        )
    if split.folds == 0 and predict and not predict.pred_probs:
        yield "split.folds: 0 deals none, which is for probabilities from a file (crossval_predict.pred_probs)"
