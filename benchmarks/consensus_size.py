"""What the consensus of a large data set takes, beside `find_issues`: ``python -m benchmarks.annotators size``.

100,000 rows with 5 labels each in 50 classes; annotators are right four times in five. The model is good, so that the
stage `consensus` takes CROWDLAB, or useless, so that it takes Dawid and Skene. The stages `find_issues` and
`consensus`, and what they compute alone, run in turn, each time in a process of its own.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import yaml

from benchmarks.large_inputs import make_large
from benchmarks.one_run import DATASET, RANKING
from benchmarks.workplace import ROOT, read_block
from stages.artifacts.annotations import Annotations, vote, write_annotations
from stages.artifacts.kind import write_kind
from stages.consensus.choice import CROWDLAB, DAWID_SKENE

ROWS, LABELS, CLASSES = 100_000, 5, 50
RIGHT = 0.8
ROUNDS = 5
# annotators, whether the model is good, and what the stage then takes; of more than 200, it never takes the second
CASES = ((5, True, CROWDLAB), (747, True, CROWDLAB), (5, False, DAWID_SKENE), (200, False, DAWID_SKENE))


def print_sizes() -> None:
    """Print medians of both of a pair, and the ratios of the pairs with their spread."""
    print(f"{ROWS:,} rows, {LABELS} labels each, {CLASSES} classes; {ROUNDS} pairs")
    print("seconds, seconds of the processor, MB more than before: medians of both, and ratios, the least and the most")
    print("| annotators | consensus | what | wall | processor | memory | ratios |\n|---:|---|---|---:|---:|---:|---|")
    for n_annotators, is_good, method in CASES:
        with tempfile.TemporaryDirectory() as name:
            make_case(Path(name), n_annotators, is_good)
            # the other stage reads what it leaves
            assert method.name in run_once(Path(name), "consensus")[1]
            for what, pair in (("stage", ("find_issues", "consensus")), ("alone", (RANKING, method.name))):
                print(f"| {n_annotators} | {method.name} | {what} | {compare(Path(name), pair)} |", flush=True)


def make_case(folder: Path, n_annotators: int, is_good: bool) -> None:
    """Write what both stages read."""
    data = folder / "data" / DATASET
    make_large(data, ROWS, CLASSES)
    true = np.load(data / "prepared" / "labels.npy")
    said = annotate(true, n_annotators, np.random.default_rng(1))
    write_annotations(data / "prepared", said)
    write_kind(data / "prepared", "table")
    voted, _ = vote(said.rows, said.labels, said.n_rows)
    for name in ("prepared", "training"):
        np.save(data / name / "labels.npy", voted)
    if not is_good:
        path = data / "predictions" / "pred_probs.npy"
        np.save(path, np.random.default_rng(2).permutation(np.load(path)))
    (folder / "params.yaml").write_text(yaml.safe_dump({DATASET: read_block("mnist")}), encoding="utf-8")


def annotate(true: np.ndarray, n_annotators: int, rng: np.random.Generator) -> Annotations:
    """Let so many annotators as each row has labels, one after the other, label rows whose classes are known."""
    rows = np.repeat(np.arange(ROWS), LABELS)
    first = np.repeat(rng.integers(0, n_annotators, ROWS), LABELS)
    who = (first + np.arange(len(rows)) % LABELS) % n_annotators
    order = np.lexsort((who, rows))
    labels = np.where(rng.random(len(rows)) < RIGHT, true[rows], rng.integers(0, CLASSES, len(rows)))
    numbers = (rows.astype(np.int32), who[order].astype(np.int32), labels.astype(np.int32))
    return Annotations(*numbers, [f"a{number:03}" for number in range(n_annotators)], ROWS)


def run_once(folder: Path, what: str) -> tuple[np.ndarray, str]:
    """Return what one run took, (3,) float64, and what was found by which method."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "benchmarks.one_run", what, str(folder)]
    printed = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout
    about = folder / "data" / DATASET / "consensus" / "about.json"
    return np.array(printed.split(), dtype=float), about.read_text(encoding="utf-8")


def compare(folder: Path, pair: tuple[str, str]) -> str:
    """Run both of a pair in turn, and return the cells."""
    taken = np.array([[run_once(folder, what)[0] for what in pair] for _ in range(ROUNDS)])
    medians, ratios = np.median(taken, axis=0), taken[:, 1] / taken[:, 0]
    both = [f"{ours:.2f} against {theirs:.2f}" for theirs, ours in medians.T[:2]]
    memory = f"{medians[1, 2]:.0f} against {medians[0, 2]:.0f} MB"
    spread = [f"{np.median(each):.2f} ({each.min():.2f} to {each.max():.2f})" for each in ratios.T]
    return " | ".join([*both, memory, ", ".join(spread)])
