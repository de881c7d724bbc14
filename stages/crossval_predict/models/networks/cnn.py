"""A small and accurate network."""

from torch import nn

from stages.crossval_predict.models.layers import HALVED_FROM, LogitNetwork, classify, pool_normalise

LOSS = nn.CrossEntropyLoss
# From this side on the halved picture is pooled twice.
POOLED_TWICE_FROM = 12


class Network(LogitNetwork):
    """Three convolutions and a linear layer, for pictures of 8×8 and up with any number of channels.

    Parameters
    ----------
    shape : tuple of int
        The pictures' (C, H, W).
    n_classes : int
        Number of classes, K.

    Notes
    -----
    Maps are pooled before they are normalised, which leaves a quarter of the values to normalise. Those that are then
    larger than 7×7 are averaged down to that, so that the linear layer does not grow with the picture.
    """

    def __init__(self, shape: tuple[int, int, int], n_classes: int) -> None:
        side = min(shape[1:])
        stride = 2 if side >= HALVED_FROM else 1
        padding = 2 if stride == 1 else 0
        pool = 2 if side // stride >= POOLED_TWICE_FROM else 1
        maps = nn.Sequential(
            nn.Conv2d(shape[0], 24, 5, stride=stride, padding=padding, bias=False), *pool_normalise(24, 2),
            nn.Conv2d(24, 48, 3, padding=1, bias=False), *pool_normalise(48, pool),
            nn.Conv2d(48, 32, 3, padding=1, bias=False), *pool_normalise(32, 1),
        )  # fmt: skip
        height, width = (((side + 2 * padding - 5) // stride + 1) // 2 // pool for side in shape[1:])
        super().__init__(maps, *classify(32, height, width, n_classes))
