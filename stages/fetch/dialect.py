"""How a CSV file is written: what params.yaml says of it, and what its first bytes and lines tell."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stages.fetch.raw import SourceError
from stages.fetch.settings import UNQUOTED, Csv

# the marks with which a file may begin; that of UTF-32 begins with that of UTF-16
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}
# Excel's first line, which names the delimiter
SEP = re.compile(r"\"?sep=(.)\"?\s*", re.IGNORECASE)
# what most files that are not UTF-8 were saved in
LIKELY = "windows-1252"
SHOWN_BYTES = 12


@dataclass(frozen=True)
class Dialect:
    """One way to read a CSV file.

    Attributes
    ----------
    encoding : str
        As Python calls it.
    delimiter : str
        The sign between cells.
    quote : str or None
        The sign around cells that hold a delimiter or a line break. None: there is none.
    backslash : bool
        Whether a backslash stands before a quote in such a cell; otherwise the quote is doubled.
    blanks : bool
        Whether blanks stand behind delimiters, which belong to no cell.
    """

    encoding: str
    delimiter: str
    quote: str | None = '"'
    backslash: bool = False
    blanks: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """What the csv module is called with."""
        quoting = {"quotechar": self.quote} if self.quote else {"quoting": csv.QUOTE_NONE}
        return {"delimiter": self.delimiter, "skipinitialspace": self.blanks, "strict": True, **quoting}

    def __str__(self) -> str:
        """Say it in words."""
        between = "tabs" if self.delimiter == "\t" else repr(self.delimiter)
        blanks = " and blanks" if self.blanks else ""
        quotes = f"quoted by {self.quote}" if self.quote else "not quoted (quotes are signs of the text)"
        backslash = ", a backslash before quotes in them" if self.backslash else ""
        return f"{self.encoding.removesuffix('-sig')}, cells separated by {between}{blanks}, {quotes}{backslash}"


def find_encoding(path: Path, given: Csv) -> str:
    """Return the encoding that a file's mark names, or the one that is given, or UTF-8."""
    with path.open("rb") as file:
        start = file.read(4)
    marked = next((encoding for mark, encoding in MARKS.items() if start.startswith(mark)), None)
    return marked or given.encoding or "utf-8"


def list_dialects(encoding: str, delimiter: str, given: Csv) -> Iterator[Dialect]:
    """Yield the ways in which a file may be read, the likeliest first."""
    first = Dialect(encoding, delimiter, '"' if given.quote is None else given.quote)
    first = replace(first, quote=None if given.quote == UNQUOTED else first.quote)
    yield first
    yield replace(first, blanks=True)
    if first.quote:
        yield replace(first, backslash=True)
    if given.quote is None:
        yield replace(first, quote=None)
        yield replace(first, quote="'")


def is_utf_8(path: Path) -> bool:
    """Say whether a file is UTF-8 and has letters beyond ASCII, which is hardly by chance."""
    found = False
    with path.open("rb") as file:
        for line in file:
            try:
                found |= not line.decode().isascii()
            except UnicodeDecodeError:
                return False
    return found


def explain_undecodable(place: str, path: Path, encoding: str) -> SourceError:
    """Return an error that names the first byte of a file that its encoding does not have."""
    encoding = encoding.removesuffix("-sig")
    name = "UTF-8" if encoding == "utf-8" else encoding
    with path.open("rb") as file:
        if encoding == "utf-8" and b"\0" in file.read(1 << 16):
            return SourceError(
                f"{place}: is no text, for it holds NUL bytes; save it as a CSV file in UTF-8, "
                "or set fetch.csv.encoding to utf-16-le or utf-16-be if it is that"
            )
    where, snippet = _find_undecodable(path, encoding)
    said = f"{place}: {where} is not {name}"
    if encoding == "utf-8":
        return SourceError(
            f"{said}; if {snippet!r} stands there, set fetch.csv.encoding to {LIKELY}, "
            "otherwise to what the file was saved in (latin-1, windows-1251, gbk, …)"
        )
    return SourceError(f"{said}; set fetch.csv.encoding to what the file was saved in, or save it as UTF-8")


def _find_undecodable(path: Path, encoding: str) -> tuple[str, str]:
    """Return where the first byte is that cannot be decoded, and what stands around it if it is the likely encoding."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode(encoding)
            except UnicodeError as error:
                # lines of UTF-16 do not end where their bytes seem to
                if encoding.startswith(("utf-16", "utf-32")) or not isinstance(error, UnicodeDecodeError):
                    break
                around = line[max(0, error.start - SHOWN_BYTES) : error.start + SHOWN_BYTES].strip()
                where = f"line {number}, byte {error.start + 1}: 0x{line[error.start]:02x}"
                return where, around.decode(LIKELY, errors="replace")
    return "it", ""
