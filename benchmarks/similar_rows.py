"""How soon the review's server finds the rows most like one: ``python -m benchmarks.similar_rows``.

The vectors are random, in a file as `embed` leaves them, which is read through memory. The first search also measures
the vectors' lengths.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, random_array

from benchmarks.conditions import print_conditions
from review.rows import SIMILAR
from review.similar import Similar
from stages.artifacts.files import load_array

DENSE = ((70_000, 64), (70_000, 384), (1_000_000, 384))
SPARSE, FILLED = (70_000, 20_000), 12
SEARCHES = 20


def measure(vectors: np.ndarray | csr_matrix) -> tuple[float, float]:
    """Return the seconds of the first search, and the median of the others."""
    similar = Similar(vectors, "pixels")
    rows = np.random.default_rng(1).integers(0, vectors.shape[0], SEARCHES + 1).tolist()
    seconds = [time_of(lambda row=row: similar.find(row, SIMILAR)) for row in rows]  # type: ignore[misc]
    return seconds[0], statistics.median(seconds[1:])


def time_of(search: Callable[[], object]) -> float:
    start = time.perf_counter()
    search()
    return time.perf_counter() - start


def write_dense(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Write random vectors a block at a time, and map them into memory."""
    rng = np.random.default_rng(0)
    written = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    for start in range(0, shape[0], 10_000):
        written[start : start + 10_000] = rng.normal(size=written[start : start + 10_000].shape)
    written.flush()
    return load_array(path)


def main() -> None:
    """Print a line for each kind of vectors."""
    print_conditions()
    print("| rows | numbers in each | the first search | each one after |")
    print("| ---: | ---: | ---: | ---: |")
    for shape in DENSE:
        with tempfile.TemporaryDirectory() as folder:
            show(shape[0], f"{shape[1]:,}", *measure(write_dense(Path(folder) / "features.npy", shape)))
    sparse = random_array(SPARSE, density=FILLED / SPARSE[1], rng=np.random.default_rng(0), dtype=np.float32)
    show(SPARSE[0], f"{FILLED} of {SPARSE[1]:,}", *measure(csr_matrix(sparse)))


def show(n_rows: int, width: str, first: float, after: float) -> None:
    """Print a line."""
    print(f"| {n_rows:,} | {width} | {1000 * first:.0f} ms | {1000 * after:.0f} ms |", flush=True)


if __name__ == "__main__":
    main()
