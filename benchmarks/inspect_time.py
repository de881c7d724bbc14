"""What `inspect` takes, from the digits to a million rows: ``python -m benchmarks.inspect_time``.

Digits and MNIST are as `preprocess` left them. The others are MNIST's pictures again and again, with noise of up to
eight levels of grey on each pixel. Each is run as a process of its own, its imports and the reading included;
where other work keeps the cores busy, the time that all of them gave says more than the time that passed.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.conditions import print_conditions
from benchmarks.workplace import ROOT, read_prepared
from stages.artifacts.files import read_json, write_json, write_table
from stages.inspect.__main__ import COMPARED_ROWS

MANY = 1_000_000
BLOCK_ROWS = 10_000
NOISE = 8
CODE = """
import time, stages.inspect.__main__ as stage
print(stage.main("data"), time.process_time(), open("/proc/self/status").read(), sep="\\n")
"""


def make_many(prepared: Path, images: np.ndarray, labels: np.ndarray, n_rows: int) -> None:
    """Write that many pictures, all of them different, a block of rows at a time."""
    rng = np.random.default_rng(0)
    rows = np.arange(n_rows) % len(images)
    shape = (n_rows, *images.shape[1:])
    many = np.lib.format.open_memmap(prepared / "images.npy", mode="w+", dtype=np.uint8, shape=shape)
    for start in range(0, n_rows, BLOCK_ROWS):
        block = images[rows[start : start + BLOCK_ROWS]]
        many[start : start + len(block)] = block ^ rng.integers(0, NOISE, block.shape, dtype=np.uint8)
    many.flush()
    np.save(prepared / "labels.npy", labels[rows])
    np.save(prepared / "contents.npy", np.arange(n_rows))
    write_table(prepared / "ids.csv", pd.DataFrame({"id": np.arange(n_rows)}))
    write_json(prepared / "classes.json", [str(label) for label in range(int(labels.max()) + 1)])


def measure(name: str, folder: Path) -> None:
    """Run the stage in ``folder`` and print what it took, the pages of mapped files included."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    (folder / "params.yaml").write_text("data: {}", encoding="utf-8")
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", CODE], cwd=folder, env=env, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - start
    said, busy = done.stdout.splitlines()[:2]
    memory = re.search(r"VmHWM:\s+(\d+) kB", done.stdout)
    assert memory
    rows = read_json(folder / "data" / "data" / "examples" / "examples.json")["rows"]
    peak = 1024 * int(memory[1]) / 1e9
    print(f"| {name} | {rows:,} | {seconds:.1f} s | {float(busy):.1f} s | {peak:.2f} GB | {said} |", flush=True)


def main() -> None:
    """Measure each data set in a temporary folder."""
    print_conditions()
    print("| data | rows | time | of all cores | highest resident set | it says |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    for name in ("digits", "mnist"):
        read_prepared(name)
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(ROOT / "data" / name / "prepared", Path(folder) / "data" / "data" / "prepared")
            measure(name, Path(folder))
    for n_rows in (COMPARED_ROWS, MANY):
        with tempfile.TemporaryDirectory() as folder:
            prepared = Path(folder) / "data" / "data" / "prepared"
            prepared.mkdir(parents=True)
            make_many(prepared, *read_prepared("mnist"), n_rows)
            measure("MNIST with noise", Path(folder))


if __name__ == "__main__":
    main()
