"""What the folds of one run share: no array and no network, so that it travels to any worker in no time."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from stages.artifacts import data_folder
from stages.crossval_predict.folds import assign_folds
from stages.crossval_predict.prepared import Prepared, open_arrays
from stages.crossval_predict.settings import Settings


@dataclass(frozen=True)
class Run:
    """A cross-validation.

    Attributes
    ----------
    prepared : Prepared
        Names the pictures and labels.
    settings : Settings
        The network and how it is trained.
    device : str
        Where torch computes.
    share_disk : bool
        Whether its workers surely see the files of the process that started it.
    code : str
        What `describe_code` says in that process.
    """

    prepared: Prepared
    settings: Settings
    device: str
    share_disk: bool
    code: str

    @property
    def key(self) -> str:
        """The SHA-256 of everything that determines the folds' predictions: another device rounds differently."""
        determined_by = f"{self.prepared.content} {self.settings.model_dump_json()} {self.device} {self.code}"
        return hashlib.sha256(determined_by.encode()).hexdigest()

    @property
    def kept_in(self) -> Path:
        """The folder that keeps what is trained until the run is complete."""
        return data_folder(self.prepared.dataset) / "resume"

    def fold_file(self, index: int) -> Path:
        """Return where a finished fold is kept."""
        return self.kept_in / f"{self.key}-{index}.npz"

    def state_file(self, index: int) -> Path:
        """Return where a fold is kept in the middle of its training."""
        return self.kept_in / f"{self.key}-{index}.pt"

    @property
    def n_folds(self) -> int:
        """How many networks are trained: as many as there are folds, for each repeat."""
        return self.settings.repeats * self.settings.folds

    def seeds(self, index: int) -> tuple[int, int]:
        """Return the repeat and the fold that are number ``index`` of the run."""
        return divmod(index, self.settings.folds)

    def name(self, index: int) -> str:
        """Return what a person calls number ``index`` of the run."""
        repeat, fold = self.seeds(index)
        of_repeat = f", repeat {repeat + 1} of {self.settings.repeats}" if self.settings.repeats > 1 else ""
        return f"fold {fold + 1} of {self.settings.folds}{of_repeat}"


@cache
def load_folds(prepared: Prepared, settings: Settings) -> np.ndarray:
    """Return the fold in which each row is held out, (n, R) int64."""
    given_labels = open_arrays(prepared).given_labels
    return assign_folds(given_labels, settings.folds, settings.seed, settings.repeats)
