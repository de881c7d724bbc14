"""What `noise_posterior` gains over self-confidence, by kind of noise: ``python -m benchmarks.evidence_floor FOLDER``.

FOLDER has the runs that `benchmarks.known_errors` makes; those without wrong labels are left out. Beside the score as
it is stand forms that multiply the weight w of its noise matrix:

- by M / (M + A), M being the number of rows that confidently belong to another class, so that few of them weigh next to
  nothing;
- by q too, the share of these rows that `doubt_labels` expects to be wrong labels, without any neighbours. The weights
  of that were fitted on such runs.

The average precision is that of the wrong labels. Its difference is averaged over the runs of each data set; given are
the mean over data sets and its 95 % interval (Student's t), in points of a hundred, and the worst run.
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
from stages.find_issues.doubts import doubt_labels, no_votes
from stages.find_issues.evidence import Evidence
from stages.find_issues.scores import noise_posterior, self_confidence

# what is multiplied: whether by q, and the A of M / (M + A)
FORMS = {
    "w": (False, 0),
    "w · M / (M + 300)": (False, 300),
    "w · M / (M + 1000)": (False, 1000),
    "w · q · M / (M + 100)": (True, 100),
    "w · q · M / (M + 300)": (True, 300),
}


def weigh_less(evidence: Evidence, by_precision: bool, floor: int) -> float:
    """Return by what w is multiplied."""
    n_wrong = int(evidence.counts.sum() - evidence.counts.trace())
    held = n_wrong / max(n_wrong + floor, 1)
    if not by_precision or not evidence.off_diagonal.any():
        return held
    doubts = doubt_labels(evidence, no_votes(len(evidence.labels)))
    return held * float(doubts[evidence.off_diagonal].mean())


def score_with_less(evidence: Evidence, factor: float) -> np.ndarray:
    """Return the score with w multiplied by a factor."""
    weigh = noise_posterior.weigh_evidence
    with patch.object(noise_posterior, "weigh_evidence", lambda counts: weigh(counts) * factor):
        return noise_posterior.score(evidence)


def measure_gains(folder: Path) -> pd.DataFrame:
    """Return what each form gains over self-confidence in each run."""
    rows = []
    for path in list_runs(folder):
        name, evidence, wrong = read_evidence(path)
        if not wrong.any():
            continue
        plain = average_precision_score(wrong, -self_confidence.score(evidence))
        scores = {form: score_with_less(evidence, weigh_less(evidence, *less)) for form, less in FORMS.items()}
        gains = {form: average_precision_score(wrong, -score) - plain for form, score in scores.items()}
        rows.append({"dataset": name.dataset, "kind": name.kind, **gains})
    return pd.DataFrame(rows)


def describe(part: pd.DataFrame, form: str) -> list[str]:
    """Return the mean gain with its interval, the share of runs that lose a point or more, and the worst run."""
    by_dataset = part.groupby("dataset")[form].mean().to_numpy()
    return [with_interval(by_dataset), f"{(part[form] <= -0.01).mean():.0%}", f"{100 * part[form].min():+.1f}"]


def main(folder: Path) -> None:
    """Measure, and print the table."""
    gains = measure_gains(folder)
    columns, rows = ["noise", "runs", "data sets"], []
    for form in FORMS:
        columns += [form, "runs that lose a point", "worst run"]
    for kind in (None, *KINDS[1:]):
        part = gains if kind is None else gains[gains["kind"] == kind]
        name = "any" if kind is None else kind.replace("_", "-")
        cells = [cell for form in FORMS for cell in describe(part, form)]
        rows.append([name, str(len(part)), str(part["dataset"].nunique()), *cells])
    print_table("What noise_posterior gains in average precision over self_confidence, in points.", columns, rows)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m benchmarks.evidence_floor FOLDER")
    print_conditions()
    main(Path(sys.argv[1]))
