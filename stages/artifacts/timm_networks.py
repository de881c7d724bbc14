"""Networks of timm without their classifier, and how pictures come to them."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from stages.artifacts.originals import open_upright
from stages.artifacts.pictures import to_pixels
from stages.artifacts.weights import WEIGHTS, importing
from stages.command.errors import InputError

# those whose versions decide what a network makes of a picture
PACKAGES = ("pillow", "timm", "torch", "torchvision")


def load_body(folder: Path, size: int | None, key: str) -> Any:
    """Load a network, a torch module that gives (n, d) for (n, 3, H, W): its features before the classifier, pooled.

    Parameters
    ----------
    folder : Path
        Its files.
    size : int, optional
        The side of the pictures; None for the one that it was trained with.
    key : str
        Where params.yaml names it, for messages.

    Raises
    ------
    InputError
        If a package is missing, or timm cannot build the network.
    """
    with importing(key):
        import timm
    try:
        with tempfile.TemporaryDirectory() as name:
            # these two files alone, so that timm finds no weights in another format
            for file in (WEIGHTS, "config.json"):
                (Path(name) / file).symlink_to(folder.absolute() / file)
            arguments = {"pretrained": True, "num_classes": 0}
            model = timm.create_model(f"local-dir:{name}", **arguments)
            if size and model.pretrained_cfg.get("fixed_input_size"):
                model = timm.create_model(f"local-dir:{name}", **arguments, img_size=size)
            return model
    except Exception as error:
        # each network's code raises its own
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{key}: timm cannot build a network from {folder} ({reason})") from None


def describe_inputs(body: Any, size: int | None) -> dict[str, Any]:
    """Return how pictures come to a network, as timm's `create_transform` takes it."""
    from timm.data import resolve_data_config

    own = {"input_size": (3, size, size)} if size else {}
    config: dict[str, Any] = resolve_data_config(own, model=body)
    return config


def open_rgb(content: bytes | np.ndarray) -> Image.Image:
    """Decode a picture's file, or take its pixels, (C, H, W) uint8, as a picture in colour."""
    picture = Image.fromarray(to_pixels(content)) if isinstance(content, np.ndarray) else open_upright(content)
    return picture.convert("RGB")
