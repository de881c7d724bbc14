"""The networks that params.yaml can name: each maps pictures in [0, 1] to a score for each class.

They live in a module of their own so that a worker process can import them.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

# From this side on the first layer halves the picture; a smaller one needs all its pixels.
HALVED_FROM = 16
# From this side on the halved picture is pooled twice.
POOLED_TWICE_FROM = 12
LARGEST_MAP = 7
# Channels of the wide network's convolutions.
WIDTHS = (16, 32, 64, 64)


class TutorialCNN(nn.Module):
    """The network of cleanlab's image tutorial, layer by layer, for pictures of 10×10 and up.

    Parameters
    ----------
    shape : tuple of int
        The pictures' (C, H, W).
    n_classes : int
        Number of classes, K.

    Notes
    -----
    Returns probabilities, for `torch.nn.NLLLoss` in skorch, which takes their logarithm.

    References
    ----------
    cleanlab, "Image Classification with PyTorch and Cleanlab", https://docs.cleanlab.ai
    """

    smallest_side = 10

    def __init__(self, shape: tuple[int, int, int], n_classes: int) -> None:
        super().__init__()
        maps = nn.Sequential(
            nn.Conv2d(shape[0], 6, 3), nn.ReLU(), nn.BatchNorm2d(6), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 3), nn.ReLU(), nn.BatchNorm2d(16), nn.MaxPool2d(2),
        )  # fmt: skip
        height, width = (((side - 2) // 2 - 2) // 2 for side in shape[1:])
        head = nn.Sequential(nn.Flatten(), nn.Linear(16 * height * width, 128), nn.ReLU(), nn.Linear(128, n_classes))
        self.layers = nn.Sequential(maps, head, nn.Softmax(dim=-1))

    def forward(self, images: Tensor) -> Tensor:
        """Map (n, C, H, W) float32 to (n, K) probabilities."""
        probs: Tensor = self.layers(images)
        return probs


class CNN(nn.Module):
    """Three convolutions and a linear layer, for pictures of 8×8 and up with any number of channels.

    Parameters
    ----------
    shape : tuple of int
        The pictures' (C, H, W).
    n_classes : int
        Number of classes, K.

    Notes
    -----
    Returns logits. Maps are pooled before they are normalised, which leaves a quarter of the values to normalise. Those
    that are then larger than 7×7 are averaged down to that, so that the linear layer does not grow with the picture.
    """

    smallest_side = 8

    def __init__(self, shape: tuple[int, int, int], n_classes: int) -> None:
        super().__init__()
        side = min(shape[1:])
        stride = 2 if side >= HALVED_FROM else 1
        padding = 2 if stride == 1 else 0
        pool = 2 if side // stride >= POOLED_TWICE_FROM else 1
        maps = nn.Sequential(
            nn.Conv2d(shape[0], 24, 5, stride=stride, padding=padding, bias=False), *_pool_normalise(24, 2),
            nn.Conv2d(24, 48, 3, padding=1, bias=False), *_pool_normalise(48, pool),
            nn.Conv2d(48, 32, 3, padding=1, bias=False), *_pool_normalise(32, 1),
        )  # fmt: skip
        height, width = (((side + 2 * padding - 5) // stride + 1) // 2 // pool for side in shape[1:])
        self.layers = nn.Sequential(maps, *_classify(32, height, width, n_classes))
        # a third faster on a CPU: convolutions read all channels of a pixel together
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it

    def forward(self, images: Tensor) -> Tensor:
        """Map (n, C, H, W) float32 to (n, K) logits."""
        logits: Tensor = self.layers(images)
        return logits


class WideCNN(nn.Module):
    """Four convolutions and a linear layer, for pictures of 8×8 and up with any number of channels.

    Parameters
    ----------
    shape : tuple of int
        The pictures' (C, H, W).
    n_classes : int
        Number of classes, K.

    Notes
    -----
    Returns logits. Its first layers see every pixel, where those of `CNN` see every other one: an epoch takes four
    times as long.
    """

    smallest_side = 8

    def __init__(self, shape: tuple[int, int, int], n_classes: int) -> None:
        super().__init__()
        pools = 2, 2, 1, 2 if min(shape[1:]) >= HALVED_FROM else 1
        maps = [
            layer
            for (channels, wider), pool in zip(pairwise((shape[0], *WIDTHS)), pools, strict=True)
            for layer in (nn.Conv2d(channels, wider, 3, padding=1, bias=False), *_pool_normalise(wider, pool))
        ]
        height, width = (side // math.prod(pools) for side in shape[1:])
        self.layers = nn.Sequential(*maps, *_classify(WIDTHS[-1], height, width, n_classes))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it

    def forward(self, images: Tensor) -> Tensor:
        """Map (n, C, H, W) float32 to (n, K) logits."""
        logits: Tensor = self.layers(images)
        return logits


def _pool_normalise(channels: int, pool: int) -> list[nn.Module]:
    pooled = [nn.MaxPool2d(pool)] if pool > 1 else []
    return [*pooled, nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]


def _classify(channels: int, height: int, width: int, n_classes: int) -> list[nn.Module]:
    """Return the layers from maps of a height and width to logits."""
    window = -(-height // LARGEST_MAP), -(-width // LARGEST_MAP)
    n_pixels = -(-height // window[0]) * -(-width // window[1])
    # not the adaptive kind of pooling, whose gradient is not reproducible on a GPU
    average = nn.AvgPool2d(window, ceil_mode=True) if max(window) > 1 else nn.Identity()
    return [average, nn.Flatten(), nn.Linear(channels * n_pixels, n_classes)]
