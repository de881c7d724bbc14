"""A table of a million rows through the whole pipeline: ``python -m benchmarks.large_table [ROWS]``.

It makes a CSV file of 20 columns, two of them categories, whose labels depend on some of them, 3 % flipped; clones this
repository, and runs `dvc repro` on it. The times and the memory are taken as in `benchmarks.pipeline_time`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from benchmarks.conditions import print_conditions
from benchmarks.injected_noise import FLIPPED
from benchmarks.pipeline_time import run_pipeline
from benchmarks.workplace import ROOT
from stages.artifacts.issues import read_flagged
from stages.flip.noise import flip_uniformly

ROWS, NUMBERS, CLASSES = 1_000_000, 18, 3
CATEGORIES = {"city": 1000, "plan": 12}
MISSING = 0.02
SETTINGS = {"model": "gradient_boosting"}


def make_table(path: Path, n_rows: int) -> np.ndarray:
    """Write the file and return which labels were flipped, (n,) bool."""
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(n_rows, NUMBERS)).round(4)
    codes = {name: rng.integers(0, count, n_rows) for name, count in CATEGORIES.items()}
    scores = numbers[:, :CLASSES] * 2 + np.sin(numbers[:, CLASSES : 2 * CLASSES] * 2)
    for name, count in CATEGORIES.items():
        scores += rng.normal(size=(count, CLASSES))[codes[name]]
    labels, flipped = flip_uniformly(scores.argmax(axis=1), CLASSES, FLIPPED, seed=0)
    numbers[rng.random(numbers.shape) < MISSING] = np.nan
    table = pd.DataFrame(numbers, columns=[f"number {k}" for k in range(NUMBERS)])
    for name, column in codes.items():
        table[name] = np.array([f"{name} {k}" for k in range(CATEGORIES[name])])[column]
    table["label"] = np.array(["low", "middle", "high"])[labels]
    table.to_csv(path, index=False)
    return flipped


def clone_for(table: Path, folder: Path) -> None:
    """Clone this repository and have it clean the table."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    block = {
        "fetch": {"sources": [f"csv:{table}"], "label": "label"},
        "preprocess": {},
        "split": {},
        "crossval_predict": SETTINGS,
        "find_issues": {"budget": "3%"},
        "clean": {"undecided": "keep"},
        "report": {},
    }
    params = {"datasets": ["large"], "audited": [], "compared": [], "large": block}
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


def main(n_rows: int) -> None:
    """Make the table, run the pipeline, and print the times, the memory and what was found."""
    with tempfile.TemporaryDirectory() as name:
        table, clone = Path(name) / "table.csv", Path(name) / "clone"
        flipped = make_table(table, n_rows)
        clone_for(table, clone)
        print(f"{n_rows:,} rows, {NUMBERS + len(CATEGORIES)} columns, {table.stat().st_size / 1e6:.0f} MB as CSV\n")
        began, peak = run_pipeline(clone)
        issues = read_flagged(clone / "data/large")
    times = list(began.values())
    print("| stage | time |\n| --- | ---: |")
    for stage, start, end in zip(began, times, times[1:], strict=False):
        print(f"| `{stage}` | {end - start:.0f} s |")
    found = flipped[issues["id"].astype(int)].mean()
    print(
        f"\nall {times[-1]:.0f} s; memory {peak / 1e9:.2f} GB; {found:.2f} of the {len(issues):,} flagged were flipped"
    )


if __name__ == "__main__":
    print_conditions()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
