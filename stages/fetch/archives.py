"""Unpacks an archive, never outside its folder and never without bound."""

import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO

from stages.command.errors import some
from stages.fetch.bounds import BLOCK_BYTES, OPENERS, Limit, TarStream, open_plain
from stages.fetch.raw import CORRECT, REPLACE, SourceError

# what a file takes in a folder, however small it is
FILE_BYTES = 512
SKIPPED = ("__MACOSX",)
# RuntimeError is that of a zip that needs a password, or has a method that is not known
DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, LZMAError, EOFError, OSError, RuntimeError, ValueError)


def unpack(path: Path, folder: Path, max_unpacking: float) -> dict[str, Path]:
    """Unpack a zip or a tar, compressed or not.

    Files are written under numbers, so that no name in the archive, whatever it is, decides where; links are left out.

    Parameters
    ----------
    path : Path
        The archive.
    folder : Path
        Where to.
    max_unpacking : float
        How many times larger than the archive its files may be, all together.

    Returns
    -------
    dict of str to Path
        The file behind each name in the archive, in the order of the names.

    Raises
    ------
    SourceError
        If it is not an archive, is damaged, names a file outside itself, or is larger than allowed.
    """
    limit = Limit.of(path, max_unpacking)
    files: dict[str, Path] = {}
    with naming(f"{path.name}: damaged, or of a kind that cannot be read"):
        for number, (name, file) in enumerate(_read_members(path, max_unpacking)):
            check_name(path, name)
            files[name] = folder / str(number)
            limit.add(FILE_BYTES)
            _copy(file, files[name], limit)
    return dict(sorted(files.items()))


def decompress(path: Path, folder: Path, max_unpacking: float) -> Path:
    """Return the path of the plain file: the file itself, or what a ``.gz``, ``.bz2``, ``.xz`` or ``.zip`` holds.

    A zip must hold that one file and no other.
    """
    inner = Path(tempfile.mkdtemp(dir=folder))
    if path.suffix == ".zip":
        files = unpack(path, inner, max_unpacking)
        if len(files) != 1:
            raise SourceError(f"{path.name}: holds {len(files)} files ({some(files)}); it must hold one")
        return next(iter(files.values()))
    if path.suffix not in OPENERS:
        return path
    with naming(f"{path.name}: damaged, or not what its name says"), open_plain(path, path.suffix) as file:
        _copy(file, inner / path.stem, Limit.of(path, max_unpacking))
    return inner / path.stem


def check_name(path: Path, name: str) -> None:
    """Raise SourceError if an archive names a file outside itself."""
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or (parts.parts and ":" in parts.parts[0]):
        raise SourceError(f"{path.name}: names a file outside of itself, {name!r}; do not trust it")


def is_hidden(name: str) -> bool:
    """Say whether a file is none of the user's: what begins with a point, and what macOS adds to an archive."""
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") and part != ".." for part in parts) or (bool(parts) and parts[0] in SKIPPED)


@contextmanager
def naming(problem: str, mend: str = REPLACE) -> Iterator[None]:
    """Raise SourceError, with the problem and the reason, for what a damaged file makes its reader raise."""
    try:
        yield
    except DAMAGE as error:
        if getattr(error, "errno", None):
            raise  # a full disk, for instance, is not the file's fault
        raise SourceError(f"{problem} ({error}); {mend}") from error


def _copy(file: IO[bytes], target: Path, limit: Limit) -> None:
    with target.open("wb") as copy:
        while block := file.read(BLOCK_BYTES):
            limit.add(len(block))
            copy.write(block)


def _read_members(path: Path, max_unpacking: float) -> Iterator[tuple[str, IO[bytes]]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if not info.is_dir() and not is_hidden(info.filename):
                    with archive.open(info) as file:
                        yield info.filename, file
        return
    with open_plain(path) as plain:
        stream = TarStream(plain, Limit.of(path, max_unpacking))
        with naming(f"{path.name}: is neither a folder nor a zip or tar archive", CORRECT):
            tar = tarfile.TarFile(fileobj=stream)  # type: ignore[arg-type]
        while member := stream.read_header(tar):
            content = tar.extractfile(member) if member.isreg() and not is_hidden(member.name) else None
            if content:
                yield member.name.removeprefix("./"), content
        stream.check_end(tar)
