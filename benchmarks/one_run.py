"""One run of a stage, or of what it computes, and what it took: ``python -m benchmarks.one_run WHAT FOLDER``.

FOLDER has a data set called ``large``. WHAT is the name of a stage; or that of a method of `stages.consensus`, or
``ranking``, what `find_issues` does with labels and probabilities: these get arrays in memory, and have run once on a
few rows before. Prints the seconds, those of the processor, and by how many MB the highest resident set has grown
since all was imported and read, the pages of mapped files included.
"""

import importlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

STAGES = ("find_issues", "consensus")
RANKING = "ranking"
WARM_ROWS = 3000
DATASET = "large"


def measure(run: Callable[[], Any]) -> None:
    """Run it and print what it took."""
    before, wall, processor = read_peak(), time.perf_counter(), time.process_time()
    run()
    print(time.perf_counter() - wall, time.process_time() - processor, read_peak() - before)


def read_peak() -> float:
    """Return the highest resident set that this process had, in MB.

    The kernel's other figure, of `getrusage`, may be the parent's.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def prepare_part(name: str) -> Callable[[], Any]:
    """Read the annotations and the probabilities, run the part on the first rows, and return how to run it on all."""
    from stages.artifacts.annotations import Annotations, read_annotations

    folder = Path("data") / DATASET
    said = read_annotations(folder)
    assert said
    pred_probs = np.load(folder / "predictions" / "pred_probs.npy")
    few = said.rows < WARM_ROWS
    first = Annotations(said.rows[few], said.annotators[few], said.labels[few], said.names, WARM_ROWS)
    run = find_part(name)
    run(first, pred_probs[:WARM_ROWS])
    return lambda: run(said, pred_probs)


def find_part(name: str) -> Callable[[Any, np.ndarray], Any]:
    """Return what a stage computes of annotations and probabilities."""
    if name != RANKING:
        from stages.consensus.choice import CROWDLAB, DAWID_SKENE

        return {method.name: method.run for method in (CROWDLAB, DAWID_SKENE)}[name]
    from benchmarks.judging import judge
    from stages.artifacts.annotations import vote
    from stages.find_issues.settings import Settings

    return lambda said, pred_probs: judge(vote(said.rows, said.labels, said.n_rows)[0], pred_probs, Settings())


if __name__ == "__main__":
    what, place = sys.argv[1:]
    os.chdir(place)
    if what in STAGES:
        stage = importlib.import_module(f"stages.{what}.__main__")
        measure(lambda: stage.main(DATASET))
    else:
        measure(prepare_part(what))
