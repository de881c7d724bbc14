"""Batches cut from whole tensors at once: skorch's iterator without a loop over samples."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import Dataset, Subset

from stages.artifacts.kind import WHITE


class MovedSubset(Subset[Any]):
    """Rows of a data set, whose pictures `TensorBatches` moves by so many pixels down and right."""

    def __init__(self, subset: Subset[Any], down: int, right: int) -> None:
        super().__init__(subset.dataset, subset.indices)
        self.offset = down, right


class TensorBatches:
    """Yield a data set's pictures and labels batch by batch.

    Parameters
    ----------
    dataset : TensorDataset, PictureData or Subset
        Pictures as uint8, which become float32 in [0, 1] a batch at a time, and labels.
    batch_size : int
        Rows in a batch.
    shuffle : bool
        Whether each pass draws a new order from torch's generator.
    max_shift : int
        Up to how many pixels a batch is moved down or up, and right or left: drawn anew for each.
    """

    def __init__(self, dataset: Any, batch_size: int, shuffle: bool = False, max_shift: int = 0) -> None:
        self.batch_size, self.shuffle, self.max_shift = batch_size, shuffle, max_shift
        self.offset = dataset.offset if isinstance(dataset, MovedSubset) else (0, 0)
        self.rows = torch.arange(len(dataset))
        while isinstance(dataset, Subset):
            self.rows, dataset = torch.as_tensor(dataset.indices)[self.rows], dataset.dataset
        self.images, self.labels = dataset.tensors

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        rows = self.rows[torch.randperm(len(self.rows))] if self.shuffle else self.rows
        for batch in self._cut(rows):
            images = self.images[batch].float().div_(WHITE)
            yield shift_images(images, *self._draw_offset()), self.labels[batch]

    def __len__(self) -> int:
        return -(-len(self.rows) // self.batch_size)

    def _cut(self, rows: Tensor) -> tuple[Tensor, ...]:
        batches: tuple[Tensor, ...] = rows.split(self.batch_size)  # type: ignore[no-untyped-call]
        return batches

    def _draw_offset(self) -> tuple[int, int]:
        if not self.max_shift:
            return self.offset
        down, right = torch.randint(-self.max_shift, self.max_shift + 1, (2,)).tolist()
        return down, right


class EvenBatches(TensorBatches):
    """`TensorBatches` as large as each other: a last one of a single picture has no deviation to normalise by."""

    def _cut(self, rows: Tensor) -> tuple[Tensor, ...]:
        return rows.tensor_split(len(self))


def shift_images(images: Tensor, down: int, right: int) -> Tensor:
    """Move pictures of shape (n, C, H, W) by whole pixels; the edge they leave is filled with its own values."""
    if not (down or right):
        return images
    height, width = images.shape[2:]
    border = max(abs(down), abs(right))
    padded = functional.pad(images, [border] * 4, mode="replicate")
    return padded[:, :, border - down :, border - right :][:, :, :height, :width]


def take_rows(data: Dataset[Any], rows: np.ndarray) -> Subset[Any]:
    """Return the part of a data set that a boolean array, or one of row numbers, picks."""
    return Subset(data, np.flatnonzero(rows) if rows.dtype == bool else rows)  # type: ignore[arg-type]
