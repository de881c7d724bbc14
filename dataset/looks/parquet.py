"""A table, or texts, in Parquet files."""

from dataset.asking import Asked
from dataset.held import MOST_BYTES, Held, take_labels
from dataset.proposal import Proposal
from dataset.tables import look_at_table
from stages.artifacts.source import list_files
from stages.fetch.settings import Settings
from stages.fetch.sources import parquet


def takes(place: str) -> bool:
    """Say whether it is called as a Parquet file is."""
    return place.lower().endswith((".parquet", ".pq"))


def look(argument: str, asked: Asked) -> Proposal:
    """Look at all of it."""
    return look_at_table(
        f"parquet:{argument}",
        asked,
        lambda settings: parquet.read_frame(argument, settings)[0],
        lambda settings: parquet.fetch(argument, settings),
    )


def hold(argument: str, settings: Settings) -> Held:
    """Read all of it, if that takes a moment, or else the names of the columns."""
    if "://" in argument:
        return Held()
    if sum(entry.size for entry in list_files(argument)) > MOST_BYTES:
        names = parquet.read_names(argument, settings)
        return Held("table", names, found=f"{len(names):,} columns; more rows than are read here")
    frame, _ = parquet.read_frame(argument, settings)
    labels = take_labels(frame, settings)
    return Held("table", list(map(str, frame)), labels, found=f"{len(frame):,} rows of {frame.shape[1]:,} columns")
