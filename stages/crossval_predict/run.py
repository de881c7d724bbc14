"""What the folds of one run share: no array and no model, so that it travels to any worker in no time."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from stages.artifacts.files import data_folder
from stages.command.errors import InputError
from stages.crossval_predict.origin import Model, find_origin
from stages.crossval_predict.prepared import Prepared
from stages.crossval_predict.resume import describe_code
from stages.crossval_predict.settings import Settings


@dataclass(frozen=True)
class Run:
    """A cross-validation.

    Attributes
    ----------
    prepared : Prepared
        Names the rows and labels.
    settings : Settings
        The model, which is no longer auto, and how it is trained.
    model : Model
        What that model is.
    share_disk : bool
        Whether its workers surely see the files of the process that started it.
    code : str
        What `describe_code` says in that process.
    """

    prepared: Prepared
    settings: Settings
    model: Model
    share_disk: bool
    code: str

    @property
    def key(self) -> str:
        """The SHA-256 of everything that determines the folds' predictions: another device rounds differently."""
        code = f"{self.code} {self.model.origin.content}"
        determined_by = f"{self.prepared.content} {self.settings.model_dump_json()} {self.model.device} {code}"
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
        """How many models are trained: as many as there are folds, for each repeat."""
        return self.settings.repeats * self.settings.folds

    @property
    def n_epochs(self) -> int:
        """For how many epochs each is trained."""
        return self.settings.max_epochs if self.model.is_network else 1

    def seeds(self, index: int) -> tuple[int, int]:
        """Return the repeat and the fold that are number ``index`` of the run."""
        return divmod(index, self.settings.folds)

    def name(self, index: int) -> str:
        """Return what a person calls number ``index`` of the run."""
        repeat, fold = self.seeds(index)
        of_repeat = f", repeat {repeat + 1} of {self.settings.repeats}" if self.settings.repeats > 1 else ""
        return f"fold {fold + 1} of {self.settings.folds}{of_repeat}"


def check_code(run: Run) -> None:
    """Refuse to train by other code or packages than those of the process that started the run."""
    if describe_code() != run.code or find_origin(run.settings.model).content != run.model.origin.content:
        raise InputError(
            f"a worker has another version of stages/crossval_predict, of {run.settings.model}, or of the packages it "
            "uses, than the process that started the run; bring its clone and its environment to the same commit and "
            "start it again"
        )
