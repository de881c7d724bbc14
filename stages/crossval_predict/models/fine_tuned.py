"""A pretrained network of timm that is trained further, and the pictures as it takes them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import joblib
import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from stages.artifacts.timm_networks import describe_inputs, load_body, open_rgb
from stages.crossval_predict.models.own import MODEL
from stages.crossval_predict.models.pretrained import find_files
from stages.crossval_predict.settings import Settings

# The body's learning rate as a part of the head's: it has learnt nearly all that it needs, the head nothing.
BODY, BODY_RATE = "body.*", 0.1


def describe_pictures(name: str, size: int | None) -> dict[str, Any]:
    """Return how pictures come to a network: their size, their mean and deviation, and what else timm knows of it."""
    return describe_inputs(load_body(find_files(name).folder, size, MODEL), size)


class Network(nn.Module):
    """A pretrained network whose classifier is replaced by a linear layer.

    Parameters
    ----------
    name : str
        ``timm:NAME@REVISION`` or ``timm:FOLDER``.
    shape : tuple of int
        The pictures' (3, H, W), as `describe_pictures` has it.
    n_classes : int
        Number of classes, K.
    size : int, optional
        The side of the pictures; None for the one that it was trained with.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, name: str, shape: tuple[int, int, int], n_classes: int, size: int | None = None) -> None:
        super().__init__()
        self.body = load_body(find_files(name).folder, size, MODEL)
        config = describe_inputs(self.body, size)
        for key in ("mean", "std"):
            self.register_buffer(key, torch.tensor(config[key]).reshape(-1, 1, 1), persistent=False)
        with torch.no_grad():
            width = self.body.eval()(torch.zeros(1, *shape)).shape[1]
        self.head = nn.Linear(width, n_classes)
        # a third faster on a CPU: convolutions read all channels of a pixel together
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it

    def forward(self, images: Tensor) -> Tensor:
        """Map (n, 3, H, W) float32 in [0, 1] to (n, K) logits."""
        logits: Tensor = self.head(self.body((images - self.mean) / self.std))
        return logits


class PictureData(Dataset[Any]):
    """Pictures, each decoded whenever a batch takes it, and labels: what `TensorBatches` cuts batches from.

    Parameters
    ----------
    read : callable
        Returns a picture by its row: its file, or its pixels, (C, H, W) uint8.
    labels : Tensor of shape (n,), int64
        The labels.
    settings : Settings
        The network, and the size of the pictures in its ``arguments``.
    device : str
        Where torch computes.
    """

    def __init__(
        self, read: Callable[[int], bytes | np.ndarray], labels: Tensor, settings: Settings, device: str
    ) -> None:
        self.tensors = Pictures(read, len(labels), settings, device), labels.to(device)

    def __len__(self) -> int:
        return len(self.tensors[1])


class Pictures:
    """The pictures of `PictureData`, which are brought to the network's size.

    ``pictures[rows]``, with (b,) int64, is a tensor of shape (b, 3, H, W), uint8, on the device.
    """

    def __init__(self, read: Callable[[int], bytes | np.ndarray], n_rows: int, settings: Settings, device: str) -> None:
        from timm.data import create_transform

        config = describe_pictures(settings.model, settings.arguments.get("size"))
        self.shape = n_rows, *config["input_size"]
        self._read, self._device = read, device
        self._transform = create_transform(**config, is_training=False, normalize=False)

    def __getitem__(self, rows: Tensor) -> Tensor:
        with ThreadPoolExecutor(1 if self._device == "cpu" else joblib.cpu_count()) as threads:
            return torch.stack(list(threads.map(self._prepare, rows.tolist()))).to(self._device)

    def _prepare(self, row: int) -> Any:
        return self._transform(open_rgb(self._read(row)))
