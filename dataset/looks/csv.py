"""A table, or texts, in CSV files."""

import tempfile
from itertools import islice
from pathlib import Path

import pandas as pd

from dataset.asking import Asked
from dataset.held import MOST_BYTES, Held, take_labels
from dataset.proposal import Proposal
from dataset.tables import look_at_table
from stages.artifacts.source import list_files
from stages.fetch.archives import decompress
from stages.fetch.dialect import find_encoding, list_dialects
from stages.fetch.files import bring_files
from stages.fetch.records import Records
from stages.fetch.rows import Rows
from stages.fetch.settings import Settings
from stages.fetch.sheets import find_delimiter
from stages.fetch.sources import csv
from stages.fetch.table import join

ENDINGS = (".csv", ".tsv", ".txt", ".tab", ".csv.gz", ".csv.bz2", ".csv.xz", ".tsv.gz", ".csv.zip")


def takes(place: str) -> bool:
    """Say whether it is called as a CSV file is."""
    return place.lower().endswith(ENDINGS)


def look(argument: str, asked: Asked) -> Proposal:
    """Look at all of it."""

    def read(settings: Settings) -> pd.DataFrame:
        return join({place: sheet.frame for place, sheet in csv.read_sheets(argument, settings).items()})

    return look_at_table(f"csv:{argument}", asked, read, lambda settings: csv.fetch(argument, settings))


def hold(argument: str, settings: Settings) -> Held:
    """Read all of it, if that takes a moment, or else the names of the columns."""
    if "://" in argument:
        return Held()
    with tempfile.TemporaryDirectory() as folder:
        files = bring_files(argument, Path(folder), settings)
        if sum(entry.size for entry in list_files(argument)) > MOST_BYTES:
            place, path = next(iter(files.items()))
            names = read_names(place, decompress(path, Path(folder), settings.max_unpacking), settings)
            return Held("table", names, found=f"{len(names):,} columns; more rows than are read here")
        sheets = csv.read_sheets(argument, settings)
    frame = join({place: sheet.frame for place, sheet in sheets.items()})
    labels = take_labels(frame, settings)
    return Held("table", list(map(str, frame)), labels, found=f"{len(frame):,} rows of {frame.shape[1]:,} columns")


def read_names(place: str, path: Path, settings: Settings) -> list[str]:
    """Return the names of a CSV file's columns, of which no more than the first lines are read."""
    encoding = find_encoding(path, settings.csv)
    wanted = [name for name in settings.columns.values() if name is not None]
    delimiter = settings.csv.delimiter or find_delimiter(place, path, encoding, wanted, settings.csv)
    with path.open(encoding=encoding, newline="") as file:
        dialect = next(list_dialects(encoding, delimiter, settings.csv))
        return Rows(Records(place, islice(file, 100), dialect, settings.csv.comment), settings.csv, None).names
