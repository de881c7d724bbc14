"""Fetch a data set: ``python -m stages.fetch DATASET``.

Writes ``data/<dataset>/raw/``: ``labels.csv`` (id, label and, where there are any, group, split and, of pictures in
files, content), and ``features.npy`` (n, d), ``pictures.zip`` or ``rows.csv``. Where there are several annotators, also
``annotations.csv`` (id, annotator, label, time), and the label is the one that most of them gave.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pandas as pd

from stages.artifacts.annotations import RAW, vote_names
from stages.artifacts.decisions import COLUMNS, CONTENT, RUN
from stages.artifacts.files import data_folder, replacing, write_table
from stages.command.errors import InputError, printable, suggest
from stages.command.modules import list_names, load
from stages.command.params import read_section
from stages.command.run import run_stage
from stages.fetch import sources
from stages.fetch.annotations import add_digest, describe_annotations, take_annotations
from stages.fetch.pictures import RawPictures
from stages.fetch.raw import RawData, SourceError
from stages.fetch.settings import Settings
from stages.fetch.several import describe_several
from stages.fetch.table import RawTable

RawSource = RawData | RawPictures | RawTable


def main(dataset: str) -> str:
    """Fetch the data set and return a line that says from where."""
    settings = read_section(dataset, "fetch", Settings)
    modules = [find_module(source) for source in settings.sources]
    with using_temporary(data_folder(dataset) / "fetch.partial"):
        raw, annotations, source, sha256 = fetch_first(settings, modules)
        table, columns = raw.table, (*COLUMNS, RUN)
        if several := describe_several(table["label"]):
            print(f"fetch: {dataset}: {several}", flush=True)
        if isinstance(raw, RawPictures):
            # by which a picture that is moved is known again
            table, columns = table.assign(content=raw.contents), (*COLUMNS, CONTENT, RUN)
        with replacing(data_folder(dataset) / "raw") as (folder,):
            folder.mkdir()
            raw.write(folder)
            write_table(folder / "labels.csv", table)
            if annotations is not None:
                write_table(folder / RAW, annotations)
    ensure_decisions(dataset, columns)
    return f"{raw}{describe_annotations(annotations)} from {source}, sha256 {sha256}"


@contextmanager
def using_temporary(folder: Path) -> Iterator[None]:
    """Put all that is temporary into a folder: the next run removes what one that is killed leaves there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    before, tempfile.tempdir = tempfile.tempdir, str(folder.absolute())
    try:
        yield
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)


def find_module(source: str) -> ModuleType:
    """Return the module that serves ``PREFIX:ARGUMENT``."""
    check_source(source)
    return load(sources, source.partition(":")[0])


def check_source(source: str) -> None:
    """Raise InputError if a source is of no known kind, or names nothing behind it."""
    prefix, _, argument = source.partition(":")
    known = list_names(sources)
    if not argument or prefix not in known:
        kinds = ", ".join(f"{name}:…" for name in known)
        wrong = "names nothing after its kind" if prefix in known else f"is of no known kind{suggest(prefix, known)}"
        raise InputError(f"params.yaml: fetch.sources: {source!r} {wrong}; there are: {kinds}")


def fetch_first(settings: Settings, modules: list[ModuleType]) -> tuple[RawSource, pd.DataFrame | None, str, str]:
    """Return the data of the first source that gives what the checksum asks for, and what several annotators said.

    After them, that source's name, and the checksum.

    Raises
    ------
    InputError
        With a line for each source, why it did not serve and how to mend it, when none did.
    """
    reasons = []
    for source, module in zip(settings.sources, modules, strict=True):
        try:
            raw: RawSource = module.fetch(source.partition(":")[2], settings)
            table, annotations = take_annotations(raw.table, settings)
            raw = replace(raw, table=table)
            sha256 = check_content(raw, annotations, settings.sha256)
            if annotations is not None:
                raw = replace(raw, table=table.assign(label=vote_names(table["id"], annotations)))
            return raw, annotations, source, sha256
        except SourceError as error:
            reasons.append(f"{source}: {error}")
            if source != settings.sources[-1]:
                print(printable(f"fetch: {reasons[-1]}; the next source is tried"), flush=True)
    raise InputError("\n".join(reasons))


def check_content(raw: RawSource, annotations: pd.DataFrame | None, sha256: str | None) -> str:
    """Return the data's checksum; refuse data that is not what the pinned one says."""
    actual = raw.sha256() if annotations is None else add_digest(raw.sha256(), annotations)
    if sha256 not in (None, actual):
        raise SourceError(
            f"gave other data: its sha256 is {actual}, params.yaml pins {sha256}; "
            "if the new data is right, pin the new one in fetch.sha256"
        )
    return actual


def ensure_decisions(dataset: str, columns: Sequence[str]) -> None:
    """Start a new data set's file of decisions; one that is there is never touched."""
    path = data_folder(dataset) / "decisions.csv"
    if not path.exists():
        with replacing(path) as (partial,):
            partial.write_text(f"{','.join(columns)}\n", encoding="utf-8")
        print(f"fetch: {path} started, for people's decisions: add it to git")


if __name__ == "__main__":
    run_stage("fetch", main)
