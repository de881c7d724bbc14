"""What lies at a data set's source, if that is on this machine: ``data/<dataset>/source.json``, on which fetch depends.

The record says how many files there are, how large they are, and has checksums of their names and sizes and of the
times at which they changed. It costs nothing to make, for no file is opened. It is null if no source is local.

``data/local.yaml`` lists the data sets that have a local source: DVC looks at the sources of these alone.
"""

import hashlib
import itertools
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from stages.artifacts.files import data_folder, read_json, replacing, write_json
from stages.command.local import local_folder

# the kinds of sources that may be on this machine
KINDS = ("csv", "idx", "images", "npz", "parquet")
BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
LISTED = Path("data") / "local.yaml"
HEAD = "# The data sets whose source is on this machine. `check` keeps this list, and `watch` looks at their sources.\n"
# what this machine has seen, as the times of the same files differ on another one
SEEN = "seen"

Record = dict[str, Any] | None


class Entry(NamedTuple):
    """A file at a source: its name, its size in bytes, and when it changed, in nanoseconds."""

    name: str
    size: int
    time: int


def update_record(dataset: str, sources: list[str]) -> Record:
    """Write what lies at the sources now, and return it.

    The record stays as it is if the files are not on this machine, or if they are called and as large as they were and
    have not changed since this machine first saw them: so it is the same in every clone.

    Parameters
    ----------
    dataset : str
        Its name.
    sources : list of str
        ``PREFIX:ARGUMENT``, as in ``fetch.sources``.
    """
    path = data_folder(dataset) / "source.json"
    before: Record = read_json(path) if path.exists() else None
    places = list_local(sources)
    entries = sorted(itertools.chain.from_iterable(map(list_files, places)))
    record = before if places else None
    if entries:
        record = _settle(before, describe(entries), local_folder() / SEEN / dataset)
    if record != before or not path.exists():
        with replacing(path) as (partial,):
            write_json(partial, record)
    return record


def list_local(sources: list[str]) -> list[str]:
    """Return the places of those sources that are on this machine, if they are there at all."""
    pairs = [source.partition(":")[::2] for source in sources]
    return [place for kind, place in pairs if kind in KINDS and "://" not in place]


def list_files(place: str) -> Iterator[Entry]:
    """Yield the files of a folder, however deep, or those that a path, with braces and patterns, names."""
    whole = _to_path(place)
    for path in [whole] if whole.exists() else map(_to_path, expand(place)):
        for found in [path] if path.exists() else _match(path):
            yield from _walk(found) if found.is_dir() else [_look(found, found.name)]


def expand(argument: str) -> list[str]:
    """Write out braces: ``{a,b}.csv`` is ``a.csv``, then ``b.csv``."""
    parts = BRACES.split(argument)
    choices = [part.split(",") if number % 2 else [part] for number, part in enumerate(parts)]
    return ["".join(choice) for choice in itertools.product(*choices)]


def describe(entries: list[Entry]) -> dict[str, Any]:
    """Return the record of some files."""
    return {
        "files": len(entries),
        "bytes": sum(entry.size for entry in entries),
        "names": _digest((entry.name, entry.size) for entry in entries),
        "times": _digest((entry.name, entry.time) for entry in entries),
    }


def keep_listed(dataset: str, is_local: bool) -> None:
    """Put a data set on the list of those that have a local source, or take it off."""
    text = LISTED.read_text(encoding="utf-8") if LISTED.exists() else ""
    listed = set((yaml.safe_load(text) or {}).get("local") or [])
    wanted = sorted(listed | {dataset} if is_local else listed - {dataset})
    new = HEAD + yaml.safe_dump({"local": wanted})
    if new != text:
        with replacing(LISTED) as (partial,):
            partial.write_text(new, encoding="utf-8")


def _to_path(place: str) -> Path:
    try:
        return Path(place).expanduser()
    except RuntimeError:
        # no such user is known, so nothing is there
        return Path(place)


def _match(pattern: Path) -> list[Path]:
    root = Path(pattern.anchor)
    try:
        return sorted(root.glob(str(pattern.relative_to(root))))
    except ValueError:
        # no pattern, as `fetch` says
        return []


def _walk(folder: Path | str, start: str = "") -> Iterator[Entry]:
    """Yield the files of a folder that are not hidden, and lie in none that is."""
    # in a third of the time that pathlib takes
    with os.scandir(folder) as inner:
        for found in inner:
            name = start + found.name
            if found.name.startswith("."):
                continue
            if found.is_dir(follow_symlinks=False):
                yield from _walk(found.path, f"{name}/")
            else:
                yield _look(found, name)


def _look(file: Path | os.DirEntry[str], name: str) -> Entry:
    try:
        status = file.stat()
    except FileNotFoundError:
        # a link that leads nowhere
        status = file.stat(follow_symlinks=False)
    return Entry(name, status.st_size, status.st_mtime_ns)


def _settle(before: Record, record: dict[str, Any], seen: Path) -> Record:
    """Return the record as it was, if nothing says that a file has changed, and note what this machine has seen."""
    alike = before and all(before[key] == record[key] for key in ("files", "bytes", "names"))
    unmoved = not seen.exists() or seen.read_text(encoding="utf-8") == record["times"]
    with replacing(seen) as (partial,):
        partial.write_text(record["times"], encoding="utf-8")
    return before if alike and unmoved else record


def _digest(lines: Iterable[tuple[str, int]]) -> str:
    digest = hashlib.sha256()
    for name, number in lines:
        digest.update(f"{name}\0{number}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]
