"""What several networks have in common."""

import torch
from torch import Tensor, nn

# From this side on the first layers halve the picture; a smaller one needs all its pixels.
HALVED_FROM = 16
# Maps larger than this are averaged down to it, so that the linear layer does not grow with the picture.
LARGEST_MAP = 7


class LogitNetwork(nn.Module):
    """A network that is its layers, one after the other, the last of which gives logits.

    Parameters
    ----------
    *layers : nn.Module
        From pictures of 8×8 and up.
    """

    smallest_side = 8

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)
        # a third faster on a CPU: convolutions read all channels of a pixel together
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it

    def forward(self, images: Tensor) -> Tensor:
        """Map (n, C, H, W) float32 to (n, K) logits."""
        logits: Tensor = self.layers(images)
        return logits


def pool_normalise(channels: int, pool: int) -> list[nn.Module]:
    """Return the layers that pool and normalise maps and cut off what is negative."""
    pooled = [nn.MaxPool2d(pool)] if pool > 1 else []
    return [*pooled, nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]


def classify(channels: int, height: int, width: int, n_classes: int) -> list[nn.Module]:
    """Return the layers from maps of a height and width to logits."""
    window = -(-height // LARGEST_MAP), -(-width // LARGEST_MAP)
    n_pixels = -(-height // window[0]) * -(-width // window[1])
    # not the adaptive kind of pooling, whose gradient is not reproducible on a GPU
    average = nn.AvgPool2d(window, ceil_mode=True) if max(window) > 1 else nn.Identity()
    return [average, nn.Flatten(), nn.Linear(channels * n_pixels, n_classes)]
