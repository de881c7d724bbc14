"""Unpacks an archive, never outside its folder and never without bound."""

import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from stages.fetch.raw import SourceError

BLOCK_BYTES = 1 << 20
SKIPPED = ("__MACOSX",)


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
        When it is no archive, is damaged, names a file outside itself, or is larger than it may be.
    """
    limit, written = max_unpacking * path.stat().st_size, 0
    files: dict[str, Path] = {}
    try:
        for number, (name, file) in enumerate(_read_members(path)):
            check_name(path, name)
            files[name] = folder / str(number)
            with files[name].open("wb") as target:
                while block := file.read(BLOCK_BYTES):
                    written += len(block)
                    if written > limit:
                        raise SourceError(
                            f"{path.name}: unpacks to more than {max_unpacking:g} times its size; "
                            "if you trust it, raise fetch.max_unpacking in params.yaml"
                        )
                    target.write(block)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, NotImplementedError, RuntimeError) as error:
        raise SourceError(f"{path.name}: damaged, or of a kind that cannot be read ({error})") from error
    return dict(sorted(files.items()))


def check_name(path: Path, name: str) -> None:
    """Refuse an archive that names a file outside of itself."""
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or (parts.parts and ":" in parts.parts[0]):
        raise SourceError(f"{path.name}: names a file outside of itself, {name!r}; do not trust it")


def _read_members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if not info.is_dir() and not _is_skipped(info.filename):
                    with archive.open(info) as file:
                        yield info.filename, file
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() and not _is_skipped(member.name) else None
                if content:
                    yield member.name.removeprefix("./"), content
    else:
        raise SourceError(f"{path.name}: is neither a folder nor a zip or tar archive")


def _is_skipped(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and (parts[0] in SKIPPED or parts[-1].startswith("."))
