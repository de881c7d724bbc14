"""What certificates say of reviewers who err: ``python -m benchmarks.erring_reviewers FOLDER``.

FOLDER has the runs that `benchmarks.certified_runs` makes. A reviewer errs in 2 or 5 % of the rows: they call so many
wrong labels right, and so many right ones wrong. They look at the worst rows, then at drawn ones until the certificate
for the goal is reached or they have looked at so many. Among the drawn rows are some whose label was turned on purpose.
What is certified at the end is held against the wrong labels that are left: those that nobody has found. Labels that
the reviewer turned from right to wrong are counted beside, for no certificate speaks of them.
"""

import sys
from pathlib import Path

import numpy as np

from benchmarks.certified import (
    CONFIDENCE,
    Cell,
    count_looks,
    draw_reviews,
    look_at_worst,
    read_cell,
    weigh,
)
from benchmarks.conditions import print_conditions
from benchmarks.detection import print_table
from stages.certificate.bound import Bets
from stages.certificate.reviewers import Measured, bound_left

CELLS = [
    Cell(dataset, "instance_dependent", 0.05, weights)
    for dataset in ("digits", "mnist")
    for weights in ("good", "weak")
]
GOAL = 0.02
ERRORS, KNOWN = (0.02, 0.05), (20, 60)
REVIEWS, LOOKS = 20, 1000


def review(run_cell: tuple[Path, Cell], errs: float, known: int) -> list[str]:
    """Simulate the reviews of a cell and return a line of the table."""
    run = read_cell(*run_cell)
    n_rows, goal = len(run.wrong), int(GOAL * len(run.wrong))
    rng = np.random.default_rng(3)
    called = run.wrong ^ (rng.random(n_rows) < errs)
    worst = look_at_worst(run._replace(wrong=called), goal)
    rows = weigh(run._replace(wrong=called), worst)
    truth = run.wrong[run.ranked[worst:]]
    before = run.ranked[:worst]
    order = draw_reviews(rows, REVIEWS, n_rows - worst, np.random.default_rng(2))
    looks = np.minimum(count_looks(rows, goal, order), LOOKS)
    stated, corrected, left, turned = [], [], [], []
    for drawn, took in zip(order, looks, strict=True):
        bets, seen = Bets(rows.levels), drawn[:took]
        bets.extend(rows.level[seen], rows.wrong[seen])
        mended = int(rows.wrong[seen].sum())
        found = int(called[before].sum())
        measured = Measured(known, int(rng.binomial(known, errs)))
        stated.append(bets.bound_above(CONFIDENCE) - mended)
        at_most = bound_left(bets, measured, found, mended, CONFIDENCE)
        corrected.append(n_rows if at_most is None else at_most)
        hits = int((called & run.wrong)[before].sum()) + int((rows.wrong & truth)[seen].sum())
        left.append(int(run.wrong.sum()) - hits)
        turned.append(found + mended - hits)
    return list_cells(run_cell[1], errs, known, worst + looks, n_rows, goal, stated, corrected, left, turned)


def list_cells(
    cell: Cell, errs: float, known: int, looks: np.ndarray, n_rows: int, goal: int,
    stated: list[int], corrected: list[int], left: list[int], turned: list[int],
) -> list[str]:  # fmt: skip
    """Return the cells of a line."""
    shown = [np.array(values) for values in (stated, corrected, left, turned)]
    shares = [f"{100 * np.median(values) / n_rows:.2f} %" for values in shown]
    return [
        cell.dataset, f"{cell.share:.0%}", cell.weights, f"{errs:.0%}", str(known), f"{np.median(looks):,.0f}",
        f"{np.mean(shown[0] <= goal):.2f}", *shares, *(f"{np.mean(at_most < shown[2]):.2f}" for at_most in shown[:2]),
    ]  # fmt: skip


def main(folder: Path) -> None:
    """Print the table."""
    rows = [review((folder, cell), errs, known) for cell in CELLS for errs in ERRORS for known in KNOWN]
    head = [
        "data", "wrong", "weights", "errs", "known rows", "looks", "goal reached", "certified: at most", "corrected",
        "truly left", "turned wrong", "certified too low", "corrected too low",
    ]  # fmt: skip
    print_table(f"Reviewers who err, {REVIEWS} reviews a line (medians).", head, rows)


if __name__ == "__main__":
    print_conditions()
    main(Path(sys.argv[1]))
