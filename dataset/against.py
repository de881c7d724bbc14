"""Mistakes in a block that the data show, told before anything is fetched or trained."""

import importlib.util
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from dataset import looks
from dataset.held import Held
from stages.artifacts.files import data_folder, read_table
from stages.command.errors import InputError, some, suggest
from stages.command.modules import load
from stages.command.params import PARAMS_FILE, Section
from stages.crossval_predict.models.registry import VIEWS, View
from stages.fetch.__main__ import check_source
from stages.fetch.raw import SourceError
from stages.fetch.table import list_columns, list_misnamed
from stages.preprocess.classes import check_classes, check_measures, rename_classes

PACKAGES = {
    "timm": ("timm", "torchvision", "huggingface_hub"),
    "sentence-transformers": ("sentence_transformers", "huggingface_hub"),
}
EMBED_INSTALL = "pip install -r requirements-embed.txt"
# what a model of this view needs, and the kinds of sources that have it
VIEWED: Mapping[View, str] = {"picture": "pictures", "table": "a table", "text": "texts"}


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
    if held.labels is not None:
        faults += [say(line) for line in compare_labels(sections, held.labels.astype(str))]
    return faults, held.found


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
    kind = "texts" if held.kind == "table" and preprocess.text else "a table" if held.kind == "table" else "pictures"
    if held.kind == "arrays" and not preprocess.image_shape:
        kind = "a table"
    if held.kind == "table" and preprocess.image_shape:
        yield "preprocess.image_shape: this data set is a table, not pictures; leave it out"
    of_cells = [key for key in ("columns", "missing", "decimal") if key in preprocess.model_fields_set]
    if of_cells and (held.kind != "table" or preprocess.text):
        reason = "if preprocess.text is set" if preprocess.text else "where columns have no names"
        yield f"preprocess.{of_cells[0]}: has no effect {reason}; remove it"
    if preprocess.text and held.kind != "table":
        yield "preprocess.text: has an effect only if columns have names; this source has pictures or plain arrays"
    if held.width and preprocess.image_shape:
        shape = preprocess.image_shape
        if shape[0] * shape[1] * shape[2] != held.width:
            yield (
                f"preprocess.image_shape: {list(shape)} makes {shape[0] * shape[1] * shape[2]:,} pixels, and a row has "
                f"{held.width:,}; give [channels, height, width]"
            )
    for member in predict.model if predict else ():
        wanted = VIEWED.get(VIEWS.get(member.model, "vector"))
        if wanted and wanted != kind:
            yield f"crossval_predict.model: {member.model} is for {wanted}, and these are {kind}"


def list_installed(sections: Mapping[str, Any]) -> Iterator[str]:
    """Yield the files and packages that the block names and this machine lacks."""
    embed, predict, inspect = (sections.get(name) for name in ("embed", "crossval_predict", "inspect"))
    prefix, _, argument = embed.source.partition(":") if embed else ("", "", "")
    lacking = [name for name in PACKAGES.get(prefix, ()) if importlib.util.find_spec(name) is None]
    if lacking:
        yield f"embed.source: {prefix} needs {', '.join(lacking)}, not installed; run `{EMBED_INSTALL}`"
    if prefix == "npy" and not Path(argument).expanduser().exists():
        yield f"embed.source: {argument} is not there; correct the path"
    if prefix in PACKAGES and "@" not in argument and not Path(argument).expanduser().is_dir():
        yield f"embed.source: {argument}: there is no such folder; give NAME@REVISION, or correct the path"
    if inspect and inspect.map == "tsne" and importlib.util.find_spec("openTSNE") is None:
        yield f"inspect.map: tsne needs openTSNE, not installed; run `{EMBED_INSTALL}`"
    if predict and predict.pred_probs and not Path(predict.pred_probs).expanduser().exists():
        yield f"crossval_predict.pred_probs: {predict.pred_probs} is not there; correct the path"
    for member in predict.model if predict else ():
        module = member.model.partition(":")[0] if ":" in member.model else member.model.rpartition(".")[0]
        if module and member.model not in VIEWS and not _is_importable(module):
            yield f"crossval_predict.model: {member.model}: no module {module}; is it spelt right and installed?"


def _is_importable(module: str) -> bool:
    """Say whether there is a module, from the name of its package: its code is not run."""
    return importlib.util.find_spec(module.partition(".")[0]) is not None


def compare_labels(sections: Mapping[str, Any], labels: pd.Series) -> Iterator[str]:
    """Yield what the labels make wrong of the block."""
    preprocess, split = sections.get("preprocess"), sections.get("split")
    if preprocess is None:
        return
    missing = int((labels == "").sum())
    if missing and preprocess.unlabelled == "stop":
        yield f"preprocess.unlabelled: {missing:,} rows have no label; label them, or set it to leave_out"
    try:
        labels = rename_classes(labels, preprocess.classes)
        check_classes(labels[labels != ""])
        check_measures(labels[labels != ""])
    except InputError as error:
        said = str(error).removeprefix(f"{PARAMS_FILE}: ").replace("raw/labels.csv: ", "fetch.label: ")
        yield said
        return
    counts = labels[labels != ""].value_counts()
    rare = counts[counts < split.folds] if split else counts[:0]
    if len(rare) and split and split.rare_classes == "stop":
        yield (
            f"split.folds: {split.folds} is more than the rows of {len(rare):,} classes: "
            f"{some(f'{name!r} ({count:,})' for name, count in rare.items())}; lower it, or set rare_classes to "
            "leave_out"
        )
    predict = sections.get("crossval_predict")
    if split and split.folds == 0 and predict and not predict.pred_probs:
        yield "split.folds: 0 deals none, which is for probabilities from a file (crossval_predict.pred_probs)"
