"""What a worker finds out about a model before it is trained: what it is, and whether it can take the rows."""

from typing import Any

import numpy as np

from stages.artifacts.kind import PLURALS, Kind
from stages.artifacts.weights import SMALLEST_SIDE
from stages.command.errors import InputError
from stages.crossval_predict.folds.run import Model
from stages.crossval_predict.models.origin import find_origin
from stages.crossval_predict.models.own import ARGUMENTS, MODEL, check_arguments, find_class, is_module, naming
from stages.crossval_predict.models.registry import NETWORKS, VIEWS, is_fine_tuned
from stages.crossval_predict.settings import Settings
from stages.workers.pool import choose_device

# torch and scikit-learn are imported within functions: the process that hands out the work needs neither


def look_at(models: list[Settings], device: str | None, kind: Kind, shape: tuple[int, ...], k: int) -> list[Model]:
    """Import what is trained, which takes seconds, and return what it is.

    Parameters
    ----------
    models : list of Settings
        The models.
    device : str, optional
        The torch device that the environment names.
    kind : {"picture", "table", "text"}
        What the rows are.
    shape : tuple of int
        The (C, H, W) of pictures that are prepared as pixels, else empty.
    k : int
        How many classes there are.

    Raises
    ------
    InputError
        If a model cannot be imported or built, or cannot take the rows.
    """
    return [_look_at(settings, device, kind, shape, k) for settings in models]


def _look_at(settings: Settings, device: str | None, kind: Kind, shape: tuple[int, ...], k: int) -> Model:
    name = settings.model
    if is_fine_tuned(name):
        check_fine_tuned(k, settings)
        return Model(settings, True, find_origin(name), choose_device(device))
    if name in NETWORKS or (name not in VIEWS and is_module(find_class(name))):
        if kind == "picture" and not shape:
            raise InputError(
                f"{MODEL}: {name} is trained on pixels, and these pictures have none; set preprocess.image_shape in "
                "params.yaml, for instance to [3, 64, 64], or choose embedding"
            )
        if kind != "picture":
            raise InputError(
                f"{MODEL}: {name} is a torch network, which is for pictures, and these are {PLURALS[kind]}; give auto, "
                "or the import path of a scikit-learn classifier"
            )
        check_images(shape, settings)
        if name not in NETWORKS:
            check_own_network(shape, k, settings)
        return Model(settings, True, find_origin(name), choose_device(device))
    from stages.crossval_predict.models.estimators import make_classifier

    make_classifier(settings, (0, 0), (), np.empty(0))
    return Model(settings, False, find_origin(name), "cpu")


def check_images(shape: tuple[int, ...], settings: Settings) -> None:
    """Raise InputError if pictures of (C, H, W) are too small for the network, or for the shifts."""
    from stages.crossval_predict.models.classifier import find_network

    sides = shape[1:]
    smallest = getattr(find_network(settings.model)[0], "smallest_side", 1)
    size = "×".join(map(str, sides))
    if min(sides) < smallest:
        raise InputError(
            f"{MODEL}: {settings.model!r} takes images of {smallest}×{smallest} and up, these are {size}; choose "
            "another network, or enlarge the images at the source"
        )
    check_shifts(sides, settings)


def check_shifts(sides: tuple[int, ...], settings: Settings) -> None:
    """Raise InputError if a shift would move pictures of (H, W) away."""
    for key in ("train_shift", "predict_shift"):
        shift = getattr(settings, key)
        if shift >= min(sides):
            size = "×".join(map(str, sides))
            raise InputError(
                f"params.yaml: crossval_predict.{key}: {shift} pixels would move a picture of {size} away; lower it"
            )


def check_fine_tuned(n_classes: int, settings: Settings) -> None:
    """Raise InputError if a pretrained network cannot be built, or cannot take pictures of the size asked for."""
    from stages.crossval_predict.models.fine_tuned import Network, describe_pictures

    check_arguments(settings, Network, ("name", "shape", "n_classes"))
    size = settings.arguments.get("size")
    if size is not None and (not isinstance(size, int) or size < SMALLEST_SIDE):
        raise InputError(f"{ARGUMENTS}: size: {size!r}: give the pictures' side in pixels, {SMALLEST_SIDE} or more")
    shape = describe_pictures(settings.model, size)["input_size"]
    with naming(f"{MODEL}: {settings.model} fails on pictures of shape {shape}"):
        Network(settings.model, shape, n_classes, size)
    check_shifts(shape[1:], settings)


def check_own_network(shape: tuple[int, ...], n_classes: int, settings: Settings) -> None:
    """Raise InputError if a network of the user's own cannot be built, or does not give logits."""
    import torch

    network = find_class(settings.model)
    given: dict[str, Any] = {"shape": shape, "n_classes": n_classes}
    check_arguments(settings, network, given)
    with naming(f"{ARGUMENTS}: {settings.model} cannot be built with these and {', '.join(given)}"):
        built = network(**given, **settings.arguments)
    with naming(f"{MODEL}: {settings.model} fails on pictures of shape {shape}"), torch.no_grad():
        output = built.eval()(torch.zeros(2, *shape))
    if not isinstance(output, torch.Tensor) or output.shape != (2, n_classes):
        found = tuple(getattr(output, "shape", ())) or type(output).__name__
        raise InputError(
            f"{MODEL}: {settings.model} gives {found} for two pictures, where there must be a logit for each of "
            f"{n_classes} classes, {(2, n_classes)}"
        )
