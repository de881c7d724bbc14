"""The four files of MNIST and its descendants."""

from pathlib import Path

from dataset.arrays import look_at_arrays
from dataset.asking import Asked
from dataset.held import Held
from dataset.proposal import Proposal
from stages.fetch.files import WEB, to_path
from stages.fetch.raw import SourceError
from stages.fetch.settings import Settings
from stages.fetch.sources import idx


def takes(place: str) -> bool:
    """Say whether the files lie in a folder."""
    path = Path(place).expanduser()
    return any((path / name).exists() for gz in idx.ARCHIVES for name in (gz, gz.removesuffix(".gz")))


def look(argument: str, asked: Asked) -> Proposal:
    """Look at all of it."""
    settings = Settings.model_validate({"sources": [f"idx:{argument}"], **asked.section("fetch")})
    raw = idx.fetch(argument, settings)
    side = int(raw.features.shape[1] ** 0.5)
    shape = (side, side)
    if not argument.startswith(WEB):
        shape = idx.read_parts(to_path(argument), settings.max_unpacking)[0].shape[1:]
    return look_at_arrays(f"idx:{argument}", raw, shape, asked)


def hold(argument: str, settings: Settings) -> Held:
    """Look whether the files are there."""
    if argument.startswith(WEB):
        return Held()
    folder = to_path(argument)
    missing = [name for name in idx.ARCHIVES if not (folder / name).exists() and not (folder / name[:-3]).exists()]
    if missing:
        raise SourceError(f"{folder}: lacks {', '.join(missing)}")
    return Held("arrays", found="the four files are there")
