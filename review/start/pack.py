"""Puts an exported folder into a zip beside it: ``python -m review.start.pack FOLDER``."""

import shutil
import sys
from pathlib import Path

from stages.artifacts.files import replacing


def pack(folder: Path) -> str:
    """Write ``FOLDER.zip`` whole or not at all, remove the folder, and return a line that says so."""
    archive = folder.with_name(f"{folder.name}.zip")
    with replacing(archive) as (partial,):
        Path(shutil.make_archive(str(partial), "zip", folder)).rename(partial)
    shutil.rmtree(folder)
    return f"packed as {archive.name}"


if __name__ == "__main__":
    print(pack(Path(sys.argv[1])))
