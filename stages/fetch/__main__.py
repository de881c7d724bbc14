"""Fetch a data set: ``python -m stages.fetch DATASET``.

Writes ``data/<dataset>/raw/``: ``features.npy`` (n, d) and ``labels.csv`` (id, label).
"""

import importlib
import pkgutil
from types import ModuleType

import numpy as np
from pydantic import Field

from stages.artifacts import data_folder, replacing, write_table
from stages.command import InputError, run_stage
from stages.fetch import sources
from stages.fetch.raw import RawData, SourceError, content_sha256
from stages.params import Section, read_section

DECISION_COLUMNS = "id,given_label,decision,label,reviewer,time,note,suggested_label,label_quality,settles\n"


class Settings(Section):
    """What ``fetch`` in params.yaml may hold."""

    sources: list[str] = Field(min_length=1)
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")


def main(dataset: str) -> str:
    """Fetch the data set and return a line that says from where."""
    settings = read_section(dataset, "fetch", Settings)
    modules = [find_module(source) for source in settings.sources]
    raw, source = fetch_first(settings, modules)
    with replacing(data_folder(dataset) / "raw") as (folder,):
        folder.mkdir()
        np.save(folder / "features.npy", raw.features)
        write_table(folder / "labels.csv", raw.table)
    ensure_decisions(dataset)
    rows, width = raw.features.shape
    return f"{rows:,} rows of {width:,} features from {source}, sha256 {content_sha256(raw)}"


def find_module(source: str) -> ModuleType:
    """Return the module that serves ``PREFIX:ARGUMENT``."""
    prefix, colon, _ = source.partition(":")
    known = [module.name for module in pkgutil.iter_modules(sources.__path__)]
    if not colon or prefix not in known:
        kinds = ", ".join(f"{name}:…" for name in known)
        raise InputError(f"params.yaml: fetch.sources: {source!r} is of no known kind; there are: {kinds}")
    return importlib.import_module(f"stages.fetch.sources.{prefix}")


def fetch_first(settings: Settings, modules: list[ModuleType]) -> tuple[RawData, str]:
    """Return the data of the first source that gives what the checksum asks for, and that source's name.

    Raises
    ------
    InputError
        Naming each source and why it did not serve, when none did.
    """
    reasons = []
    for source, module in zip(settings.sources, modules, strict=True):
        try:
            raw = module.fetch(source.partition(":")[2])
            check_content(raw, settings.sha256)
            return raw, source
        except SourceError as error:
            reasons.append(f"{source}: {error}")
            print(f"fetch: {reasons[-1]}", flush=True)
    raise InputError(
        "no source gave the data: "
        + "; ".join(reasons)
        + "; mend the source or its sha256, try again later, or put one that you have first in fetch.sources"
    )


def check_content(raw: RawData, sha256: str | None) -> None:
    """Refuse data that is not what the checksum pins."""
    actual = content_sha256(raw)
    if sha256 not in (None, actual):
        raise SourceError(
            f"gave other data: its sha256 is {actual}, params.yaml pins {sha256} "
            "(if the new data is right, pin the new one in fetch.sha256)"
        )


def ensure_decisions(dataset: str) -> None:
    """Start a new data set's file of decisions; one that is there is never touched."""
    path = data_folder(dataset) / "decisions.csv"
    if not path.exists():
        path.write_text(DECISION_COLUMNS, encoding="utf-8")
        print(f"fetch: {path} started, for people's decisions: add it to git")


if __name__ == "__main__":
    run_stage("fetch", main)
