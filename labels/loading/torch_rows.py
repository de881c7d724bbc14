"""Rows as torch takes them. It imports torch, so it is imported only when asked for."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from labels.loading.files import Files

WHITE = 255


class Rows(Dataset[tuple[Any, int]]):
    """Pairs of what is in a row and its target; `labels.loading.data.Data.to_torch` says what they are."""

    def __init__(self, features: Any, targets: np.ndarray, transform: Callable[[Any], Any] | None) -> None:
        self.features, self.targets, self.transform = features, targets, transform

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, row: int) -> tuple[Any, int]:
        """Return a row, transformed, and its target."""
        is_file = isinstance(self.features, Files)
        content = self.features.open(row) if is_file else to_tensor(self.features[row])
        if self.transform:
            content = self.transform(content)
        elif is_file:
            content = to_tensor(np.asarray(content).transpose(2, 0, 1))
        return content, int(self.targets[row])


def to_tensor(content: Any) -> Any:
    """Return a row of numbers as float32, bytes as numbers from 0 to 1, and a text as it is."""
    if isinstance(content, str):
        return content
    values = torch.from_numpy(np.array(content, dtype=np.float32))
    return values / WHITE if content.dtype == np.uint8 else values
