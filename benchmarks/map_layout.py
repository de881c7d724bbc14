"""How long `inspect` takes for the places on the map: ``python -m benchmarks.map_layout``.

Lays out the first rows of MNIST, and all of them, by PCA and by t-SNE, with the search for neighbours on one core too.
t-SNE is done with one thread and with two, whose bytes are compared. Needs requirements-embed.txt.
"""

import os
import time
from unittest.mock import patch

import numpy as np

from benchmarks.conditions import print_conditions
from benchmarks.workplace import read_prepared
from stages.artifacts.kind import WHITE
from stages.artifacts.pictures import shrink
from stages.inspect import plane
from stages.inspect.plane import lay_out

ROWS = (10_000, 70_000)


def measure(features: np.ndarray, method: str, threads: int) -> tuple[float, bytes]:
    """Return the seconds of processor time and the places."""
    start = time.process_time()
    with patch.object(plane, "THREADS", threads):
        places = lay_out(features, method)
    return time.process_time() - start, places.tobytes()


def main() -> None:
    """Print a line for each number of rows."""
    # what joblib takes for the number of cores
    os.environ["LOKY_MAX_CPU_COUNT"] = "1"
    print_conditions()
    images, _ = read_prepared("mnist")
    print("| rows | PCA | t-SNE, of the processor | on two threads | the same bytes |")
    print("| ---: | ---: | ---: | ---: | --- |")
    for n_rows in ROWS:
        features = shrink(images[:n_rows]) / np.float32(WHITE)
        pca, _ = measure(features, "pca", 1)
        one, places = measure(features, "tsne", 1)
        two, others = measure(features, "tsne", 2)
        same = "yes" if places == others else "no"
        print(f"| {n_rows:,} | {pca:.2f} s | {one:.0f} s | {two:.0f} s | {same} |", flush=True)


if __name__ == "__main__":
    main()
