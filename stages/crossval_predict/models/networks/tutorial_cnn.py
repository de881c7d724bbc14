"""The network of cleanlab's image tutorial."""

from torch import Tensor, nn

LOSS = nn.NLLLoss


class Network(nn.Module):
    """The network of cleanlab's image tutorial, layer by layer, for pictures of 10×10 and up.

    Parameters
    ----------
    shape : tuple of int
        The pictures' (C, H, W).
    n_classes : int
        Number of classes, K.

    Notes
    -----
    Returns probabilities, for `LOSS` in skorch, which takes their logarithm.

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
