"""``parquet:PATH-or-URL``: a table in Parquet files, several of them as `csv` has them; needs pyarrow."""

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from stages.command.errors import some
from stages.fetch.files import bring_files
from stages.fetch.names import name_columns, refuse_twice
from stages.fetch.raw import REPLACE, SourceError
from stages.fetch.settings import Settings
from stages.fetch.table import RawTable, join, make_table

try:
    import pyarrow as pa
    from pyarrow import parquet
except ModuleNotFoundError:
    pa = None

# how pandas' writer calls the index of a frame when it has no name
UNNAMED_INDEX = "__index_level_"


def fetch(argument: str, settings: Settings) -> RawTable:
    """Read the files, each column in the type that it has there."""
    frame, said = read_frame(argument, settings)
    for line in said:
        print(f"fetch: {argument}: {line}", flush=True)
    return make_table(frame, settings)


def read_frame(argument: str, settings: Settings) -> tuple[pd.DataFrame, list[str]]:
    """Return the table with all its columns, and what to say of those that are left out."""
    check_installed()
    wanted = [name for name in settings.columns.values() if name is not None]
    with tempfile.TemporaryDirectory() as folder:
        files = bring_files(argument, Path(folder), settings)
        frames = {place: read_parquet(place, path) for place, path in files.items()}
    frame = join(frames)
    frame = frame.loc[:, [name in wanted or not str(name).startswith(UNNAMED_INDEX) for name in frame]]
    return name_columns(argument, frame, list(map(str, frame)), wanted)


def read_names(argument: str, settings: Settings) -> list[str]:
    """Return the names of the columns of the first file, of which no cell is read."""
    check_installed()
    with tempfile.TemporaryDirectory() as folder:
        path = next(iter(bring_files(argument, Path(folder), settings).values()))
        names: list[str] = parquet.ParquetFile(path).schema_arrow.names
    return names


def check_installed() -> None:
    """Raise SourceError if the package is not there that reads Parquet."""
    if pa is None:
        raise SourceError("reading Parquet needs pyarrow: pip install pyarrow==26.0.1")


def read_parquet(place: str, path: Path) -> pd.DataFrame:
    """Read a Parquet file whose columns hold single values, whole numbers as such even where some are missing."""
    try:
        table = parquet.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise SourceError(f"{place}: not a Parquet file, or damaged ({reason}); {REPLACE}") from error
    refuse_twice(place, [name for name in table.schema.names if name.strip()])
    refused = [f"{field.name} ({field.type})" for field in table.schema if _is_no_value(field.type)]
    if refused:
        raise SourceError(f"{place}: columns of no single values: {some(refused)}; leave them out, or write text")
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True, types_mapper=_map_type)
    return frame


def _is_no_value(kind: Any) -> bool:
    values = kind.value_type if pa.types.is_dictionary(kind) else kind
    tests = (pa.types.is_nested, pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    return any(test(values) for test in tests) or "binary" in str(values)


def _map_type(kind: Any) -> Any:
    """Return pandas' type that can miss values, which numpy's whole numbers and truths cannot."""
    if pa.types.is_integer(kind):
        return getattr(pd, f"{str(kind).replace('int', 'Int').replace('u', 'U')}Dtype")()
    return pd.BooleanDtype() if pa.types.is_boolean(kind) else None
