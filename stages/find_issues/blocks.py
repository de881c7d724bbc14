"""Reads the probabilities a block of rows at a time, so that a file larger than memory will do."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from stages.artifacts.files import load_array

BLOCK_BYTES = 1 << 26


class PredProbs:
    """The rows of ``pred_probs.npy``, copied as they are asked for.

    Each reading maps the file anew: the pages of a map count as this process's memory until it is closed.

    Parameters
    ----------
    path : Path
        A file of (n, K) float32, or (R, n, K) of R runs.
    rows : ndarray of int64, optional
        Which of its rows these are; all of them by default.
    run : int, optional
        Which of the runs these are of, if the file has several.
    """

    def __init__(self, path: Path, rows: np.ndarray | None = None, run: int | None = None) -> None:
        self.path, self.rows, self.run = path, rows, run
        n_rows, n_classes = self._map().shape
        self.shape = (n_rows if rows is None else len(rows), n_classes)

    def __getitem__(self, rows: slice | np.ndarray) -> np.ndarray:
        return np.array(self._map()[rows if self.rows is None else self.rows[rows]])

    def _map(self) -> np.ndarray:
        array = load_array(self.path)
        return array if self.run is None else array[self.run]


def take_rows(pred_probs: PredProbs | np.ndarray, rows: np.ndarray) -> PredProbs | np.ndarray:
    """Return some of the rows of all that there are, of a file without reading them."""
    return PredProbs(pred_probs.path, rows, pred_probs.run) if isinstance(pred_probs, PredProbs) else pred_probs[rows]


def split_rows(shape: tuple[int, int]) -> Iterator[slice]:
    """Yield slices of rows that hold up to `BLOCK_BYTES` of float32 each, all together every row once."""
    n_rows, n_classes = shape
    step = max(1, BLOCK_BYTES // (4 * n_classes))
    for start in range(0, n_rows, step):
        yield slice(start, min(start + step, n_rows))


def columns_at_once(n_rows: int) -> int:
    """Return how many columns of so many rows a block holds."""
    return max(1, BLOCK_BYTES // (4 * max(1, n_rows)))


def read_columns(pred_probs: PredProbs | np.ndarray, rows: np.ndarray, columns: list[int]) -> np.ndarray:
    """Return some columns of some rows, of which no more than a block is read whole at a time."""
    parts = [pred_probs[rows[part]][:, columns] for part in split_rows((len(rows), pred_probs.shape[1]))]
    return np.concatenate(parts) if parts else np.empty((0, len(columns)), np.float32)
