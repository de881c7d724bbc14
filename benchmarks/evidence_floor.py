"""What `noise_posterior` gains over self-confidence, by kind of noise: ``python -m benchmarks.evidence_floor FOLDER``.

FOLDER has the runs that `benchmarks.known_errors` makes; those without wrong labels are left out. Beside the score as
it is stand two with a floor of evidence: the weight w of its noise matrix is multiplied by M / (M + A), M being the
number of rows that confidently belong to another class, so that few of them weigh next to nothing. The average
precision is that of the wrong labels. Its difference is averaged over the runs of each data set; given are the mean
over data sets and its 95 % interval (Student's t), in points of a hundred, and the worst run.
"""

import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

from benchmarks.conditions import print_conditions
from benchmarks.detection import print_table, with_interval
from benchmarks.known_runs import KINDS, list_runs, read_evidence
from stages.find_issues.evidence import Evidence
from stages.find_issues.scores import noise_posterior, self_confidence

# counts at which the floor halves the weight; 0 is the score as it is
FLOORS = (0, 300, 1000)


def score_with_floor(evidence: Evidence, floor: int) -> np.ndarray:
    """Return the score with a floor of evidence."""
    weigh, n_wrong = noise_posterior.weigh_evidence, evidence.counts.sum() - evidence.counts.trace()
    held = n_wrong / max(n_wrong + floor, 1)
    with patch.object(noise_posterior, "weigh_evidence", lambda counts: weigh(counts) * held):
        return noise_posterior.score(evidence)


def name_form(floor: int) -> str:
    """Return what the score with such a floor is called."""
    return f"w · M / (M + {floor})" if floor else "w as it is"


def measure_gains(folder: Path) -> pd.DataFrame:
    """Return what each form gains over self-confidence in each run."""
    rows = []
    for path in list_runs(folder):
        name, evidence, wrong = read_evidence(path)
        if not wrong.any():
            continue
        plain = average_precision_score(wrong, -self_confidence.score(evidence))
        gains = {
            name_form(floor): average_precision_score(wrong, -score_with_floor(evidence, floor)) - plain
            for floor in FLOORS
        }
        rows.append({"dataset": name.dataset, "kind": name.kind, **gains})
    return pd.DataFrame(rows)


def describe(part: pd.DataFrame, form: str) -> list[str]:
    """Return the mean gain with its interval, the share of runs that lose a point or more, and the worst run."""
    by_dataset = part.groupby("dataset")[form].mean().to_numpy()
    return [with_interval(by_dataset), f"{(part[form] <= -0.01).mean():.0%}", f"{100 * part[form].min():+.1f}"]


def main(folder: Path) -> None:
    """Measure, and print the table."""
    gains = measure_gains(folder)
    columns = ["noise", "runs", "data sets"]
    for floor in FLOORS:
        columns += [name_form(floor), "runs that lose a point", "worst run"]
    rows = []
    for kind in (None, *KINDS[1:]):
        part = gains if kind is None else gains[gains["kind"] == kind]
        cells = [cell for floor in FLOORS for cell in describe(part, name_form(floor))]
        name = "any" if kind is None else kind.replace("_", "-")
        rows.append([name, str(len(part)), str(part["dataset"].nunique()), *cells])
    print_table("What noise_posterior gains in average precision over self_confidence, in points.", columns, rows)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m benchmarks.evidence_floor FOLDER")
    print_conditions()
    main(Path(sys.argv[1]))
