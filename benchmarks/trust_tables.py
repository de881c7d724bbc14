"""The tables of `benchmarks.trust`: each function returns a title, the columns and the rows."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.known_runs import KINDS
from benchmarks.trust_measure import ACT_ABOVE, ALONE, BEFORE, VERDICTS
from stages.artifacts.trust import Worth

Table = tuple[str, list[str], list[list[str]]]
WIDE, CLOSE = (0.67, 1.5), (0.8, 1.25)
# how far the accuracy on rightly labelled rows is behind the best model's on the same data set
LAGS = {"at most 3 points": 0.03, "3 to 10 points": 0.1, "more": 1.0}
JUDGED = f"verdict {VERDICTS[0]}"
BELIEVED = (Worth.GOOD, Worth.WEAK)


def show_expected(measured: pd.DataFrame) -> Table:
    """Compare what is expected without any verdict with the truth, and with what was said before."""
    columns = ["model", "noise", "runs", "now: median", "within 0.67–1.5", "band holds"]
    columns += ["before: median", "within 0.67–1.5", "band holds"]
    rows = [
        [*cells, *(cell for when in (VERDICTS[0], BEFORE) for cell in describe_expected(part, when))]
        for cells, part in _group(measured)
    ]
    return f"Expected over true errors, no verdict yet: {_ALL_AND_WORST}.", columns, rows


_ALL_AND_WORST = "all rows / the N worst, N being the number of wrong labels, 1 added to both"


def show_verdicts(measured: pd.DataFrame) -> Table:
    """Say how far the same holds after people's verdicts."""
    columns = ["model", "noise", "runs"]
    for n_verdicts in VERDICTS[1:]:
        columns += [f"{n_verdicts}: within 0.67–1.5", "within 0.8–1.25", "band holds"]
    rows = []
    for cells, part in _group(measured):
        told = [[_percents(part, when, WIDE), _percents(part, when, CLOSE), _held(part, when)] for when in VERDICTS[1:]]
        rows.append([*cells, *(cell for each in told for cell in each)])
    counts = ", ".join(map(str, VERDICTS[1:]))
    return (
        f"Expected over true errors after {counts} verdicts, models named as before them: {_ALL_AND_WORST}.",
        columns,
        rows,
    )


def show_cells(measured: pd.DataFrame) -> Table:
    """Say how near the truth the means over all runs of a kind and a share of noise are."""
    columns = ["model", "kinds and shares", "at first: within 0.67–1.5"]
    columns += [f"after {n_verdicts}: within 0.8–1.25" for n_verdicts in VERDICTS[1:]]
    wrong = measured[measured["wrong"] > 0]
    rows = []
    for worth in BELIEVED:
        cells = [part for _, part in wrong[wrong[JUDGED] == worth].groupby(["kind", "share"])]
        limits = [(VERDICTS[0], WIDE), *((when, CLOSE) for when in VERDICTS[1:])]
        rows.append([str(worth), str(len(cells)), *(_means_within(cells, *each) for each in limits)])
    title = "Means of expected over true errors over all runs of a kind and a share of noise that are near the truth"
    return f"{title}: {_ALL_AND_WORST}.", columns, rows


def show_flags(measured: pd.DataFrame) -> Table:
    """Say how many flags are right."""
    columns = ["model", "noise", "runs", "with flags", "flags right", "half right"]
    columns += ["before: with flags", "flags right", "half right"]
    rows = [
        [*cells, *(cell for when in (VERDICTS[0], BEFORE) for cell in _flags(part, when))]
        for cells, part in _group(measured)
    ]
    return (
        "Flags at `min_yield: 0.5`, no verdict yet: how many are right, and in how many runs that have any half are.",
        columns,
        rows,
    )


def show_strength(measured: pd.DataFrame) -> Table:
    """Say how models of different strength are judged, and how far what they expect holds."""
    best = measured.groupby("dataset")["accuracy"].transform("max")
    lag, least = best - measured["accuracy"], -1.0
    columns = ["behind the best model", "runs", *(f"{worth}" for worth in Worth), "median", "within 0.67–1.5"]
    columns += ["band holds", "before: median", "within 0.67–1.5", "band holds"]
    rows = []
    for name, most in LAGS.items():
        rows.append([name, *describe_judged(measured[(lag > least) & (lag <= most)], VERDICTS[0], BEFORE)])
        least = most
    return f"By accuracy on rightly labelled rows; worthless ones are only counted: {_ALL_AND_WORST}.", columns, rows


def show_worth(measured: pd.DataFrame) -> Table:
    """Count what models are judged to be, and how many of those that flag anything are right in half of their flags."""
    columns = ["verdicts", *Worth, *(f"{worth}: half of the flags right" for worth in BELIEVED)]
    columns += [f"{worth}, if there are errors" for worth in BELIEVED]
    rows = []
    for when in VERDICTS:
        judged = f"verdict {when}"
        counts = [str((measured[judged] == worth).sum()) for worth in Worth]
        noisy = measured[measured["wrong"] > 0]
        parts = [runs[runs[judged] == worth] for runs in (measured, noisy) for worth in BELIEVED]
        shares = [_flags(part, when) for part in parts]
        rows.append([str(when), *counts, *(f"{share} of {some}" for some, _, share in shares)])
    return "What models are judged to be; rows with a verdict count among the flags too.", columns, rows


def show_acting(measured: pd.DataFrame) -> Table:
    """Count the rows that a rule may change under a good model, and those of them whose labels are wrong."""
    rows = []
    for when in VERDICTS:
        good = measured[measured[f"verdict {when}"] == Worth.GOOD]
        acted, rightly = good[f"acted {when}"], good[f"acted rightly {when}"]
        right = f"{rightly.sum() / acted.sum():.1%}" if acted.sum() else ""
        rows.append([str(when), str(len(good)), str((acted > 0).sum()), f"{acted.sum():,}", right])
    return (
        f"Undecided rows of good models, wrong with a probability of {ACT_ABOVE} at least: a rule may act on them.",
        ["verdicts", "good models", "with such rows", "rows", "of which wrong"],
        rows,
    )


def show_spread(measured: pd.DataFrame) -> Table:
    """Compare what the weights alone expect with the mean over all that they may be off by."""
    columns = [
        "model",
        "runs with errors",
        "weights alone: median",
        "within 0.67–1.5",
        "as said: median",
        "within 0.67–1.5",
    ]
    rows = []
    for worth in BELIEVED:
        part = measured[(measured[JUDGED] == worth) & (measured["wrong"] > 0)]
        cells = []
        for when in (ALONE, VERDICTS[0]):
            ratios = _ratios(part, when, "")
            cells += [f"{ratios.median():.2f}", f"{ratios.between(*WIDE).mean():.0%}"]
        rows.append([str(worth), str(len(part)), *cells])
    return (
        "Expected over true errors in all rows, no verdict yet: what the spread adds.",
        columns,
        rows,
    )


def show_failures(measured: pd.DataFrame) -> Table:
    """Count the runs in which too many or too few errors are expected, and the errors that the model shares."""
    columns = ["model", "noise", "runs", "expects over 1.5 times as many", "under 0.67", "band does not hold the truth"]
    columns += ["errors that the model agrees with"]
    rows = []
    for cells, part in _group(measured):
        ratios, held = _ratios(part, VERDICTS[0], ""), _holds(part, VERDICTS[0], "")
        counts = [(ratios > WIDE[1]).sum(), (ratios < WIDE[0]).sum(), (~held).sum()]
        noisy = part[part["wrong"] > 0]
        shared = f"{noisy['shared'].mean():.0%}" if len(noisy) else ""
        rows.append([*cells, *map(str, counts), shared])
    return "Where the expected errors in all rows fail, no verdict yet.", columns, rows


def show_neighbours(measured: pd.DataFrame) -> Table:
    """Say what worse neighbours do."""
    columns = [
        "neighbours replaced",
        "runs",
        *(f"{worth}" for worth in Worth),
        "median",
        "within 0.67–1.5",
        "band holds",
    ]
    rows = []
    for share, part in measured.groupby("replaced"):
        rows.append([f"{share:.0%}", *describe_judged(part, VERDICTS[0])])
    return f"By the share of neighbours replaced by any rows: {_ALL_AND_WORST}.", columns, rows


def describe_judged(part: pd.DataFrame, *whens: int | str) -> list[str]:
    """Count what models are judged to be, and return `describe_expected` of those that are not worthless."""
    judged = [str((part[JUDGED] == worth).sum()) for worth in Worth]
    spoken = part[part[JUDGED] != Worth.WORTHLESS]
    return [str(len(part)), *judged, *(cell for when in whens for cell in describe_expected(spoken, when))]


def describe_expected(part: pd.DataFrame, when: int | str) -> list[str]:
    """Return the median of expected over true errors, how often it is near 1, and how often the band holds it."""
    medians = [f"{_ratios(part, when, place).median():.2f}" if len(part) else "" for place in ("", "worst ")]
    return [" / ".join(medians), _percents(part, when, WIDE), _held(part, when)]


def _group(measured: pd.DataFrame) -> Iterator[tuple[list[str], pd.DataFrame]]:
    for worth in BELIEVED:
        of_worth = measured[measured[JUDGED] == worth]
        yield [str(worth), "any", str(len(of_worth))], of_worth
        for kind in KINDS:
            part = of_worth[of_worth["kind"] == kind]
            if len(part):
                yield [str(worth), _name(kind), str(len(part))], part


def _name(kind: str) -> str:
    return kind.replace("_", "-")


def _true(part: pd.DataFrame, place: str) -> pd.Series:
    return part["worst_wrong" if place else "wrong"]


def _ratios(part: pd.DataFrame, when: int | str, place: str) -> pd.Series:
    return (part[f"{place}expected {when}"] + 1) / (_true(part, place) + 1)


def _percents(part: pd.DataFrame, when: int | str, limits: tuple[float, float]) -> str:
    shares = [_ratios(part, when, place).between(*limits).mean() for place in ("", "worst ")]
    return " / ".join(f"{share:.0%}" for share in shares) if len(part) else ""


def _means_within(cells: list[pd.DataFrame], when: int, limits: tuple[float, float]) -> str:
    means = [[_ratios(cell, when, place).mean() for cell in cells] for place in ("", "worst ")]
    return " / ".join(f"{np.mean([limits[0] <= mean <= limits[1] for mean in each]):.0%}" for each in means)


def _held(part: pd.DataFrame, when: int | str) -> str:
    shares = [_holds(part, when, place).mean() for place in ("", "worst ")]
    return " / ".join(f"{share:.0%}" for share in shares) if len(part) else ""


def _holds(part: pd.DataFrame, when: int | str, place: str) -> pd.Series:
    """Say whether the truth lies within the band, whose ends are rounded outwards to whole errors."""
    low, high = np.floor(part[f"{place}low {when}"]), np.ceil(part[f"{place}high {when}"])
    return _true(part, place).between(low, high)


def _flags(part: pd.DataFrame, when: int | str) -> list[str]:
    some = part[part[f"flagged {when}"] > 0]
    if some.empty:
        return ["0", "", "none"]
    flagged, hits = some[f"flagged {when}"], some[f"hits {when}"]
    return [str(len(some)), f"{hits.sum() / flagged.sum():.0%}", f"{(hits / flagged >= 0.5).mean():.0%}"]
