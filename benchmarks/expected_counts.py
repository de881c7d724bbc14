"""How many errors are expected among rows of which it is known which are wrong, and how many there are."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.trust_tables import CLOSE, WIDE
from stages.report.expected import interpolate


class Counted(NamedTuple):
    """What is expected of one run, beside the truth: in all rows, and in the N worst, N being the number of errors.

    Attributes
    ----------
    ratios : tuple of float
        Expected over true errors, 1 added to both.
    held : tuple of bool
        Whether the band holds the truth.
    """

    ratios: tuple[float, float]
    held: tuple[bool, bool]


def count_errors(wrong: np.ndarray, table: pd.DataFrame) -> Counted:
    """Hold a table of the yield against which of the rows are wrong, (n,) bool, in the order of their rank."""
    ratios, held = [], []
    for n_rows in (len(wrong), int(wrong.sum())):
        expected, low, high = (float(interpolate(table, name, np.array(n_rows))) for name in table.columns[1:])
        truth = int(wrong[:n_rows].sum())
        ratios.append((expected + 1) / (truth + 1))
        held.append(bool(np.floor(low) <= truth <= np.ceil(high)))
    return Counted((ratios[0], ratios[1]), (held[0], held[1]))


def describe_counts(runs: list[Counted]) -> list[str]:
    """Return the mean ratios of some runs, and in how many of them the band holds the truth."""
    ratios, held = average_ratios(runs), np.mean([run.held for run in runs], axis=0)
    return [" / ".join(f"{ratio:.2f}" for ratio in ratios), " / ".join(f"{share:.0%}" for share in held)]


def average_ratios(runs: list[Counted]) -> np.ndarray:
    """Return the mean of expected over true errors, (2,): in all rows, and in the N worst."""
    mean: np.ndarray = np.mean([run.ratios for run in runs], axis=0)
    return mean


def summarise_counts(cells: list[list[Counted]]) -> list[str]:
    """Return how many cells, each of some runs, are as near the truth as either limit, and how often the band holds."""
    ratios = np.array([average_ratios(runs) for runs in cells])
    near = [((ratios >= low) & (ratios <= high)).sum(axis=0) for low, high in (WIDE, CLOSE)]
    held = np.mean([run.held for runs in cells for run in runs], axis=0)
    shares = [*(counts / len(cells) for counts in near), held]
    return [str(len(cells)), *(" / ".join(f"{share:.0%}" for share in each) for each in shares)]
