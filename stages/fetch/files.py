"""Finds the files that a source's argument names, wherever they lie, and brings them here."""

import glob
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from fsspec.core import url_to_fs

from stages.artifacts.source import expand
from stages.fetch.bounds import BLOCK_BYTES, save
from stages.fetch.download import download
from stages.fetch.raw import CORRECT, LATER, SourceError
from stages.fetch.settings import Settings

WEB = ("http://", "https://")


def bring_files(argument: str, folder: Path, settings: Settings) -> dict[str, Path]:
    """Return where each file lies that an argument names, by the place that it comes from.

    Parameters
    ----------
    argument : str
        A path, or a URL that fsspec reads. ``{a,b}`` stands for a, then b; ``*``, ``?`` and ``[…]`` for what
        they match, in sorted order.
    folder : Path
        Where files that lie elsewhere are put.
    settings : Settings
        How large these may be.

    Raises
    ------
    SourceError
        When one is not there, or does not come.
    """
    if to_path(argument).is_file():
        return {argument: to_path(argument)}
    files: dict[str, Path] = {}
    for number, place in enumerate(expand(argument)):
        target = folder / str(number)
        target.mkdir()
        files |= _bring(place, target, settings)
    return files


def bring(place: str, folder: Path, name: str, settings: Settings) -> Path:
    """Return where one file or folder lies: what is on the web is downloaded into a folder, under a name."""
    return download(place, folder, name, settings) if place.startswith(WEB) else to_path(place)


def to_path(place: str) -> Path:
    """Return a path in which ``~`` and ``~user`` stand for what they do in a shell."""
    try:
        return Path(place).expanduser()
    except RuntimeError as error:
        raise SourceError(f"{place} is not there: no such user is known; {CORRECT}") from error


def _bring(place: str, folder: Path, settings: Settings) -> dict[str, Path]:
    if place.startswith(WEB):
        return {place: download(place, folder, _name(place), settings)}
    return _read_through_fsspec(place, folder, settings) if "://" in place else _find(place)


def _find(place: str) -> dict[str, Path]:
    path = to_path(place)
    if path.is_file():
        return {place: path}
    if path.is_dir():
        raise SourceError(f"{place} is a folder; name its files, for instance {place.rstrip('/')}/*.csv")
    if not glob.has_magic(place):
        raise SourceError(f"{place} is not there; {CORRECT}")
    root = Path(path.anchor)
    try:
        matches = list(root.glob(str(path.relative_to(root))))
    except ValueError as error:
        raise SourceError(f"{place} is not a pattern for files: {error}; {CORRECT}") from error
    found = sorted(str(match) for match in matches if match.is_file() and not match.name.startswith("."))
    if not found:
        raise SourceError(f"{place} matches no file; {CORRECT}")
    return {name: Path(name) for name in found}


def _read_through_fsspec(url: str, folder: Path, settings: Settings) -> dict[str, Path]:
    try:
        files, path = url_to_fs(url)
        found = sorted(files.glob(path)) if glob.has_magic(path) else [path]
        brought = {}
        for number, name in enumerate(found):
            target = folder / f"{number}-{_name(name)}"
            with files.open(name, "rb") as source:
                save(iter(lambda: source.read(BLOCK_BYTES), b""), target, _name(name), settings.max_download)
            brought[url if found == [path] else files.unstrip_protocol(name)] = target
    except FileNotFoundError as error:
        raise SourceError(f"{url} is not there; {CORRECT}") from error
    except SourceError:
        raise
    except Exception as error:
        # each kind of store raises its own; one without its package an ImportError that names it
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise SourceError(f"{url} did not come: {reason}; {CORRECT}, or {LATER}") from error
    if not brought:
        raise SourceError(f"{url} matches no file; {CORRECT}")
    return brought


def _name(place: str) -> str:
    name = PurePosixPath(urlsplit(place).path).name
    return name if name not in ("", "..") else "file"
