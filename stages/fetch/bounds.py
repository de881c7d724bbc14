"""Bounds what is read out of a compressed file: a small one may hold more than any disk."""

import bz2
import gzip
import lzma
import re
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

from stages.fetch.raw import SourceError

BLOCK_BYTES = 1 << 20
GIGABYTE = 10**9
# what any file may unpack to: a tar of two small files ends in 10,000 zeros
FREE_BYTES = 1 << 20
# Of the headers before one member of a tar, the names and attributes that they hold included. Python before 3.11.10
# reads them in quadratic time: so many bytes take 0.1 s, unless a number in them is longer than any file's name.
HEADER_BYTES = 1 << 15
LONG_NUMBER = re.compile(rb"\d{256}")
OPENERS: dict[str, Callable[[Path], Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
# how what each opener reads begins, and what the `xz` command made before it had a format of its own
BEGINNINGS = {b"\x1f\x8b": ".gz", b"BZh": ".bz2", b"\xfd7zXZ": ".xz", b"\x5d\x00\x00": ".xz"}


def save(blocks: Iterable[bytes], target: Path, name: str, max_download: float) -> None:
    """Write what comes from elsewhere to a file; raise SourceError, with a name, if it is more than so many GB."""
    count = 0
    with target.open("wb") as file:
        for block in blocks:
            count += len(block)
            check_download(count, name, max_download)
            file.write(block)


def check_download(n_bytes: int, name: str, max_download: float) -> None:
    """Raise SourceError if so many bytes are more than so many GB."""
    if n_bytes > max_download * GIGABYTE:
        raise SourceError(
            f"{name} has more than {max_download:g} GB; if you want it, raise fetch.max_download in params.yaml"
        )


class Limit:
    """Counts what is unpacked of an archive.

    Parameters
    ----------
    name : str
        What messages call the archive.
    max_unpacking : float
        How many times larger than the archive what is in it may be, all together.
    n_bytes : int
        The archive's size, as far as it is known.
    """

    def __init__(self, name: str, max_unpacking: float, n_bytes: int = 0) -> None:
        self.name, self.max_unpacking, self.count = name, max_unpacking, 0
        self.allow(n_bytes)

    @classmethod
    def of(cls, path: Path, max_unpacking: float) -> "Limit":
        """Return the limit of an archive in a file."""
        return cls(path.name, max_unpacking, path.stat().st_size)

    def allow(self, n_bytes: int) -> None:
        """Set the archive's size."""
        self.most = max(FREE_BYTES, int(self.max_unpacking * n_bytes))

    def add(self, n_bytes: int) -> None:
        """Count some more bytes; raise SourceError if they are too many."""
        self.reach(self.count + n_bytes)

    def reach(self, count: int) -> None:
        """Raise SourceError if so many bytes, all together, are too many."""
        self.count = max(self.count, count)
        if self.count > self.most:
            raise SourceError(
                f"{self.name}: unpacks to more than {self.max_unpacking:g} times its size; "
                "if you trust it, raise fetch.max_unpacking in params.yaml"
            )


def open_plain(path: Path, suffix: str | None = None) -> IO[bytes]:
    """Open what a compressed file holds, or the file itself if it is not compressed.

    Parameters
    ----------
    path : Path
        The file.
    suffix : str, optional
        A key of `OPENERS`: how it is compressed. The file's first bytes tell it by default.
    """
    if suffix is None:
        with path.open("rb") as file:
            head = file.read(8)
        suffix = next((suffix for start, suffix in BEGINNINGS.items() if head.startswith(start)), "")
    opened: IO[bytes] = OPENERS[suffix](path) if suffix in OPENERS else path.open("rb")
    return opened


def read_plain(path: Path, suffix: str, max_unpacking: float) -> bytes:
    """Return what a compressed file holds, or the file itself if ``suffix`` is no key of `OPENERS`."""
    limit = Limit.of(path, max_unpacking)
    blocks = []
    with open_plain(path, suffix) as file:
        while block := file.read(BLOCK_BYTES):
            limit.add(len(block))
            blocks.append(block)
    return b"".join(blocks)


class TarStream:
    """The bytes of a tar, for `tarfile` to read: bounded all together, and for the headers before each member.

    Parameters
    ----------
    file : file
        The tar, no longer compressed.
    limit : Limit
        How far it may be read.
    """

    def __init__(self, file: IO[bytes], limit: Limit) -> None:
        self.file, self.limit = file, limit
        self.header_left: int | None = HEADER_BYTES

    def read_header(self, tar: tarfile.TarFile) -> tarfile.TarInfo | None:
        """Return the next member of the tar that reads this stream, or None at its end."""
        self.header_left = HEADER_BYTES
        member = tar.next()
        # what is read from here on is the member's content
        self.header_left = None
        # counts where the file does not: a header may say that the next one is itself
        self.limit.add(tarfile.BLOCKSIZE)
        return member

    def check_end(self, tar: tarfile.TarFile) -> None:
        """Raise ReadError if a header inside the tar is damaged: tarfile takes that for the end."""
        self.seek(tar.offset)
        if self.read(tarfile.BLOCKSIZE).strip(b"\0"):
            raise tarfile.ReadError(f"no header is at byte {tar.offset:,}")
        # the check sum of what was compressed comes last
        while self.read(BLOCK_BYTES):
            pass

    def read(self, size: int) -> bytes:
        """Read so many bytes; raise SourceError if that is farther than the limit, or too much for headers."""
        if size < 0 or (self.header_left is not None and size > self.header_left):
            raise self._distrust()
        block = self.file.read(min(size, self.limit.most - self.file.tell() + 1))
        self.limit.reach(self.file.tell())
        if self.header_left is not None:
            self.header_left -= size
            if LONG_NUMBER.search(block):
                raise self._distrust()
        return block

    def seek(self, position: int) -> int:
        """Go to a byte, or as far as the limit, where reading then ends."""
        return self.file.seek(min(position, self.limit.most))

    def tell(self) -> int:
        """Return the number of the byte that is read next."""
        return self.file.tell()

    def _distrust(self) -> SourceError:
        return SourceError(
            f"{self.limit.name}: the header of a member is no header that a tar has; do not trust it, or "
            "pack the files anew"
        )
