"""A small table that several annotators labelled, good ones and bad ones, through the real stages."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.artifacts.annotations import Annotations
from tests.review import HEAD
from tests.sources import STAGES, Block, run, write_block

CLASSES = ("ant", "bee", "cat")
N_ROWS = 300
# how often each is right; one takes bees for ants, one says anything, one tires in the last fifth
RIGHT = {"ann": 0.97, "bob": 0.95, "cid": 0.9, "dan <b>": 0.34, "eve": 0.95}


def simulate(
    rng: np.random.Generator, n_rows: int, n_classes: int, right: Sequence[float | np.ndarray], gaps: float = 0.0
) -> tuple[Annotations, np.ndarray]:
    """Return what annotators say who are right so often, by row if they change, and the truth."""
    truth = rng.integers(0, n_classes, n_rows)
    shape = n_rows, len(right)
    is_right = rng.random(shape) < np.column_stack([np.broadcast_to(each, n_rows) for each in right])
    said = np.where(is_right, truth[:, None], rng.integers(0, n_classes, shape))
    rows, annotators = np.nonzero(rng.random(shape) >= gaps)
    names = [f"a{number}" for number in range(len(right))]
    return Annotations(rows, annotators, said[rows, annotators], names, n_rows), truth


def make_table(folder: Path) -> None:
    """Write a table of points around a place for each class, and what annotators said of three in five of them."""
    rng = np.random.default_rng(0)
    truth = np.arange(N_ROWS) % len(CLASSES)
    places = rng.normal(scale=0.6, size=(N_ROWS, 2)) + np.array([(0, 0), (3, 0), (0, 3)])[truth]
    ids = [f"r{row}" for row in range(N_ROWS)]
    pd.DataFrame({"k": ids, "x": places[:, 0], "y": places[:, 1]}).to_csv(folder / "points.csv", index=False)
    lines = []
    for row, row_id in enumerate(ids):
        for name, right in RIGHT.items():
            if rng.random() < 0.4:
                continue
            tired = 0.4 if name == "eve" and row > 0.8 * N_ROWS else 0
            said = truth[row] if rng.random() < right - tired else (truth[row] + rng.integers(1, 3)) % len(CLASSES)
            if name == "cid" and CLASSES[truth[row]] == "bee" and rng.random() < 0.5:
                said = 0
            lines.append((row_id, name, CLASSES[said], f"2026-11-{1 + row // 30:02}T10:{row % 60:02}:00Z"))
    table = pd.DataFrame(lines, columns=["id", "annotator", "label", "time"])
    table.to_csv(folder / "annotations.csv", index=False)


def run_stages(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Run the whole pipeline on them."""
    make_table(folder)
    fetch = {"sources": ["csv:points.csv"], "id": "k", "annotations": "annotations.csv"}
    block: Block = {"fetch": fetch, "preprocess": {"unlabelled": "leave_out"}, "split": {"folds": 3}}
    block["find_issues"] = {"flag": "budget", "budget": 20}
    write_block(folder, {**block, "crossval_predict": {"model": "logistic_regression"}})
    data = folder / "data/toy"
    data.mkdir(parents=True)
    (data / "decisions.csv").write_text(f"{HEAD}\n")
    (data / "certificate").mkdir()
    place = STAGES.index("find_issues")
    for stage in (*STAGES[:place], "consensus", *STAGES[place:]):
        if stage != "consensus" or "consensus" not in STAGES:
            assert run(folder, stage, patch) == 0, stage
