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
from benchmarks.pretrained import HEAD, PICTURES, SEED, describe, predict, prepare, write_row
from stages.flip.noise import flip_labels
from tests.pretrained import declare_operators, write_lite0

SIZE = 128
# of `benchmarks.pretrained`: to train on all takes an hour
NOISES = PICTURES[:1]


def compare(what: str, lite0: Path) -> None:
    """Print the rows of one data set."""
    block = {**describe(what, lite0.parent, lite0).block, "preprocess": {}}
    with prepare(block) as (prepared, embedding):
        labels = np.load(prepared / "labels.npy")
        uniform = np.full((len(labels), labels.max() + 1), 1 / (labels.max() + 1), np.float32)
        for kind, share in NOISES:
            given, flipped = flip_labels(labels, kind, share, SEED, uniform)
            frozen, seconds = predict(prepared, given, {"model": "embedding"})
            tuned, more = predict(prepared, given, {"model": f"timm:{lite0}", "arguments": {"size": SIZE}})
            models = {
                "`embedding`": (frozen, f"{embedding:.0f} once, then {seconds:.0f}"),
                "`timm:`, all of it trained": (tuned, f"{more:.0f}"),
                "mean of both": ((frozen + tuned) / 2, ""),
            }
            cells = Path(what).name, f"{len(labels):,}", f"{kind.replace('_', '-')} {share:.0%}"
            for name, (pred_probs, said) in models.items():
                write_row((*cells, name), labels, given, flipped, pred_probs, said)


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
