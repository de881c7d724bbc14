"""What several annotators said of the rows: in a column of the table for each, or in a file beside the source."""

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from stages.artifacts.annotations import COLUMNS
from stages.artifacts.decisions import to_time
from stages.command.errors import InputError, some, suggest
from stages.fetch.archives import decompress
from stages.fetch.files import bring_files
from stages.fetch.label_studio import read_export
from stages.fetch.raw import SourceError
from stages.fetch.settings import Csv, Settings
from stages.fetch.sheets import read_sheet
from stages.fetch.table import list_columns

REQUIRED = COLUMNS[:3]
EXPORT = ".json"


def take_annotations(table: pd.DataFrame, settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Take what annotators said out of the rows of a source, or read it from the file beside it.

    Parameters
    ----------
    table : DataFrame with the columns id and label, or a column for each annotator
        Of n rows, as a source gives them.
    settings : Settings
        Where the annotations are.

    Returns
    -------
    table : DataFrame with the columns id and label, and what else it had
        The labels are empty if there are several annotators.
    annotations : DataFrame with the columns id, annotator, label, time; or None if there is one label a row
        All text, without gaps. It is in the order of the file, or of the rows and then the columns.

    Raises
    ------
    InputError
        If the file cannot be read, or does not fit the rows.
    """
    if settings.annotations:
        annotations = read_annotations(settings.annotations, settings)
        check_ids(settings.annotations, annotations, table["id"])
    elif settings.annotators:
        annotations = melt(table, settings.annotators)
    else:
        return table, None
    others = [name for name in table if name in ("group", "split")]
    return table[["id"]].assign(label="").join(table[others]), annotations


def melt(table: pd.DataFrame, annotators: list[str]) -> pd.DataFrame:
    """Make a row of each cell that holds a label."""
    cells = table[[f"label[{number}]" for number in range(len(annotators))]].to_numpy(dtype=object)
    ids, names = np.repeat(table["id"].to_numpy(dtype=object), len(annotators)), np.tile(annotators, len(table))
    said = pd.DataFrame({"id": ids, "annotator": names, "label": cells.ravel(), "time": ""}, dtype="str")
    return said[said["label"] != ""].reset_index(drop=True)


def read_annotations(place: str, settings: Settings) -> pd.DataFrame:
    """Read a file of annotations, of CSV or exported from Label Studio as JSON, and check what it says by itself.

    Parameters
    ----------
    place : str
        A path or URL.
    settings : Settings
        How large it may be; in which encoding it is.

    Returns
    -------
    DataFrame with the columns id, annotator, label, time
        All text; without the rows whose label is empty.

    Raises
    ------
    InputError
        With a line that says what is wrong, and how to mend it.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            (path,) = bring_files(place, Path(folder), settings).values()
            plain = decompress(path, Path(folder), settings.max_unpacking)
            if Path(place.removesuffix(path.suffix) if plain != path else place).suffix == EXPORT:
                table = read_export(plain, settings.id)
            else:
                table = read_sheet(place, plain, REQUIRED, Csv(encoding=settings.csv.encoding), "label").frame
        for wrong in _list_mistakes(table):
            raise SourceError(f"{place}: {wrong}")
    except SourceError as error:
        raise InputError(f"params.yaml: fetch.annotations: {error}") from error
    table = table.assign(annotator=table["annotator"].str.strip(), time=table.get("time", ""))
    return table.loc[table["label"] != "", list(COLUMNS)].reset_index(drop=True)


def check_ids(place: str, annotations: pd.DataFrame, ids: pd.Series) -> None:
    """Raise InputError if annotations are of rows that are not there."""
    unknown = annotations["id"][~annotations["id"].isin(ids)].unique()
    if len(unknown):
        raise InputError(
            f"params.yaml: fetch.annotations: {place}: {len(unknown):,} id(s) that the source has not "
            f"({some(f'{name}{suggest(name, ids.head(1000))}' for name in unknown[:6])}); its ids look like "
            f"{ids.iloc[0]!r} and {ids.iloc[-1]!r}: take these lines out, or name the column of ids in fetch.id"
        )


def add_digest(sha256: str, annotations: pd.DataFrame) -> str:
    """Return the checksum of the data, whose own is given, together with what annotators said."""
    digest = hashlib.sha256(f"{sha256}\n".encode())
    digest.update(annotations.to_csv(index=False, lineterminator="\n").encode())
    return digest.hexdigest()


def describe_annotations(annotations: pd.DataFrame | None) -> str:
    """Say how many there are, if any."""
    if annotations is None:
        return ""
    return f", {len(annotations):,} annotations by {annotations['annotator'].nunique():,} annotators"


def _list_mistakes(table: pd.DataFrame) -> Iterator[str]:
    missing = [name for name in REQUIRED if name not in table]
    if missing:
        there = list_columns(table.columns)
        yield f"no column {', '.join(missing)}; it must have id, annotator and label, and has {there}"
        return
    if not (table["label"] != "").any():
        yield "holds no label; give it some"
    unnamed = table["id"][table["annotator"].str.strip() == ""]
    if len(unnamed):
        yield f"annotator is empty in {len(unnamed):,} line(s) (id {some(unnamed)}); write who gave the label"
    pairs = pd.DataFrame({"id": table["id"], "annotator": table["annotator"].str.strip()})[table["label"] != ""]
    twice = pairs[pairs.duplicated()].drop_duplicates()
    if len(twice):
        named = some(f"{who} on id {row_id}" for row_id, who in twice.head(6).itertuples(index=False))
        yield f"{len(twice):,} row(s) with more than one label by the same annotator ({named}); leave one of them"
    times = table.get("time", pd.Series(dtype=str))
    wrong = [time for time in times.unique() if time and not to_time(time)]
    if wrong:
        yield f"time {some(map(repr, wrong))} is not ISO 8601; write it like 2026-11-24T10:00:00Z, or leave it empty"
