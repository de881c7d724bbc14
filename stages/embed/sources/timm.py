"""``timm:NAME@REVISION`` or ``timm:FOLDER``: what a pretrained network of timm sees in pictures."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from stages.artifacts.kind import Kind
from stages.artifacts.timm_networks import PACKAGES, describe_inputs, load_body, open_rgb
from stages.artifacts.vectors import Embedded
from stages.artifacts.weights import find_weights
from stages.embed.pretrained import embed_rows
from stages.embed.rows import Rows
from stages.embed.settings import KEY, Settings

KINDS: tuple[Kind, ...] = ("picture",)
ARGUMENT = "NAME@REVISION"
# Pictures that the network sees at once. Batches of another size round otherwise, by up to 1e-5, so that each is filled
# up to this one. On one core it is the fastest.
BATCH, BATCH_GPU = 16, 64


def embed(argument: str, rows: Rows, settings: Settings) -> Embedded:
    """Return the network's features before its classifier, pooled."""
    return embed_rows(__name__, find_weights(argument, "timm", KEY), rows, settings.size, PACKAGES)


def load(folder: Path, size: int | None, device: str) -> "Encoder":
    """Load a network, as `load_body` does."""
    return Encoder(load_body(folder, size, KEY), size, device)


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
        from timm.data import create_transform

        if device == "cpu":
            torch.set_num_threads(1)
        config = describe_inputs(model, size)
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
        return self._transform(open_rgb(content))
