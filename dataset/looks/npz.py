"""Arrays in a file that `numpy.savez` wrote."""

import tempfile
from pathlib import Path

import pandas as pd

from dataset.arrays import look_at_arrays
from dataset.asking import Asked
from dataset.held import Held
from dataset.proposal import Proposal
from stages.fetch.files import bring
from stages.fetch.raw import CORRECT, SourceError, normalise
from stages.fetch.settings import Settings
from stages.fetch.sources import npz


def takes(place: str) -> bool:
    """Say whether it is called as such a file is."""
    return place.lower().endswith(".npz")


def look(argument: str, asked: Asked) -> Proposal:
    """Look at all of it."""
    settings = Settings.model_validate({"sources": [f"npz:{argument}"], **asked.section("fetch")})
    with tempfile.TemporaryDirectory() as folder:
        arrays = npz.load_arrays(bring(argument, Path(folder), "arrays.npz", settings), settings.max_unpacking)
    return look_at_arrays(f"npz:{argument}", normalise(*arrays), arrays[0].shape[1:], asked)


def hold(argument: str, settings: Settings) -> Held:
    """Read it."""
    if "://" in argument:
        return Held()
    path = bring(argument, Path(), "", settings)
    if not path.exists():
        raise SourceError(f"{path} is not there; {CORRECT}")
    raw = npz.read_arrays(path, settings.max_unpacking)
    return Held("arrays", None, pd.Series(raw.table["label"]), raw.features.shape[1], str(raw))
