"""The figures that sum up what was found."""

from typing import Any

import pandas as pd

from stages.artifacts.certificate import State
from stages.artifacts.cleaned import PEOPLE
from stages.artifacts.decisions import LABELLED, STATUS, UNLABELLED
from stages.artifacts.trust import Worth
from stages.report.annotators import sum_up
from stages.report.expected import expect
from stages.report.results import Results

NEXT_IN_RANK = 15
# what rows without a split are counted under
NO_SPLIT = "(none)"


def measure(results: Results) -> dict[str, Any]:
    """Return the headline numbers: counts of rows, expected ones among them, and shares from 0 to 1.

    ``splits``, the same by split, and ``duplicates_across_splits`` are there where rows have splits, ``labelled`` and
    ``unlabelled`` where some have no given label. ``flag_steadiness`` is None if there was but one run. ``reviewed``
    and ``reviewed_wrong`` are there where people have decided, ``annotators`` where there are several, and what begins
    with ``certified`` where a certificate is planned, None of changed data. What the model estimates is not there if it
    is worthless. ``measures`` is what the verdict on it rests on.
    """
    rows, status, trouble = results.rows, results.cleaned["status"], results.trouble
    judged = rows[rows["judged_label"] != ""]
    jaccard = results.steadiness["jaccard"]
    return {
        "rows": len(rows),
        "classes": len(results.classes),
        "accuracy": round(float((judged["judged_label"] == judged["suggested_label"]).mean()), 6),
        "model_verdict": str(results.trust.verdict),
        "flagged": int(rows["flagged"].sum()),
        "flag_steadiness": None if jaccard is None else round(jaccard, 4),
        **_estimate(results),
        "decided_by_people": int((results.cleaned["decided_by"] == PEOPLE).sum()),
        **_count_reviewed(rows),
        **_sum_up_certificate(results.certificate),
        **{name: int((status == name).sum()) for name in list_statuses(results)},
        "duplicates": trouble.n_sets,
        "conflicting_duplicates": trouble.n_conflicting,
        **({"duplicates_across_splits": trouble.n_across, "splits": count_by_split(rows)} if "split" in rows else {}),
        "outliers": len(trouble.outliers),
        "bad_pictures": trouble.picture_quality["id"].nunique(),
        "picture_quality": trouble.picture_quality["kind"].value_counts().to_dict(),
        "left_out": len(trouble.left_out),
        **sum_up(results.several),
        "measures": results.trust.measures,
    }


def list_statuses(results: Results) -> list[str]:
    """Return what cleaned rows may be called; without a given label, only where there are such rows."""
    return [*STATUS.values(), *((LABELLED, UNLABELLED) if results.rows["unlabelled"].any() else ())]


def worst_rows(results: Results, top: int) -> pd.DataFrame:
    """Return at most ``top`` rows: the flagged ones, worst first, then a few undecided that come next in rank."""
    rows = results.rows.sort_values("rank")
    following = rows["ranked"] & ~rows["flagged"] & ~rows["decided"]
    return pd.concat([rows[rows["flagged"]], rows[following].head(NEXT_IN_RANK)]).head(top)


def count_pairs(results: Results) -> pd.DataFrame:
    """Count the flagged rows by given and suggested label, the most frequent pair first."""
    flagged = results.rows[results.rows["flagged"]]
    pairs = flagged.groupby(["given_label", "suggested_label"], sort=True).size().reset_index(name="rows")
    return pairs.sort_values("rows", ascending=False, kind="stable")


def count_agreeing(results: Results) -> int:
    """Count the flagged rows for which the model suggests the label that they have."""
    rows = results.rows
    return int((rows["flagged"] & (rows["suggested_label"] == rows["judged_label"])).sum())


def rank_classes(results: Results) -> pd.DataFrame:
    """Return ``by_class`` by label quality, the lowest first; of classes without a judged row, which are last, none."""
    table = results.by_class
    quality = table["label_quality"].where(table["rows"] > 0)
    return table.assign(label_quality=quality).sort_values("label_quality", kind="stable", na_position="last")


def count_by_split(rows: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Count for each split its rows, the flagged ones, and those that people decided on and found wrong."""
    named = rows["split"].where(rows["split"] != "", NO_SPLIT)
    flags = rows[["flagged", "decided", "wrong"]].astype(int)
    counts = flags.assign(rows=1)[["rows", "flagged", "decided", "wrong"]].groupby(named).sum()
    return {str(split): {str(name): int(count) for name, count in row.items()} for split, row in counts.iterrows()}


def count_rare(results: Results) -> pd.DataFrame:
    """Count the rows of each class that was too rare to be judged, in the classes' order: columns class and rows."""
    counts = results.rows.loc[results.rows["left_out"], "given_label"].value_counts()
    names = [name for name in results.classes if name in counts.index]
    return pd.DataFrame({"class": names, "rows": [int(counts[name]) for name in names]})


def mean_curves(results: Results) -> pd.DataFrame:
    """Return the curves' mean over the folds, and over several models, a row for each epoch."""
    return results.curves.drop(columns=["repeat", "fold"]).groupby("epoch", as_index=False).mean(numeric_only=True)


def _estimate(results: Results) -> dict[str, float]:
    if results.trust.verdict == Worth.WORTHLESS:
        return {}
    rows, everywhere = results.rows, expect(results.expected, len(results.rows))
    return {
        "estimated_noise_rate": round(max(0.0, results.noise_rate), 6),
        "expected_errors": round(everywhere.errors, 2),
        "expected_errors_low": round(everywhere.low, 2),
        "expected_errors_high": round(everywhere.high, 2),
        "expected_in_flagged": round(float(rows.loc[rows["flagged"], "error_prob"].sum()), 2),
    }


def _count_reviewed(rows: pd.DataFrame) -> dict[str, int]:
    reviewed = int(rows["decided"].sum())
    return {"reviewed": reviewed, "reviewed_wrong": int(rows["wrong"].sum())} if reviewed else {}


def _sum_up_certificate(certificate: dict[str, Any]) -> dict[str, Any]:
    if certificate["state"] == State.NONE:
        return {}
    bound = certificate["bound"]
    return {
        "certified": certificate["state"],
        "certified_share": bound["share"],
        "certified_most": bound["most"] if bound["share"] is not None else None,
        "certified_confidence": certificate["confidence"],
        "certified_goal": certificate["goal"]["share"],
        "certified_drawn": certificate["drawn"],
        "certified_found": certificate["found"],
    }
