"""The models that params.yaml can name: a file in ``networks``, ``tables`` or ``texts`` is one.

The folder says what kind of rows a model is for, and the file's name is the model's. They are listed without being
imported, so that whatever only needs the names imports neither torch nor scikit-learn. ``AUTO`` of a folder names those
that `AUTO` in params.yaml stands for: one, or several whose probabilities are averaged.
"""

from types import ModuleType

from stages.artifacts.kind import Kind
from stages.command.modules import list_names, load
from stages.crossval_predict.models import networks, tables, texts

AUTO = "auto"
FOLDERS: dict[Kind, ModuleType] = {"picture": networks, "table": tables, "text": texts}


def list_models(kind: Kind) -> list[str]:
    """Return the names of the models for a kind of rows, those of `AUTO` first."""
    folder = FOLDERS[kind]
    return [*folder.AUTO, *(name for name in list_names(folder) if name not in folder.AUTO)]


def list_auto(kind: Kind) -> tuple[str, ...]:
    """Return the names of the models that `AUTO` stands for."""
    names: tuple[str, ...] = FOLDERS[kind].AUTO
    return names


KINDS: dict[str, Kind] = {name: kind for kind in FOLDERS for name in list_models(kind)}
NETWORKS = tuple(name for name in KINDS if FOLDERS[KINDS[name]] is networks)


def load_model(name: str) -> ModuleType:
    """Import the module of a model."""
    return load(FOLDERS[KINDS[name]], name)
