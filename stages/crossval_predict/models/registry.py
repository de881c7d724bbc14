"""The models that params.yaml can name: a file in ``networks``, ``tables``, ``texts`` or ``vectors`` is one.

The folder says what a model sees of the rows, and the file's name is the model's. They are listed without being
imported, so that whatever only needs the names imports neither torch nor scikit-learn. ``AUTO`` of a folder names those
that `AUTO` in params.yaml stands for: one, or several whose probabilities are averaged.
"""

from types import ModuleType
from typing import Literal

from stages.artifacts.kind import KINDS, Kind
from stages.command.modules import list_names, load
from stages.crossval_predict.models import networks, tables, texts, vectors

AUTO = "auto"
# What stands before the name of a pretrained network that is trained further.
FINE_TUNED = "timm:"
# What a model sees: the rows as they are prepared, the vector that `embed` left of each, or pictures as they came.
View = Kind | Literal["vector", "original"]
FOLDERS: dict[View, ModuleType] = {"picture": networks, "table": tables, "text": texts, "vector": vectors}


def list_models(view: View) -> list[str]:
    """Return the names of the models that see this of the rows, those of `AUTO` first."""
    folder = FOLDERS[view]
    return [*folder.AUTO, *(name for name in list_names(folder) if name not in folder.AUTO)]


def list_auto(kind: Kind, *, pretrained: bool, pixels: bool) -> tuple[str, ...]:
    """Return the names of the models that `AUTO` stands for.

    Parameters
    ----------
    kind : {"picture", "table", "text"}
        What the rows are.
    pretrained : bool
        Whether each has a vector by a source that has learnt from other data.
    pixels : bool
        Whether pictures are prepared as pixels.
    """
    own: tuple[str, ...] = FOLDERS[kind].AUTO
    if not pretrained:
        return own
    beside = kind == "text" or (kind == "picture" and pixels)
    return vectors.AUTO + (own if beside else ())


VIEWS: dict[str, View] = {name: view for view in FOLDERS for name in list_models(view)}
NETWORKS = tuple(name for name in VIEWS if FOLDERS[VIEWS[name]] is networks)


def is_fine_tuned(name: str) -> bool:
    """Say whether a model is a pretrained network that is trained further."""
    return name.startswith(FINE_TUNED)


def find_kind(name: str) -> Kind | None:
    """Return what rows a model is for; None for one that takes any, or that only its class can tell."""
    view = "picture" if is_fine_tuned(name) else VIEWS.get(name, "vector")
    return view if view in KINDS else None


def load_model(name: str) -> ModuleType:
    """Import the module of a model."""
    return load(FOLDERS[VIEWS[name]], name)
