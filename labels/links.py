"""Finds the files on this machine from which the pictures of a data set were fetched."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from stages.artifacts.originals import Originals
from stages.command.errors import InputError, some
from stages.command.params import read_block

PREFIX = "images:"


def find_sources(dataset: str) -> list[Path]:
    """Return the folders on this machine that the pictures of a data set may come from, by ``params.yaml``."""
    places = [source.removeprefix(PREFIX) for source in list_sources(dataset) if source.startswith(PREFIX)]
    return [path for path in map(_to_path, places) if path.is_dir()]


def list_sources(dataset: str) -> list[str]:
    """Return ``fetch.sources`` of ``params.yaml``."""
    sources: list[str] = (read_block(dataset).get("fetch") or {}).get("sources") or []
    return sources


def find_files(dataset: str, originals: Originals) -> list[Path]:
    """Return where each row's picture lies in its source, as an absolute path.

    Raises
    ------
    InputError
        If the source is no folder on this machine, or is no longer as it was.
    """
    sources = find_sources(dataset)
    if not sources:
        named = ", ".join(list_sources(dataset))
        raise InputError(f"no source is a folder on this machine ({named}); --as folders copies the pictures")
    absent = originals.ids
    for root in (root for source in sources for root in _list_roots(source.resolve())):
        missing = [row_id for row, row_id in enumerate(originals.ids) if not _is_there(root, originals, row)]
        if not missing:
            return [root / row_id for row_id in originals.ids]
        absent = min(absent, missing, key=len)
    raise InputError(
        f"{len(absent):,} picture(s) are no longer in {', '.join(map(str, sources))} as they were fetched "
        f"({some(absent)}); fetch them anew by `dvc repro`, or take --as folders, which copies them"
    )


def _list_roots(source: Path) -> Iterator[Path]:
    """Yield a folder, and the only one in it that holds everything else, and so on, as ids may leave these out."""
    while True:
        yield source
        inside = list(source.iterdir())
        if len(inside) != 1 or not inside[0].is_dir():
            return
        source = inside[0]


def _is_there(root: Path, originals: Originals, row: int) -> bool:
    name = PurePosixPath(originals.ids[row])
    if name.is_absolute() or ".." in name.parts:
        return False
    path = root / name
    return path.is_file() and path.stat().st_size == originals.size(row)


def _to_path(place: str) -> Path:
    try:
        return Path(place).expanduser()
    # no such user is known
    except RuntimeError:
        return Path(place)
