"""What `find_issues` needs for a large data set: ``python -m benchmarks.large_inputs [ROWS CLASSES]``.

Makes out-of-sample probabilities of that many rows and classes in a temporary folder, 1,000,000 by 1,000 unless told
otherwise (4 GB on the disk), 3 % of the labels wrong, runs the stage on them in a process of its own, and prints the
highest resident set that it had, the pages of mapped files included.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from benchmarks.conditions import print_conditions
from benchmarks.workplace import ROOT, read_block
from stages.artifacts.decisions import COLUMNS
from stages.artifacts.files import create_array, write_json, write_table
from stages.inspect.__main__ import COMPARED_ROWS
from stages.inspect.outliers import NEIGHBOURS

FLIPPED = 0.03
BLOCK_ROWS = 10_000


def make_large(folder: Path, n_rows: int, n_classes: int) -> None:
    """Write what `find_issues` reads, a block of rows at a time: probabilities that know most of the true labels."""
    for name in ("prepared", "training", "predictions", "examples"):
        (folder / name).mkdir(parents=True)
    rng = np.random.default_rng(0)
    true = rng.permutation(n_rows) % n_classes
    flipped = rng.random(n_rows) < FLIPPED
    labels = np.where(flipped, (true + rng.integers(1, n_classes, n_rows)) % n_classes, true)
    pred_probs = create_array(folder / "predictions" / "pred_probs.npy", (n_rows, n_classes))
    for start in range(0, n_rows, BLOCK_ROWS):
        classes = true[start : start + BLOCK_ROWS]
        logits = rng.standard_normal((len(classes), n_classes), dtype=np.float32)
        logits[np.arange(len(classes)), classes] += rng.normal(11, 2, len(classes)).astype(np.float32)
        exp = np.exp(logits)
        pred_probs[start : start + BLOCK_ROWS] = exp / exp.sum(axis=1, keepdims=True)
    pred_probs.flush()
    for name in ("prepared", "training"):
        np.save(folder / name / "labels.npy", labels)
    np.save(folder / "training" / "decided.npy", np.zeros(n_rows, dtype=bool))
    np.save(folder / "training" / "order.npy", np.arange(n_rows))
    np.save(folder / "prepared" / "contents.npy", np.arange(n_rows))
    np.save(folder / "examples" / "neighbours.npy", find_alike(true))
    write_table(folder / "predictions" / "curves.csv", pd.DataFrame(columns=["fold", "epoch", "train_loss"]))
    write_table(folder / "decisions.csv", pd.DataFrame(columns=COLUMNS))
    write_json(folder / "prepared" / "classes.json", [f"class {label}" for label in range(n_classes)])
    write_table(folder / "prepared" / "ids.csv", pd.DataFrame({"id": np.arange(n_rows)}))


def find_alike(true: np.ndarray) -> np.ndarray:
    """Return as many neighbours of each row as `inspect` does, (n, k) int32: nearly all are of its true class."""
    count = NEIGHBOURS if len(true) <= COMPARED_ROWS else 0
    by_class = np.argsort(true, kind="stable")
    nearest = np.empty((len(true), count), dtype=np.int32)
    for place in range(count):
        nearest[by_class, place] = np.roll(by_class, -1 - place)
    return nearest


def run_stage(folder: Path) -> int:
    """Run the stage in ``folder`` on the data set ``large`` and return the bytes of its highest resident set.

    The kernel's figure for the process is read from within: what is told of an ended child includes its parent's.
    """
    (folder / "params.yaml").write_text(yaml.safe_dump({"large": read_block("mnist")}), encoding="utf-8")
    code = "import stages.find_issues.__main__ as stage; stage.main('large'); print(open('/proc/self/status').read())"
    command = [sys.executable, "-c", code]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    printed = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True).stdout
    kilobytes = re.search(r"VmHWM:\s+(\d+) kB", printed)
    assert kilobytes
    return 1024 * int(kilobytes[1])


def main(n_rows: int, n_classes: int) -> None:
    """Make the data, run the stage and print what it took."""
    print_conditions()
    with tempfile.TemporaryDirectory() as name:
        make_large(Path(name) / "data" / "large", n_rows, n_classes)
        start = time.perf_counter()
        peak = run_stage(Path(name))
        seconds = time.perf_counter() - start
    print("| rows | classes | probabilities | highest resident set | time |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    size = 4 * n_rows * n_classes
    print(f"| {n_rows:,} | {n_classes:,} | {size / 1e9:.1f} GB | {peak / 1e9:.2f} GB | {seconds:.0f} s |")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3] or ("1000000", "1000")))
