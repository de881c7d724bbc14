"""The layers that several networks have in common."""

from torch import nn

# From this side on the first layers halve the picture; a smaller one needs all its pixels.
HALVED_FROM = 16
# Maps larger than this are averaged down to it, so that the linear layer does not grow with the picture.
LARGEST_MAP = 7


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
