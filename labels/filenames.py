"""Makes names of files and folders from ids and classes, which may hold anything: safe ones, and no two the same."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

# what some file system refuses, or some program takes for more than a letter
UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*/\\]|[\ud800-\udfff]')
# names that Windows keeps for devices
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
# bytes of a name: file systems allow 255, and a program may want to add something
LONGEST = 200
BETWEEN = "--"


def to_name(text: str) -> str:
    """Return text as the name of one file or folder, never of one above it, nor a hidden one."""
    name = UNSAFE.sub("_", unicodedata.normalize("NFC", text)).rstrip(". ")
    if not name or name.startswith(".") or DEVICES.match(name):
        name = f"_{name.lstrip('.')}"
    return name if len(name.encode()) <= LONGEST else mark(name, text)


def mark(name: str, text: str) -> str:
    """Return a name with a sign of the text that it stands for, before what tells its format."""
    suffix = PurePosixPath(name).suffix
    suffix = suffix if len(suffix.encode()) < 20 else ""
    stem = name.removesuffix(suffix).encode()[: LONGEST - 40].decode(errors="ignore")
    return f"{stem}-{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:12]}{suffix}"


def name_folders(classes: Iterable[str]) -> dict[str, str]:
    """Return a folder's name for each class; those that would be the same somewhere are marked."""
    names = {name: to_name(name) for name in classes}
    counts = Counter(map(_fold, names.values()))
    return {name: folder if counts[_fold(folder)] == 1 else mark(folder, name) for name, folder in names.items()}


def name_files(ids: Sequence[str], places: Sequence[str], taken: Mapping[str, str] | None = None) -> list[str]:
    """Return the path of each file: its place, and a name that no other file has there.

    That is the last part of its id. Where several have the same, the folders above come before it, joined by dashes.

    Parameters
    ----------
    ids : sequence of n str
        Paths of any kind, no two the same.
    places : sequence of n str
        The folder that each comes into.
    taken : dict of str to str, optional
        A name that no file may have, by place.
    """
    parts = [[part for part in re.split(r"[/\\]", row_id) if part not in ("", ".", "..")] or ["_"] for row_id in ids]
    joined = [to_name(BETWEEN.join(each)) for each in parts]
    marked = [mark(name, row_id) for name, row_id in zip(joined, ids, strict=True)]
    used = {_fold(f"{place}/{name}") for place, name in (taken or {}).items()}
    paths = [""] * len(ids)
    for way in ([to_name(each[-1]) for each in parts], joined, marked):
        left = [row for row, path in enumerate(paths) if not path]
        wanted = {row: f"{places[row]}/{way[row]}".lstrip("/") for row in left}
        counts = Counter(_fold(path) for path in wanted.values())
        for row, path in wanted.items():
            if counts[_fold(path)] == 1 and _fold(path) not in used:
                paths[row] = path
        used |= {_fold(paths[row]) for row in left if paths[row]}
    assert all(paths)
    return paths


def _fold(name: str) -> str:
    """Return what is the same for names that some file system takes for the same."""
    return unicodedata.normalize("NFC", name.casefold()).lstrip("/")
