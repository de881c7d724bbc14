"""``timm:NAME@REVISION`` or ``timm:FOLDER``: what a pretrained network of timm sees in pictures."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from PIL import Image

from stages.artifacts.kind import Kind
from stages.artifacts.originals import open_upright
from stages.artifacts.pictures import to_pixels
from stages.artifacts.vectors import Embedded
from stages.command.errors import InputError
from stages.embed.pretrained import embed_rows
from stages.embed.rows import Rows
from stages.embed.settings import Settings
from stages.embed.weights import KEY, WEIGHTS, find_weights, importing

KINDS: tuple[Kind, ...] = ("picture",)
ARGUMENT = "NAME@REVISION"
PACKAGES = ("pillow", "timm", "torch", "torchvision")
# Pictures that the network sees at once. Batches of another size round otherwise, by up to 1e-5, so that each is filled
# up to this one. On one core it is the fastest.
BATCH, BATCH_GPU = 16, 64


def embed(argument: str, rows: Rows, settings: Settings) -> Embedded:
    """Return the network's features before its classifier, pooled."""
    return embed_rows(__name__, find_weights(argument, "timm"), rows, settings.size, PACKAGES)


def load(folder: Path, size: int | None, device: str) -> "Encoder":
    """Load a network.

    Raises
    ------
    InputError
        If a package is missing, or timm cannot build the network.
    """
    with importing():
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
    except Exception as error:
        # each network's code raises its own
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{KEY}: timm cannot build a network from {folder} ({reason})") from None
    return Encoder(model, size, device)


class Encoder:
    """A network of timm, and how pictures come to it.

    Parameters
    ----------
    model : Module
        Without its classifier.
    size : int, optional
        The side of the pictures; None for the one that it was trained with.
    device : str
        Where torch computes.
    """

    def __init__(self, model: Any, size: int | None, device: str) -> None:
        import torch
        from timm.data import create_transform, resolve_data_config

        if device == "cpu":
            torch.set_num_threads(1)
        own = {"input_size": (3, size, size)} if size else {}
        config = resolve_data_config(own, model=model)
        self.device, self._model = device, model.eval().to(device)
        self._transform = create_transform(**config, is_training=False)
        self.about = {"preprocessing": {key: config[key] for key in sorted(config)}}

    def encode(self, contents: list[Any]) -> np.ndarray:
        """Return the vectors of pictures, (k, d) float32."""
        import torch

        count = BATCH if self.device == "cpu" else BATCH_GPU
        vectors = []
        with torch.inference_mode(), ThreadPoolExecutor(1 if self.device == "cpu" else joblib.cpu_count()) as threads:
            for start in range(0, len(contents), count):
                tensors = list(threads.map(self._prepare, contents[start : start + count]))
                batch = torch.zeros(count, *tensors[0].shape)
                batch[: len(tensors)] = torch.stack(tensors)
                vectors.append(self._model(batch.to(self.device))[: len(tensors)].float().cpu().numpy())
        return np.concatenate(vectors)

    def _prepare(self, content: Any) -> Any:
        picture = Image.fromarray(to_pixels(content)) if isinstance(content, np.ndarray) else open_upright(content)
        return self._transform(picture.convert("RGB"))
