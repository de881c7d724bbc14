"""How far the numbers hold: ``python -m benchmarks.trust FOLDER [--weights]``.

FOLDER has the runs that `benchmarks.known_errors` makes: models of all strengths whose labels were made wrong in seven
ways, so that the truth is known. The weights of `stages.find_issues.doubts` are fitted on all but one family of data
sets, and what the product then says of the runs of that family is held against the truth: how many errors are
expected, in all rows and in the N worst, N being the number of wrong labels; whether the band holds the truth; whether
flags are right; and what the verdict on the model is. People are simulated who decide rightly, on half of the rows
worst first and on half as the review page spreads them. "Before" is what was said when each confident disagreement
counted as an error.

It also measures what `stages.find_issues.worth` has as the spread: how far the number of errors and the slope of the
expected probabilities are off. ``--weights`` prints only the weights, fitted on all runs, for
`stages.find_issues.doubts`.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t

from benchmarks.conditions import print_conditions
from benchmarks.detection import print_table
from benchmarks.known_runs import REPLACED, KnownRun, read_runs
from benchmarks.trust_fit import expect_left_out, fit_weights, measure_spread
from benchmarks.trust_measure import measure_run
from benchmarks.trust_tables import (
    show_acting,
    show_cells,
    show_expected,
    show_failures,
    show_flags,
    show_neighbours,
    show_spread,
    show_strength,
    show_verdicts,
    show_worth,
)
from stages.artifacts.calibration import TAILS
from stages.find_issues.doubts import WITH_VOTES, WITHOUT_VOTES
from stages.find_issues.worth import SPREAD

SHOWN = (
    show_expected,
    show_verdicts,
    show_cells,
    show_worth,
    show_flags,
    show_acting,
    show_strength,
    show_failures,
    show_spread,
)
QUARTILES = 2 * t.ppf(0.75, TAILS)


def choose_fitted(runs: list[KnownRun]) -> list[KnownRun]:
    """Return the runs to fit on: all as they are, and every other one once more with worse neighbours."""
    return [run for run in runs if run.replaced <= REPLACED[0]]


def print_weights(runs: list[KnownRun]) -> None:
    """Print the weights that are fitted on the runs beside those of the product."""
    for title, shipped in (("With neighbours", WITH_VOTES), ("Without neighbours", WITHOUT_VOTES)):
        fitted = fit_weights(runs, shipped)
        rows = [
            [part, f"`{name}`", f"{fitted[part][name]:.3f}", f"{value:.3f}"]
            for part, weights in shipped.items()
            for name, value in weights.items()
        ]
        print_table(f"{title}, fitted on {len(runs)} runs.", ["rows", "weight", "fitted", "shipped"], rows)


def main(folder: Path, only_weights: bool) -> None:
    """Fit, and print the tables."""
    runs = read_runs(folder)
    whole = [run for run in runs if not run.replaced]
    print(f"{len(whole)} runs of {len({run.name.dataset for run in whole})} data sets\n")
    print_weights(choose_fitted(runs))
    if only_weights:
        return
    priors = expect_left_out(choose_fitted(runs), runs)
    measured = pd.DataFrame([measure_run(run, prior) for run, prior in zip(runs, priors, strict=True)])
    print_spread(runs, priors)
    for show in SHOWN:
        print_table(*show(measured[measured["replaced"] == 0]))
    print_table(*show_neighbours(measured))


def print_spread(runs: list[KnownRun], priors: list[np.ndarray]) -> None:
    """Print how far the number of errors and the slope are off in runs that have wrong labels."""
    noisy = [(run, prior) for run, prior in zip(runs, priors, strict=True) if run.wrong.any() and not run.replaced]
    moved = measure_spread([run for run, _ in noisy], [prior for _, prior in noisy])
    shipped = (SPREAD.total, SPREAD.slope)
    rows = [
        [
            name,
            f"{each.mean():+.2f}",
            f"{each.std():.2f}",
            f"{np.subtract(*np.quantile(each, [0.75, 0.25])) / QUARTILES:.2f}",
            f"{value}",
        ]
        for name, each, value in zip(
            ("logarithm of true over expected errors", "logarithm of the slope"), moved.T, shipped, strict=True
        )
    ]
    columns = ["", "mean", "standard deviation", "scale of Student's t by its quartiles", "shipped"]
    print_table(f"By how much the truth follows the prior otherwise, in {len(noisy)} runs.", columns, rows)


if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if name != "--weights"]
    if len(names) != 1:
        raise SystemExit("usage: python -m benchmarks.trust FOLDER [--weights]")
    print_conditions()
    main(Path(names[0]), "--weights" in sys.argv)
