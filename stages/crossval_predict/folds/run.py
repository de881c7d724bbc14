"""What the folds of one model share: no array and no network, so that it travels to any worker in no time."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from stages.artifacts.files import data_folder
from stages.command.errors import InputError
from stages.crossval_predict.folds.prepared import Prepared
from stages.crossval_predict.models.origin import Origin, describe_code, find_origin
from stages.crossval_predict.settings import NETWORK_KEYS, Settings


@dataclass(frozen=True)
class Model:
    """A model, and what a worker found out about it.

    Attributes
    ----------
    settings : Settings
        Its name, which is no longer auto, and how it is trained.
    is_network : bool
        Whether torch trains it for some epochs, or it is an estimator, fitted at once.
    origin : Origin
        Where its class comes from.
    device : str
        Where torch computes; cpu for an estimator.
    """

    settings: Settings
    is_network: bool
    origin: Origin
    device: str


@dataclass(frozen=True)
class Run:
    """The cross-validation of one model.

    Attributes
    ----------
    prepared : Prepared
        Names the rows, their labels and their folds.
    model : Model
        What is trained.
    n_folds, repeats : int
        How many folds the rows are dealt into, and how many times.
    share_disk : bool
        Whether its workers surely see the files of the process that started it.
    code : str
        What `describe_code` says in that process.
    """

    prepared: Prepared
    model: Model
    n_folds: int
    repeats: int
    share_disk: bool
    code: str

    @property
    def key(self) -> str:
        """The SHA-256 of everything that decides the folds' predictions: another device rounds differently."""
        model = self.model
        settings = model.settings.model_dump_json(exclude=None if model.is_network else set(NETWORK_KEYS))
        decided_by = f"{self.prepared.content} {settings} {model.device} {self.code} {model.origin.content}"
        return hashlib.sha256(decided_by.encode()).hexdigest()

    @property
    def kept_in(self) -> Path:
        """The folder that keeps what is trained."""
        return data_folder(self.prepared.dataset) / "kept"

    def fold_file(self, index: int) -> Path:
        """Return where a finished fold is kept."""
        return self.kept_in / f"{self.key}-{index}.npz"

    def state_file(self, index: int) -> Path:
        """Return where a fold is kept in the middle of its training."""
        return self.kept_in / f"{self.key}-{index}.pt"

    @property
    def count(self) -> int:
        """How many times the model is trained: for each fold of each repeat."""
        return self.repeats * self.n_folds

    @property
    def n_epochs(self) -> int:
        """For how many epochs each time."""
        return self.model.settings.max_epochs if self.model.is_network else 1

    def seeds(self, index: int) -> tuple[int, int]:
        """Return the repeat and the fold that are number ``index`` of the run."""
        return divmod(index, self.n_folds)

    def name(self, index: int) -> str:
        """Return what a person calls number ``index`` of the run."""
        repeat, fold = self.seeds(index)
        of_repeat = f", repeat {repeat + 1} of {self.repeats}" if self.repeats > 1 else ""
        return f"fold {fold + 1} of {self.n_folds}{of_repeat}"


def check_code(run: Run) -> None:
    """Raise InputError if this process has other code or packages than the one that started the run."""
    name = run.model.settings.model
    if describe_code() != run.code or find_origin(name).content != run.model.origin.content:
        raise InputError(
            f"a worker has another version of stages/crossval_predict, of {name}, or of the packages it uses, than the "
            "process that started the run; bring its clone and its environment to the same commit and start it again"
        )
