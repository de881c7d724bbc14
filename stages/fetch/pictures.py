"""Pictures as they were found: encoded files, whatever their sizes, which ``preprocess`` decodes."""

import hashlib
import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from stages.artifacts.originals import ARCHIVE
from stages.fetch.raw import count_classes

# of SHA-256's 64: among a million pictures, two that share them are as good as impossible
CONTENT_DIGITS = 16
# a date that is always the same, so that the archive's bytes are
DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class RawPictures:
    """A data set of n pictures in files.

    Attributes
    ----------
    table : DataFrame with the columns id and label
        As `RawData` has it; the id is the picture's path, below the folder that holds them all.
    files : list of n Path
        Where each lies now.
    holder : object
        Removes them once nobody needs it, if they lie in a temporary folder.
    """

    table: pd.DataFrame
    files: list[Path]
    holder: Any = field(default=None, repr=False)

    def sha256(self) -> str:
        """Return the SHA-256 of what the data says: ids and labels, then each picture's bytes."""
        digest = hashlib.sha256(self.table.to_csv(index=False, lineterminator="\n").encode())
        for content in self._digests:
            digest.update(content)
        return digest.hexdigest()

    @cached_property
    def contents(self) -> list[str]:
        """What tells each picture from others, wherever it lies: the first digits of its file's SHA-256."""
        return [digest.hex()[:CONTENT_DIGITS] for digest in self._digests]

    def write(self, folder: Path) -> None:
        """Write all pictures into one archive: one file is stored and transferred far faster than many."""
        with zipfile.ZipFile(folder / ARCHIVE, "w", zipfile.ZIP_STORED) as archive:
            for row_id, path in zip(self.table["id"], self.files, strict=True):
                archive.writestr(zipfile.ZipInfo(row_id, DATE), path.read_bytes())

    def __str__(self) -> str:
        """Say what it holds."""
        return f"{len(self.table):,} pictures in {count_classes(self.table['label'])}"

    @cached_property
    def _digests(self) -> list[bytes]:
        digests = []
        for path in self.files:
            with path.open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").digest())
        return digests
