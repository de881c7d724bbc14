"""What training a pretrained network further gives beside its frozen features, on a CPU.

``REAL_DATA=… python -m benchmarks.fine_tuned WHAT …``: WHAT is signs or clothes, or any folder of pictures with a
sub-folder for each class. The network, the noise, the folds and the columns are those of ``benchmarks.pretrained``;
its figures for the same network's frozen features are computed again, beside the mean of both.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.conditions import print_conditions
from benchmarks.pretrained import HEAD, PICTURES, Models, describe, predict, prepare, write_rows
from tests.pretrained import declare_operators, write_lite0

SIZE = 128
# of `benchmarks.pretrained`: to train on all takes an hour
NOISES = PICTURES[:1]


def compare(what: str, lite0: Path) -> None:
    """Print the rows of one data set."""
    block = {**describe(what, lite0.parent, lite0).block, "preprocess": {}}
    with prepare(block) as (prepared, embedding):

        def measure(given: np.ndarray) -> Models:
            frozen, seconds = predict(prepared, given, {"model": "embedding"})
            tuned, more = predict(prepared, given, {"model": f"timm:{lite0}", "arguments": {"size": SIZE}})
            return {
                "`embedding`": (frozen, f"{embedding:.0f} once, then {seconds:.0f}"),
                "`timm:`, all of it trained": (tuned, f"{more:.0f}"),
                "mean of both": ((frozen + tuned) / 2, ""),
            }

        write_rows(Path(what).name, prepared, NOISES, measure)


def main(wanted: list[str]) -> None:
    """Print a table of all data sets."""
    print(HEAD)
    declare_operators()
    with tempfile.TemporaryDirectory() as name:
        lite0 = write_lite0(Path(name) / "lite0")
        for what in wanted:
            compare(what, lite0)


if __name__ == "__main__":
    print_conditions()
    main(sys.argv[1:])
