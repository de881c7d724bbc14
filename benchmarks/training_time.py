"""How much faster `mnist` trains than `mnist_tutorial`: ``python -m benchmarks.training_time``.

It needs ``data/mnist/prepared`` (set ``datasets: [mnist]`` and run ``dvc repro preprocess@mnist``). One fold of each is
trained in turn on one core, several times over, because times on a shared machine drift: the ratio of two neighbours
does not. The tutorial's 50 epochs are alike, so it is trained for two and scaled.
"""

import platform
import statistics
import time
from pathlib import Path

import numpy as np
import torch

from stages.crossval_predict.folds import assign_folds
from stages.crossval_predict.settings import Settings
from stages.crossval_predict.training import fit_fold
from stages.params import read_section

PAIRS = 5
TUTORIAL_EPOCHS = 2


def seconds_per_fold(settings: Settings, images: np.ndarray, labels: np.ndarray) -> float:
    """Train the first fold and return the seconds it took."""
    folds = assign_folds(labels, [str(label) for label in range(10)], settings.folds, settings.seed)
    start = time.perf_counter()
    fit_fold(images, labels, folds == 0, 0, settings, "cpu")
    return time.perf_counter() - start


def main() -> None:
    prepared = Path("data/mnist/prepared")
    images, labels = np.load(prepared / "images.npy"), np.load(prepared / "labels.npy")
    fast = read_section("mnist", "crossval_predict", Settings)
    tutorial = read_section("mnist_tutorial", "crossval_predict", Settings)
    short = tutorial.model_copy(update={"max_epochs": TUTORIAL_EPOCHS})
    print(f"{platform.processor() or platform.machine()}, torch {torch.__version__}, one thread, {PAIRS} pairs")
    columns = [f"mnist, {fast.max_epochs} epochs", f"tutorial, {TUTORIAL_EPOCHS} epochs"]
    print(f"| pair | {' | '.join(columns)} | ratio at its {tutorial.max_epochs} |")
    print("| ---: | ---: | ---: | ---: |")
    ratios = []
    for pair in range(1, PAIRS + 1):
        mine = seconds_per_fold(fast, images, labels)
        theirs = seconds_per_fold(short, images, labels)
        ratios.append(theirs * tutorial.max_epochs / TUTORIAL_EPOCHS / mine)
        print(f"| {pair} | {mine:.1f} s | {theirs:.1f} s | {ratios[-1]:.1f} |", flush=True)
    print(f"median ratio {statistics.median(ratios):.1f}, from {min(ratios):.1f} to {max(ratios):.1f}")


if __name__ == "__main__":
    main()
