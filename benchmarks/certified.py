"""How certificates hold, and how many looks they take: ``python -m benchmarks.certified FOLDER``.

FOLDER has the runs that `benchmarks.certified_runs` makes. Of each, and of the good model's with its probabilities
dealt out anew, which are useless, reviews are simulated by a person who is always right.

False certificates: 1,000 reviews look at up to 3,000 drawn rows each. One is false if at any moment the bound on the
wrong labels that are left is below their number, so that nobody could stop at a better moment. They start when nobody
has looked at anything, and when `stages.certificate.switch` changes to drawn rows for a goal of 1 %.

Looks to a certificate: those at the worst rows until `stages.certificate.switch` changes, and the drawn ones after
that; beside it even draws from the start; and what cleanlab finds by its defaults, then even draws. FOLDER also gets
``looks.png``, which reports/certificate_looks.png is.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import binomtest

from benchmarks.certified_runs import SHARES, Run, read_run
from benchmarks.conditions import print_conditions
from benchmarks.detection import print_table
from stages.artifacts.calibration import believe
from stages.certificate.betting import Drawn, Levels, count_drawn, grow, list_hypotheses, to_capital
from stages.certificate.drawing import UNKNOWN, weigh_rows
from stages.certificate.switch import count_worst, scale_prior
from stages.find_issues.worth import SPREAD
from stages.flip.noise import KINDS
from stages.report.figures import COLOURS

DATASETS = ("digits", "mnist", "banking77")
WEIGHTS = ("good", "weak", "useless")
GOALS = (0.02, 0.01, 0.005)
CONFIDENCE = 0.95
THRESHOLD = to_capital(CONFIDENCE)
# reviews to count false certificates, at a time, and rows that each looks at
REVIEWS, AT_ONCE, LOOKS = 1000, 50, 3000
# reviews to count looks; where there is little to gain, as many as have so many rows, so that chance does not decide
TIMED, LITTLE, LONG_ROWS = 100, 0.9, 4_500_000
# the person asks whether to change after so many of the worst rows
STEP = 10
BLOCK_ROWS = 64
# what is drawn: of whose weights, by which way; and how
SHOWN_KIND, SHOWN_SHARE = "instance_dependent", 0.05
SHOWN = {
    ("good", "evenly"): ("even draws", "muted", "s:"),
    ("good", "cleanlab"): ("cleanlab's, then even", "alert", "^--"),
    ("weak", "ours"): ("ours, weak model", "accent", "o--"),
    ("good", "ours"): ("ours, good model", "accent", "o-"),
}
ROWS = {"digits": 1797, "mnist": 10_000, "banking77": 13_083}


class Cell(NamedTuple):
    """One run under one set of weights."""

    dataset: str
    kind: str
    share: float
    weights: str


class Population(NamedTuple):
    """The rows that are drawn from: which labels are wrong, and the level of each."""

    wrong: np.ndarray
    levels: Levels
    level: np.ndarray


def list_cells(kind: str) -> Iterator[Cell]:
    """Yield all runs with one kind of noise."""
    for dataset in DATASETS:
        for share in SHARES:
            for weights in WEIGHTS:
                yield Cell(dataset, kind, share, weights)


def read_cell(folder: Path, cell: Cell) -> Run:
    """Read a run; useless weights are those of the good model, dealt out anew."""
    if cell.weights != "useless":
        return read_run(folder, cell.dataset, cell.kind, cell.share, cell.weights)
    run = read_run(folder, cell.dataset, cell.kind, cell.share, "good")
    dealt = np.random.default_rng(0).permutation(len(run.wrong))
    place = np.argsort(dealt)
    return run._replace(prior=run.prior[dealt], ranked=place[run.ranked], found=place[run.found])


def look_at_worst(run: Run, goal: int) -> int:
    """Return after how many of the worst rows to change."""
    looked_at = 0
    while looked_at < len(run.wrong):
        scaled = scale_prior(run.prior, find_known(run, looked_at))
        left = run.ranked[looked_at:]
        more = min(count_worst(guess[left], goal, CONFIDENCE) for guess in (expect_after(run, looked_at), scaled))
        if not more:
            break
        looked_at = min(looked_at + min(more, STEP), len(run.wrong))
    return looked_at


def expect_after(run: Run, looked_at: int) -> np.ndarray:
    """Return how likely each label is wrong after a person has looked at so many of the worst rows."""
    return believe(run.prior, find_known(run, looked_at), SPREAD).expect(run.prior)


def find_known(run: Run, looked_at: int) -> np.ndarray:
    """Return whether each label was found wrong, (n,) float64, NaN if nobody has looked at it."""
    known = np.full(len(run.wrong), np.nan)
    known[run.ranked[:looked_at]] = run.wrong[run.ranked[:looked_at]]
    return known


def weigh(run: Run, looked_at: int) -> Population:
    """Return the rows that are left after so many of the worst ones, with their weights."""
    left = run.ranked[looked_at:]
    expected = expect_after(run, looked_at)[left]
    weights, level = np.unique(weigh_rows(expected), return_inverse=True)
    counts = np.bincount(level)
    return Population(
        run.wrong[left], Levels(weights.astype(float), counts, np.bincount(level, expected) / counts), level
    )


def take_evenly(wrong: np.ndarray) -> Population:
    """Return rows that all have one weight, of which nothing is known."""
    levels = Levels(np.ones(1), np.array([len(wrong)]), np.array([UNKNOWN]))
    return Population(wrong, levels, np.zeros(len(wrong), dtype=np.int64))


def draw_reviews(rows: Population, reviews: int, looks: int, rng: np.random.Generator) -> np.ndarray:
    """Return which rows each review draws, in their order, (reviews, looks) int64."""
    times = rng.exponential(size=(reviews, len(rows.wrong))) / rows.levels.weights[rows.level]
    return np.argsort(times, axis=1)[:, :looks]


def count_false(rows: Population, reviews: int) -> int:
    """Return how many reviews would show too few wrong labels at any moment."""
    n_wrong = int(rows.wrong.sum())
    if not n_wrong:
        return 0
    hypotheses = list_hypotheses(len(rows.wrong))
    tested = hypotheses[np.searchsorted(hypotheses, n_wrong, side="right") - 1 :][:1]
    n_false, rng = 0, np.random.default_rng(1)
    for _ in range(0, reviews, AT_ONCE):
        order = draw_reviews(rows, AT_ONCE, LOOKS, rng)
        drawn, wrong = rows.level[order], rows.wrong[order]
        state = count_drawn(rows.levels, drawn, wrong)
        capital = np.cumsum(grow(rows.levels, state, drawn, wrong, tested)[..., 0], axis=1)
        n_false += int((capital.max(axis=1) >= THRESHOLD).sum())
    return n_false


def count_looks(rows: Population, goal: int, order: np.ndarray) -> np.ndarray:
    """Return how many drawn rows show that ``goal`` wrong ones are left at most, (reviews,) int64.

    Parameters
    ----------
    rows : Population
        Of n rows.
    goal : int
        How many wrong ones there may be.
    order : ndarray of shape (reviews, n), int64
        As `draw_reviews` returns it, of all rows.
    """
    n_rows, reviews = len(rows.wrong), len(order)
    drawn, wrong = rows.level[order], rows.wrong[order]
    found = np.cumsum(wrong, axis=1)
    steps = np.unique(np.geomspace(1, int(rows.wrong.sum()) + 2, 60).astype(np.int64)) - 1
    hypotheses = np.minimum(goal + 1 + steps, n_rows)
    looks = np.full(reviews, n_rows)
    open_, capital = np.arange(reviews), np.zeros((reviews, len(steps)))
    best = np.zeros_like(capital)
    seen, errors = (np.zeros((reviews, len(rows.levels.counts)), dtype=np.int64) for _ in range(2))
    for start in range(0, n_rows, BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        known = count_drawn(rows.levels, drawn[open_, block], wrong[open_, block])
        state = Drawn(known.left - seen[open_, None], known.seen + seen[open_, None], known.wrong + errors[open_, None])
        # the hypothesis for no more wrong ones than were found: it is the harder one to refute
        asked = np.searchsorted(steps, found[open_, block], side="right") - 1
        least = int(asked.min())
        asked, wanted = asked - least, np.ix_(open_, np.arange(least, len(steps)))
        grown = grow(rows.levels, state, drawn[open_, block], wrong[open_, block], hypotheses[least:])
        heights = capital[wanted][:, None] + np.cumsum(grown, axis=1)
        highest = np.maximum(best[wanted][:, None], np.maximum.accumulate(heights, axis=1))
        shown = np.take_along_axis(highest, asked[..., None], axis=2)[..., 0] >= THRESHOLD
        shown |= (n_rows - np.arange(start, start + shown.shape[1]) - 1) <= goal
        done = shown.any(axis=1)
        looks[open_[done]] = start + shown[done].argmax(axis=1) + 1
        capital[wanted], best[wanted] = heights[:, -1], highest[:, -1]
        each = drawn[open_, block][..., None] == np.arange(len(rows.levels.counts))
        seen[open_] += each.sum(axis=1)
        errors[open_] += (each & wrong[open_, block][..., None]).sum(axis=1)
        open_ = open_[~done]
        if not len(open_):
            break
    return looks


def time_reviews(rows: Population, goal: int, reviews: int = TIMED) -> np.ndarray:
    """Return how many drawn rows it takes, (reviews,) int64."""
    looks = [
        count_looks(rows, goal, draw_reviews(rows, TIMED, len(rows.wrong), np.random.default_rng([2, part])))
        for part in range(reviews // TIMED)
    ]
    return np.concatenate(looks)


@cache
def time_evenly(n_rows: int, n_wrong: int, goal: int, reviews: int = TIMED) -> np.ndarray:
    """Return the same for even draws, which depend on how many labels are wrong alone."""
    return time_reviews(take_evenly(np.arange(n_rows) < n_wrong), goal, reviews)


def measure_false(folder: Path, cell: Cell) -> Iterator[dict[str, object]]:
    """Count the false certificates of a cell."""
    run = read_cell(folder, cell)
    goal = int(0.01 * len(run.wrong))
    worst = look_at_worst(run, goal)
    counts = [count_false(weigh(run, looked_at), REVIEWS) for looked_at in (0, worst)]
    yield {**cell._asdict(), "at_once": counts[0], "worst": worst, "after": counts[1]}


def measure_looks(folder: Path, cell: Cell) -> Iterator[dict[str, object]]:
    """Count the looks of a cell, for each goal."""
    run = read_cell(folder, cell)
    for share in GOALS:
        looks = count_in_ways(run, int(share * len(run.wrong)), TIMED)
        if np.median(looks["ours"]) > LITTLE * np.median(looks["evenly"]):
            looks = count_in_ways(run, int(share * len(run.wrong)), LONG_ROWS // len(run.wrong))
        yield {
            **cell._asdict(), "goal": share, "reviews": len(looks["ours"]),
            **{f"{name}_{at}": float(np.quantile(counted, at / 100)) for at in (50, 90)
               for name, counted in looks.items()},
        }  # fmt: skip


def count_in_ways(run: Run, goal: int, reviews: int) -> dict[str, np.ndarray]:
    """Return how many rows are looked at until the goal is shown, (reviews,) int64, in each way to go about it."""
    rest = np.setdiff1d(np.arange(len(run.wrong)), run.found)
    worst = look_at_worst(run, goal)
    return {
        "ours": worst + time_reviews(weigh(run, worst), goal, reviews),
        "evenly": time_evenly(len(run.wrong), int(run.wrong.sum()), goal, reviews),
        "cleanlab": len(run.found) + time_evenly(len(rest), int(run.wrong[rest].sum()), goal, reviews),
    }


def show_false(table: pd.DataFrame) -> None:
    """Print the share of false certificates, with its 95 % interval, of the worst cell of each group."""
    rows: list[list[str]] = []
    for (dataset, weights), group in table.groupby(["dataset", "weights"], sort=False):
        shown = [str(dataset), str(weights)]
        for name in ("at_once", "after"):
            most = int(group[name].max())
            low, high = binomtest(most, REVIEWS).proportion_ci(method="wilson")
            shown += [f"{group[name].mean() / REVIEWS:.3f}", f"{most / REVIEWS:.3f} ({low:.3f} to {high:.3f})"]
        rows.append(shown)
    head = ["data", "weights", "drawn at once: mean", "worst cell", "after the worst rows: mean", "worst cell"]
    print_table(f"False certificates, of {REVIEWS} reviews a cell; {1 - CONFIDENCE:.2f} is allowed.", head, rows)


def show_looks(table: pd.DataFrame) -> None:
    """Print the looks to a certificate, median and 90th percentile over reviews, as means over the kinds of noise."""
    rows = []
    for keys, group in table.groupby(["dataset", "share", "weights", "goal"], sort=False):
        numbers = [
            f"{group[f'{name}_50'].mean():,.0f} ({group[f'{name}_90'].mean():,.0f})"
            for name in ("ours", "evenly", "cleanlab")
        ]
        ratio = (group["ours_50"] / group["evenly_50"]).max()
        rows.append([*map(str, keys), *numbers, f"{ratio:.2f}"])
    head = ["data", "wrong", "weights", "goal", "ours", "even draws", "cleanlab's, then even", "worst ratio"]
    print_table("Looks to a certificate: median (90th percentile).", head, rows)
    print(f"The worst ratio of ours to even draws: {(table['ours_50'] / table['evenly_50']).max():.2f}")


def draw_looks(table: pd.DataFrame) -> Figure:
    """Draw the looks, as shares of all rows, by goal: what `SHOWN` names, a column of panels for each data set."""
    shown = table[(table["kind"] == SHOWN_KIND) & (table["share"] == SHOWN_SHARE)]
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    panels = figure.subplots(1, len(DATASETS), sharey=True)
    for axes, dataset in zip(panels, DATASETS, strict=True):
        for (weights, name), (label, colour, style) in SHOWN.items():
            cells = shown[(shown["dataset"] == dataset) & (shown["weights"] == weights)].sort_values("goal")
            n_rows = ROWS[dataset]
            axes.plot(
                100 * cells["goal"], 100 * cells[f"{name}_50"] / n_rows, style, color=COLOURS[colour], label=label
            )
        axes.set(title=f"{dataset}, {n_rows:,} rows", xlabel="goal: at most so many % wrong", ylim=(0, 105))
        axes.set_xticks([100 * goal for goal in GOALS])
        axes.invert_xaxis()
    panels[0].set_ylabel("rows to look at, %")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(SHOWN), fontsize=8)
    return figure


def measure_cells(path: Path, cells: Iterable[Cell], measure: Callable[[Path, Cell], Iterable[Any]]) -> pd.DataFrame:
    """Measure each cell that is not in a file yet, add it there, and return the file's table."""
    kept = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=list(Cell._fields))
    done = set(kept[list(Cell._fields)].itertuples(index=False, name=None))
    for cell in cells:
        if tuple(cell) not in done:
            kept = pd.concat([kept, pd.DataFrame(list(measure(path.parent, cell)))], ignore_index=True)
            kept.to_csv(path, index=False)
    return kept


def main(folder: Path) -> None:
    """Measure each cell, keep what was measured beside the runs, and print the tables."""
    for kind in reversed(KINDS):
        false = measure_cells(folder / "false.csv", list_cells(kind), measure_false)
        looks = measure_cells(folder / "looks.csv", list_cells(kind), measure_looks)
    show_false(false)
    show_looks(looks)
    draw_looks(looks).savefig(folder / "looks.png", dpi=110)


if __name__ == "__main__":
    print_conditions()
    main(Path(sys.argv[1]))
