"""Unpacks an archive, never outside its folder and never without bound."""

import bz2
import gzip
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from stages.command.errors import some
from stages.fetch.raw import CORRECT, REPLACE, SourceError

BLOCK_BYTES = 1 << 20
SKIPPED = ("__MACOSX",)
# RuntimeError is that of a zip that needs a password, or has a method that is not known
DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError)
OPENERS: dict[str, Callable[[Path], Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


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
    written = 0
    files: dict[str, Path] = {}
    with _naming(f"{path.name}: damaged, or of a kind that cannot be read"):
        for number, (name, file) in enumerate(_read_members(path)):
            check_name(path, name)
            files[name] = folder / str(number)
            written = _copy(file, files[name], path, max_unpacking, written)
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
    with _naming(f"{path.name}: damaged, or not what its name says"), OPENERS[path.suffix](path) as file:
        _copy(file, inner / path.stem, path, max_unpacking)
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
def _naming(problem: str) -> Iterator[None]:
    try:
        yield
    except DAMAGE as error:
        if getattr(error, "errno", None):
            raise  # a full disk, for instance, is not the file's fault
        raise SourceError(f"{problem} ({error}); {REPLACE}") from error


def _copy(file: IO[bytes], target: Path, archive: Path, max_unpacking: float, written: int = 0) -> int:
    """Copy one of an archive's files, and return how much of all of them is now written."""
    with target.open("wb") as copy:
        while block := file.read(BLOCK_BYTES):
            written += len(block)
            if written > max_unpacking * archive.stat().st_size:
                raise SourceError(
                    f"{archive.name}: unpacks to more than {max_unpacking:g} times its size; "
                    "if you trust it, raise fetch.max_unpacking in params.yaml"
                )
            copy.write(block)
    return written


def _read_members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if not info.is_dir() and not is_hidden(info.filename):
                    with archive.open(info) as file:
                        yield info.filename, file
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() and not is_hidden(member.name) else None
                if content:
                    yield member.name.removeprefix("./"), content
            _check_end(tar)
    else:
        raise SourceError(f"{path.name}: is neither a folder nor a zip or tar archive; {CORRECT}")


def _check_end(tar: tarfile.TarFile) -> None:
    """Raise SourceError if a header inside the archive is damaged: tarfile takes that for the end."""
    if tar.fileobj is None:
        return
    tar.fileobj.seek(tar.offset)
    if tar.fileobj.read(tarfile.BLOCKSIZE).strip(b"\0"):
        raise tarfile.ReadError(f"no header is at byte {tar.offset:,}")
    # the check sum of what was compressed comes last
    while tar.fileobj.read(BLOCK_BYTES):
        pass
