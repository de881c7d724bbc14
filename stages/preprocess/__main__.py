"""Make a data set ready for a model: ``python -m stages.preprocess DATASET``.

Writes ``data/<dataset>/prepared/``: ``kind.json``, whether rows are a picture, a table's or a text; ``labels.npy`` (n,)
int64 from 0 to K - 1, or -1 for a row without a label; ``classes.json``, the K names in that order; ``ids.csv``, with a
column split if rows have one; ``contents.npy`` (n,) int64, for each row the first one with the same content;
``groups.npy`` (n,) int64, if rows have groups; ``left_out.csv``, the rows that are not among the n, and why;
``remarks.json``, if there is something to say of columns or classes; if there are several annotators,
``annotations.npy`` (m, 3) int32, the row, annotator and class of each annotation, and ``annotators.json``, their names:
then the labels are by vote; and, by the kind of data,

- pictures: ``images.npy`` (n, C, H, W) uint8. They stay bytes, a quarter of float32 on disk and in DVC's cache:
  networks scale them to [0, 1] a batch at a time. ``fitted.json`` says how those in files were made alike. Pictures in
  files stay there, unless ``image_shape`` is set.
- tables: ``features.npy`` (n, d) float64, ``columns.json``, what each is, and ``rows.csv``, what a person sees.
- texts: ``rows.csv``, with one column called text.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.artifacts.annotations import vote_names, write_annotations
from stages.artifacts.files import data_folder, load_array, read_table, replacing, write_json, write_table
from stages.artifacts.kind import write_kind
from stages.artifacts.remarks import write_remarks
from stages.command.errors import InputError
from stages.command.params import read_section
from stages.command.run import run_stage
from stages.preprocess.annotations import describe_annotations, number_annotations, read_said
from stages.preprocess.classes import check_classes, encode_labels, rename_classes
from stages.preprocess.originals import look_at_pictures
from stages.preprocess.pictures import decode_pictures, to_images
from stages.preprocess.said import Examples, describe
from stages.preprocess.settings import LEAVE_OUT, Settings, name_rows
from stages.preprocess.tables import read_arrays, read_cells
from stages.preprocess.texts import read_texts

UNLABELLED = "unlabelled"


def main(dataset: str) -> str:
    """Prepare the data set and return a line that says what it holds."""
    settings = read_section(dataset, "preprocess", Settings)
    raw = data_folder(dataset) / "raw"
    table = read_table(raw / "labels.csv")
    said = read_said(raw, settings)
    table["label"] = rename_classes(table["label"], settings.classes) if said is None else vote_names(table["id"], said)
    check_unlabelled(table, settings)
    left = (table["label"] == "") & (settings.unlabelled == LEAVE_OUT)
    reasons = np.where(left, UNLABELLED, "").astype(object)
    taken = np.flatnonzero(reasons == "")
    check_classes(table["label"])
    check_keys(settings, named=(raw / "rows.csv").exists())
    examples = read_examples(raw, taken, table["id"], settings)
    reasons[taken] = flaws = examples.flaws()
    check_flaws(table["id"].iloc[taken], flaws, settings)
    kept, left_out = table[reasons == ""].reset_index(drop=True), table[reasons != ""]
    check_classes(kept["label"])
    labels, classes = encode_labels(kept)
    examples = examples.take(np.flatnonzero(flaws == ""))
    lines, remarks = describe(examples, kept["label"], labels)
    for line in lines:
        print(f"preprocess: {dataset}: {line}")
    with replacing(data_folder(dataset) / "prepared") as (folder,):
        folder.mkdir()
        examples.write(folder)
        np.save(folder / "contents.npy", examples.contents())
        write_kind(folder, examples.kind)
        write_rows(folder, kept, labels, classes)
        if said is not None:
            annotations = number_annotations(said, kept["id"], classes)
            print(f"preprocess: {dataset}: {describe_annotations(annotations)}")
            write_annotations(folder, annotations)
        write_remarks(folder, remarks)
        write_table(folder / "left_out.csv", left_out[["id", "label"]].assign(reason=reasons[reasons != ""]))
    without = "".join(f"; {(reasons == reason).sum():,} {reason} left out" for reason in sorted({*reasons} - {""}))
    unlabelled = f", {count:,} without a label" if (count := int((labels < 0).sum())) else ""
    return f"{examples}, {len(classes)} classes{unlabelled}{without}"


def read_examples(raw: Path, rows: np.ndarray, ids: pd.Series, settings: Settings) -> Examples:
    """Return some rows of what ``fetch`` left: pictures in files or as pixels, texts, or a table."""
    if (raw / "pictures.zip").exists():
        prepare = decode_pictures if settings.image_shape else look_at_pictures
        return prepare(raw / "pictures.zip", ids.iloc[rows], settings)
    if not (raw / "rows.csv").exists():
        features = load_array(raw / "features.npy")
        features = features if len(rows) == len(features) else features[rows]
        return to_images(features, ids.iloc[rows], settings) if settings.image_shape else read_arrays(features)
    if settings.image_shape:
        raise InputError("params.yaml: preprocess.image_shape: this data set is a table, not pictures; leave it out")
    cells = read_table(raw / "rows.csv")
    cells = cells if len(rows) == len(cells) else cells.iloc[rows].reset_index(drop=True)
    return read_cells(cells, settings) if settings.text is None else read_texts(cells, settings.text)


def write_rows(folder: Path, table: pd.DataFrame, labels: np.ndarray, classes: list[str]) -> None:
    """Write the labels and their classes, the ids, and the groups, if there are any."""
    np.save(folder / "labels.npy", labels)
    write_json(folder / "classes.json", classes)
    write_table(folder / "ids.csv", table.drop(columns=["label", "group"], errors="ignore"))
    if "group" in table:
        np.save(folder / "groups.npy", number_groups(table["group"]))


def check_unlabelled(table: pd.DataFrame, settings: Settings) -> None:
    """Raise InputError if a row has no label, unless params.yaml says what becomes of such rows."""
    missing = table["id"][table["label"] == ""]
    if len(missing) and settings.unlabelled == "stop":
        raise InputError(
            f"raw/labels.csv: {name_rows(missing)} without a label; label them at the source, "
            "or set preprocess.unlabelled in params.yaml to leave_out, or to suggest, which predicts them"
        )


def check_keys(settings: Settings, *, named: bool) -> None:
    """Raise InputError if a key is set that would have no effect: only some sources name their columns."""
    keys = [key for key in ("columns", "missing", "decimal") if getattr(settings, key) != getattr(Settings(), key)]
    of_cells = [f"preprocess.{key}" for key in keys]
    if of_cells and named and settings.text is not None:
        raise InputError(f"params.yaml: {', '.join(of_cells)}: has no effect if preprocess.text is set; remove one")
    useless = [*(["preprocess.text"] if settings.text else []), *of_cells]
    if useless and not named:
        raise InputError(
            f"params.yaml: {', '.join(useless)}: has an effect only if columns have names; this source has pictures "
            "or plain arrays; remove it"
        )


def check_flaws(ids: pd.Series, flaws: np.ndarray, settings: Settings) -> None:
    """Raise InputError if a row cannot be read, unless such rows may be left out."""
    if settings.unreadable == "leave_out" or not flaws.any():
        return
    lines = [f"raw: {name_rows(ids[flaws == flaw])} {flaw}" for flaw in sorted({*flaws} - {""})]
    mend = "; mend or leave them out at the source, or set preprocess.unreadable in params.yaml to leave_out"
    raise InputError("\n".join(line + mend for line in lines))


def number_groups(names: pd.Series) -> np.ndarray:
    """Number the groups from 0, (n,) int64; a row whose group is missing is a group of its own."""
    numbers, groups = pd.factorize(names.where(names != ""))
    alone = numbers < 0
    numbers[alone] = len(groups) + np.arange(alone.sum())
    return numbers


if __name__ == "__main__":
    run_stage("preprocess", main)
