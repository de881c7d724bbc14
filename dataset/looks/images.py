"""Pictures in a folder or an archive."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dataset.asking import Asked
from dataset.held import Held
from dataset.pictures import look_at_pictures
from dataset.proposal import Proposal
from stages.fetch.archives import is_hidden, naming
from stages.fetch.files import WEB, to_path
from stages.fetch.folders import read_folders, strip_common
from stages.fetch.raw import CORRECT, SourceError
from stages.fetch.settings import Settings
from stages.fetch.sources import images

ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tbz2", ".txz")


def takes(place: str) -> bool:
    """Say whether it is a folder, or called as an archive is."""
    return to_path(place).is_dir() or place.lower().endswith(ARCHIVES)


def look(argument: str, asked: Asked) -> Proposal:
    """Look at all of them."""
    settings = Settings.model_validate({"sources": [f"images:{argument}"], **asked.section("fetch")})
    return look_at_pictures(f"images:{argument}", images.fetch(argument, settings), asked)


def hold(argument: str, settings: Settings) -> Held:
    """Look at the names of the files, which tell the labels, and open none."""
    if argument.startswith(WEB):
        return Held()
    path = to_path(argument)
    if not path.exists():
        raise SourceError(f"{path} is not there; {CORRECT}")
    files = images.list_folder(path) if path.is_dir() else dict.fromkeys(list_members(path), path)
    if not files:
        return Held("pictures", found="an archive that is not opened here")
    files = strip_common(files, images.list_pictures(files), images.LABELS)
    if images.LABELS in files:
        if not path.is_dir():
            return Held("pictures", found=f"an archive with a {images.LABELS}")
        table = images.read_labels(files[images.LABELS], files, settings.csv)
    else:
        table = read_folders(argument, images.list_pictures(files))
    if table.empty:
        raise SourceError(f"{path}: holds no pictures in sub-folders, one for each class; {CORRECT}")
    return Held("pictures", None, pd.Series(table["label"]), found=f"{len(table):,} pictures")


def list_members(path: Path) -> Sequence[str]:
    """Return the names in a zip; none for a tar, which would have to be read to its end."""
    if not zipfile.is_zipfile(path):
        return []
    with naming(f"{path.name}: damaged, or of a kind that cannot be read"), zipfile.ZipFile(path) as archive:
        return [each.filename for each in archive.infolist() if not each.is_dir() and not is_hidden(each.filename)]
