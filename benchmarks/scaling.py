"""How the time of cross-validation grows with rows, and falls with workers: ``python -m benchmarks.scaling``."""

import statistics

import numpy as np

from benchmarks.conditions import print_conditions
from benchmarks.workplace import open_workplace, read_prepared, train

ROWS = (5_000, 10_000, 20_000, 40_000, 70_000)
ROUNDS = 3


def time_rows(images: np.ndarray, labels: np.ndarray) -> None:
    """Train on more and more rows, and print the time of each beside what the straight line through them says."""
    seconds = []
    for n_rows in ROWS:
        with open_workplace(images[:n_rows], labels[:n_rows]) as folder:
            seconds.append(min(train(folder, "mnist").seconds for _ in range(ROUNDS)))
    slope, start = np.polyfit(ROWS, seconds, 1)
    print("| rows | time | on the line |\n| ---: | ---: | ---: |")
    for n_rows, measured in zip(ROWS, seconds, strict=True):
        print(f"| {n_rows:,} | {measured:.1f} s | {start + slope * n_rows:.1f} s |")
    print(f"the line: {start:.1f} s and {1000 * slope:.3f} s for each 1,000 rows\n")


def time_workers(images: np.ndarray, labels: np.ndarray) -> None:
    """Train by one worker and by two in turn, and print how much of the second is used, with and without the start.

    The start is the imports: each worker makes its own, in seconds that a second core cannot save.
    """
    print("| round | 1 worker | 2 workers | efficiency | of that training | | efficiency |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    rounds = []
    with open_workplace(images, labels) as folder:
        for number in range(1, ROUNDS + 1):
            one, two = (train(folder, "mnist", workers=workers) for workers in (1, 2))
            whole, training = one.seconds / two.seconds / 2, one.training_seconds / two.training_seconds / 2
            rounds.append((whole, training))
            cells = f"{one.seconds:.1f} s | {two.seconds:.1f} s | {whole:.2f}"
            of_it = f"{one.training_seconds:.1f} s | {two.training_seconds:.1f} s | {training:.2f}"
            print(f"| {number} | {cells} | {of_it} |", flush=True)
    whole, training = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"median efficiency {whole:.2f} of the whole process, {training:.2f} of its training")


if __name__ == "__main__":
    print_conditions()
    time_rows(*read_prepared("mnist"))
    time_workers(*read_prepared("mnist"))
