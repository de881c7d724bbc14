"""Which rows tell most of how many errors there are: ``python -m benchmarks.spread_rows FOLDER``.

FOLDER has the runs that `benchmarks.known_errors` makes, whose wrong labels are known. People are simulated who decide
rightly on 40 rows: 20 of the worst, and 20 that are spread in one of these ways over the ranking:

- **as the page does**: half evenly over the logarithm of the rank, half evenly over all other rows;
- **half, then where errors are in doubt**: the second half lies by the density sqrt(p (1 - p)), p being the probability
  of an error by the model alone, with a floor: the best sample, if p is right (Neyman, 1934);
- **all where errors are in doubt**: all 20 lie so.

What is then expected is held against the truth, with the weights of the product. A second table says how often the best
sample of any size would come as near as `CLOSE`, if it knew beforehand how many errors lie where in the ranking.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.isotonic import IsotonicRegression

from benchmarks.conditions import print_conditions
from benchmarks.detection import print_table
from benchmarks.expected_counts import count_errors
from benchmarks.known_runs import KINDS, KnownRun, read_runs
from benchmarks.trust_tables import BELIEVED, CLOSE
from review.spread import choose_spread, spread_by_log
from stages.find_issues.doubts import WITH_VOTES, weigh_doubts
from stages.find_issues.expected import expect_errors
from stages.find_issues.judge import learn

N_VERDICTS, N_SPREAD = 40, 20
SAMPLES = (40, 100, 200, 400)
# where the model is sure, some rows are looked at too: a share of the mean density
FLOOR = 0.2
Choose = Callable[[np.ndarray], np.ndarray]


def spread_by_density(prior: np.ndarray, start: int, wanted: int, taken: np.ndarray) -> np.ndarray:
    """Return places from ``start`` on, as many in each stretch as the prior is in doubt there, without those taken."""
    doubt = np.sqrt(prior * (1 - prior))
    density = doubt + FLOOR * doubt.mean()
    density[:start] = 0
    density[taken] = 0
    heaped = np.cumsum(density)
    middles = (np.arange(wanted) + 0.5) / wanted
    return np.unique(np.searchsorted(heaped / heaped[-1], middles))


def as_the_page_does(prior: np.ndarray) -> np.ndarray:
    """Return the places that the review page spreads."""
    return choose_spread(len(prior), N_SPREAD)


def half_in_doubt(prior: np.ndarray) -> np.ndarray:
    """Return places of which one half is spread over the logarithm of the rank."""
    by_log = spread_by_log(len(prior), N_SPREAD // 2)
    return np.concatenate([by_log, spread_by_density(prior, 0, N_SPREAD - len(by_log), by_log)])


def all_in_doubt(prior: np.ndarray) -> np.ndarray:
    """Return places below the worst ones."""
    return spread_by_density(prior, N_VERDICTS - N_SPREAD, N_SPREAD, np.empty(0, dtype=np.int64))


WAYS: dict[str, Choose] = {
    "as the page does": as_the_page_does,
    "half, then where errors are in doubt": half_in_doubt,
    "all where errors are in doubt": all_in_doubt,
}


def measure_run(run: KnownRun) -> Iterator[dict[str, object]]:
    """Yield what is expected after each way, beside the truth, unless the model is worthless."""
    order = np.argsort(run.quality, kind="stable")
    doubts = weigh_doubts(run.evidence, run.features, WITH_VOTES)
    prior = expect_errors(run.quality, doubts, np.ones(len(order), dtype=bool))
    verdict = learn(run.evidence, prior, np.full(len(order), np.nan))[2].verdict
    if verdict not in BELIEVED or len(order) <= N_VERDICTS:
        return
    wrong = run.wrong[order]
    about: dict[str, object] = {"verdict": str(verdict), "kind": run.name.kind}
    about |= {f"reach {size}": reach(wrong, size) for size in SAMPLES}
    for way, choose in WAYS.items():
        spread = choose(prior[order])
        worst = np.setdiff1d(np.arange(len(order)), spread)[: N_VERDICTS - len(spread)]
        found = np.full(len(order), np.nan)
        told = order[np.concatenate([spread, worst])]
        found[told] = run.wrong[told]
        belief, _, trust = learn(run.evidence, prior, found)
        table = trust.tabulate_yield(belief, prior[order], found[order])
        measured: dict[str, object] = {"way": way}
        if not table.empty:
            counted = count_errors(wrong, table)
            for place, ratio, held in zip(("all", "worst"), counted.ratios, counted.held, strict=True):
                measured |= {f"close {place}": CLOSE[0] <= ratio <= CLOSE[1], f"held {place}": held}
        yield about | measured


def reach(wrong: np.ndarray, n_verdicts: int) -> float:
    """Return how probably the best sample of verdicts estimates the number of wrong labels within `CLOSE`.

    The sample takes each stretch of the ranking as often as tells most (Neyman, 1934). For that it would have to know
    beforehand how many errors lie where, which here is the truth made monotone.

    Parameters
    ----------
    wrong : ndarray of shape (n,), bool
        Which labels are wrong, in the order of their rank.
    n_verdicts : int
        The size of the sample.
    """
    if n_verdicts >= len(wrong):
        return 1.0
    share = IsotonicRegression(increasing=False).fit_transform(np.arange(len(wrong)), wrong.astype(float))
    deviation = np.sqrt(share * (1 - share))
    error = np.sqrt(max(deviation.sum() ** 2 / n_verdicts - (deviation**2).sum(), 0.0))
    if not error:
        return 1.0
    low, high = ((limit - 1) * (wrong.sum() + 1) / error for limit in CLOSE)
    return float(norm.cdf(high) - norm.cdf(low))


def show_ways(measured: pd.DataFrame) -> list[list[str]]:
    """Return a row for each way and verdict on the model."""
    rows = []
    for way in WAYS:
        for worth in BELIEVED:
            part = measured[(measured["way"] == way) & (measured["verdict"] == worth)]
            shares = [
                " / ".join(f"{part[f'{name} {place}'].mean():.0%}" for place in ("all", "worst"))
                for name in ("close", "held")
            ]
            rows.append([way, str(worth), str(len(part)), *shares])
    return rows


def show_reach(measured: pd.DataFrame) -> list[list[str]]:
    """Return a row for each verdict on the model and kind of noise."""
    once = measured[measured["way"] == next(iter(WAYS))]
    rows = []
    for worth in BELIEVED:
        of_worth = once[once["verdict"] == worth]
        for name, part in [("any", of_worth), *((kind, of_worth[of_worth["kind"] == kind]) for kind in KINDS)]:
            if len(part):
                shares = [f"{part[f'reach {size}'].mean():.0%}" for size in SAMPLES]
                rows.append([str(worth), name.replace("_", "-"), str(len(part)), *shares])
    return rows


def main(folder: Path) -> None:
    """Print both tables."""
    runs = [run for run in read_runs(folder) if not run.replaced]
    measured = pd.DataFrame([each for run in runs for each in measure_run(run)])
    close = f"within {CLOSE[0]}–{CLOSE[1]}"
    print_table(
        f"After {N_VERDICTS} verdicts, {N_SPREAD} of them spread: expected over true errors, in all rows / in the N "
        "worst, N being the number of wrong labels, 1 added to both.",
        ["the spread rows lie", "model", "runs", close, "band holds"],
        show_ways(measured),
    )
    print_table(
        f"Estimates of the errors in all rows {close} by the best sample of so many verdicts.",
        ["model", "noise", "runs", *(f"{size} verdicts" for size in SAMPLES)],
        show_reach(measured),
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m benchmarks.spread_rows FOLDER")
    print_conditions()
    main(Path(sys.argv[1]))
