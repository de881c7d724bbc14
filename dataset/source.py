"""Which kind of source a path, a URL or a name is: ``PREFIX:ARGUMENT``, as `fetch` has it."""

import re
from collections import Counter
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

from dataset import looks
from dataset.looks.images import list_members
from stages.artifacts.source import list_files
from stages.command.errors import InputError, some
from stages.command.modules import list_names, load
from stages.fetch.archives import is_hidden
from stages.fetch.folders import SPLITS
from stages.fetch.sources.images import list_pictures

# those that are for files, in the order in which they are asked; the others are called by their names
FOR_FILES = ("idx", "npz", "parquet", "csv", "images")
NAMED = re.compile(r"[^@/\\]+@[1-9]\d*")


def find_source(place: str) -> str:
    """Return the source that a place is.

    Parameters
    ----------
    place : str
        A path, a URL, an OpenML name with its version, or a source as `fetch.sources` has them.

    Raises
    ------
    InputError
        If nothing is there, or nothing that can be read.
    """
    prefix, colon, _ = place.partition(":")
    if colon and prefix in list_names(looks):
        return place
    path = Path(place).expanduser()
    if "://" not in place and not path.exists() and not any(list_files(place)):
        if NAMED.fullmatch(place):
            return f"openml:{place}"
        raise InputError(
            f"{place}: nothing is there; give a path, a URL, NAME@VERSION of OpenML, or a kind and a colon before it "
            f"({', '.join(list_names(looks))})"
        )
    if path.is_dir() and not load(looks, "idx").takes(place):
        return find_in_folder(place, path)
    name = urlsplit(place).path if "://" in place else place
    kind = next((kind for kind in FOR_FILES if load(looks, kind).takes(name)), None)
    if kind is None:
        raise InputError(describe_unknown(place, path))
    if kind == "images" and path.is_file():
        kind = find_in_archive(place, path)
    return f"{kind}:{place}"


def find_in_archive(place: str, path: Path) -> str:
    """Return what an archive is: pictures, or one table, as many downloads are."""
    names = list_members(path)
    if not names or list_pictures(dict.fromkeys(names, path)):
        return "images"
    tables = [name for name in names if name.lower().endswith((".csv", ".tsv"))]
    if tables and len(names) == 1:
        return "csv"
    raise InputError(
        f"{place}: holds {some(names)}, and no pictures; unpack it, and name the file or folder that holds your data"
    )


def find_in_folder(place: str, path: Path) -> str:
    """Return what a folder is: pictures, or tables that are one."""
    names = [entry.name for entry in list_files(place) if not is_hidden(entry.name)]
    if list_pictures(dict.fromkeys(names, path)):
        return f"images:{place}"
    direct = [name for name in names if "/" not in name]
    for kind, ending in (("csv", ".csv"), ("parquet", ".parquet"), ("npz", ".npz")):
        found = sorted(name for name in direct if name.lower().endswith(ending))
        if len(found) == 1:
            return f"{kind}:{path / found[0]}" if path.is_absolute() else f"{kind}:{place.rstrip('/')}/{found[0]}"
        if found and kind != "npz":
            return f"{kind}:{place.rstrip('/')}/{name_all(found, ending)}"
    endings = Counter(Path(name).suffix.lower() or "no ending" for name in names)
    held = some(f"{count:,} {ending}" for ending, count in endings.most_common())
    mend = "; put texts in files into one CSV file, with a column of labels" if ".txt" in endings else ""
    raise InputError(f"{place}: holds neither pictures nor tables ({held or 'it is empty'}){mend}")


def name_all(found: list[str], ending: str) -> str:
    """Return the pattern of several files: those of splits by their names, train first."""
    stems = {name[: -len(ending)].lower(): name[: -len(ending)] for name in found}
    if set(stems) <= set(SPLITS):
        return f"{{{','.join(stems[name] for name in SPLITS if name in stems)}}}{ending}"
    return f"*{ending}"


def describe_unknown(place: str, path: Path) -> str:
    """Say what to do with a file of no known kind."""
    mends = {
        ".npy": 'write features and labels into one file: `numpy.savez("data.npz", features=X, labels=y)`',
        ".xlsx": "save the sheet as CSV",
        ".xls": "save the sheet as CSV",
        ".json": 'write it as CSV, as `pandas.read_json(FILE).to_csv("data.csv", index=False)` does',
        ".jsonl": 'write it as CSV, as `pandas.read_json(FILE, lines=True).to_csv("data.csv", index=False)` does',
    }
    mend = mends.get(
        path.suffix.lower(), f"say which by a kind and a colon before it, one of {', '.join(list_names(looks))}"
    )
    return f"{place}: is of no kind that can be told by its name; {mend}"


def find_look(source: str) -> tuple[ModuleType, str]:
    """Return the module that looks at a source, and what stands behind its prefix."""
    prefix, _, argument = source.partition(":")
    if not argument:
        raise InputError(f"{source}: names nothing after its kind")
    return load(looks, prefix), argument
