"""A network that is larger than ``cnn`` and takes four times as long."""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from stages.crossval_predict.models.layers import HALVED_FROM, classify, pool_normalise

LOSS = nn.CrossEntropyLoss
# Channels of the convolutions.
WIDTHS = (16, 32, 64, 64)


class Network(nn.Module):
    """Four convolutions and a linear layer, for pictures of 8×8 and up with any number of channels.

    Parameters
    ----------
    shape : tuple of int
        The pictures' (C, H, W).
    n_classes : int
        Number of classes, K.

    Notes
    -----
    Returns logits. Its first layers see every pixel, where those of ``cnn`` see every other one: an epoch takes four
    times as long.
    """

    smallest_side = 8

    def __init__(self, shape: tuple[int, int, int], n_classes: int) -> None:
        super().__init__()
        pools = 2, 2, 1, 2 if min(shape[1:]) >= HALVED_FROM else 1
        maps = [
            layer
            for (channels, wider), pool in zip(pairwise((shape[0], *WIDTHS)), pools, strict=True)
            for layer in (nn.Conv2d(channels, wider, 3, padding=1, bias=False), *pool_normalise(wider, pool))
        ]
        height, width = (side // math.prod(pools) for side in shape[1:])
        self.layers = nn.Sequential(*maps, *classify(WIDTHS[-1], height, width, n_classes))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it

    def forward(self, images: Tensor) -> Tensor:
        """Map (n, C, H, W) float32 to (n, K) logits."""
        logits: Tensor = self.layers(images)
        return logits
