"""What the earlier stages found, read from their artifacts, and the figures that sum it up."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts import data_folder, load_array, read_json, read_table
from stages.command import InputError
from stages.report.examples import Cells, Pictures, open_examples
from stages.report.members import read_members
from stages.report.trouble import Trouble, read_trouble

NEXT_IN_RANK = 15
NUMBERS = ["label_quality", "given_prob", "suggested_prob"]


@dataclass(frozen=True)
class Results:
    """The artifacts of one data set of n rows and K classes.

    Attributes
    ----------
    examples : Pictures or Cells
        What the rows look like.
    pred_probs : ndarray of shape (n, K), float32
        Out-of-sample probabilities, memory-mapped.
    classes : list of K str
        Their names.
    rows : DataFrame of n rows
        label_quality.csv, numbers as numbers, with flagged (bool), rank (1 is worst) and row (from 0).
    by_class : DataFrame of K rows
        classes.csv: label quality by class.
    curves : DataFrame
        Losses and accuracy by repeat, fold and epoch, and of several models by member.
    members : list of dict
        How good each of several models is, as members.csv has it.
    cleaned, changes : DataFrame
        The cleaned labels, and those of them that differ, all as text.
    noise_rate : float
        cleanlab's estimate of the share of wrong labels.
    trouble : Trouble
        Duplicates, outliers, and rows that were left out.
    """

    examples: Pictures | Cells
    pred_probs: np.ndarray
    classes: list[str]
    rows: pd.DataFrame
    by_class: pd.DataFrame
    curves: pd.DataFrame
    cleaned: pd.DataFrame
    changes: pd.DataFrame
    noise_rate: float
    trouble: Trouble
    members: list[dict[str, Any]]


def read_results(dataset: str) -> Results:
    """Read all that the report is made of."""
    folder = data_folder(dataset)
    issues = read_table(folder / "issues.csv")
    quality = read_table(folder / "quality" / "label_quality.csv")
    joint = read_table(folder / "quality" / "joint.csv").iloc[:, 1:].astype(float).to_numpy()
    return Results(
        examples=open_examples(folder / "prepared", len(quality)),
        pred_probs=load_array(folder / "predictions" / "pred_probs.npy"),
        classes=read_json(folder / "prepared" / "classes.json"),
        rows=_rank(quality, set(issues["id"])),
        by_class=_to_numbers(read_table(folder / "quality" / "classes.csv"), but="class"),
        curves=_to_numbers(read_table(folder / "predictions" / "curves.csv")),
        cleaned=read_table(folder / "cleaned" / "labels.csv"),
        changes=read_table(folder / "changes.csv"),
        noise_rate=float(1 - np.trace(joint)),
        trouble=read_trouble(dataset, quality["id"]),
        members=read_members(folder / "predictions"),
    )


def measure(results: Results) -> dict[str, float]:
    """Return the headline numbers: counts of rows, and shares from 0 to 1."""
    rows, status, trouble = results.rows, results.cleaned["status"], results.trouble
    judged = rows[rows["judged_label"] != ""]
    return {
        "rows": len(rows),
        "classes": len(results.classes),
        "accuracy": round(float((judged["judged_label"] == judged["suggested_label"]).mean()), 6),
        "flagged": int(rows["flagged"].sum()),
        "estimated_noise_rate": round(max(0.0, results.noise_rate), 6),
        "decided_by_people": int(results.cleaned["by"].map(is_person).sum()),
        **{name: int((status == name).sum()) for name in ("kept", "relabelled", "removed")},
        "duplicates": trouble.n_sets,
        "conflicting_duplicates": trouble.n_conflicting,
        "outliers": len(trouble.outliers),
        "left_out": len(trouble.left_out),
    }


def worst_rows(results: Results, top: int) -> pd.DataFrame:
    """Return at most ``top`` rows: the flagged ones, worst first, then a few undecided that come next in rank."""
    rows = results.rows.sort_values("rank")
    decided = results.cleaned["by"].map(is_person)[rows.index]
    return pd.concat([rows[rows["flagged"]], rows[~rows["flagged"] & ~decided].head(NEXT_IN_RANK)]).head(top)


def count_pairs(results: Results) -> pd.DataFrame:
    """Count the flagged rows by given and suggested label, the most frequent pair first."""
    flagged = results.rows[results.rows["flagged"]]
    pairs = flagged.groupby(["given_label", "suggested_label"], sort=True).size().reset_index(name="rows")
    return pairs.sort_values("rows", ascending=False, kind="stable")


def mean_curves(results: Results) -> pd.DataFrame:
    """Return the curves' mean over the folds, a row for each epoch."""
    return results.curves.drop(columns=["repeat", "fold"]).groupby("epoch", as_index=False).mean(numeric_only=True)


def find_examples(results: Results, ids: list[str]) -> pd.DataFrame:
    """Return the rows with the given ids, in their order.

    Raises
    ------
    InputError
        Naming every id that the data set does not have.
    """
    by_id = results.rows.set_index("id", drop=False)
    unknown = [row_id for row_id in ids if row_id not in by_id.index]
    if unknown:
        raise InputError(
            f"params.yaml: report.examples: no row has the id {', '.join(map(repr, unknown))}; "
            f"ids look like {by_id.index[0]!r} and {by_id.index[-1]!r}"
        )
    return by_id.loc[ids]


def is_person(by: str) -> bool:
    """Say whether a row was decided on by people: not by nobody, nor by the rule for undecided rows."""
    return by != "" and not by.startswith("undecided: ")


def _rank(rows: pd.DataFrame, flagged: set[str]) -> pd.DataFrame:
    numbers = rows.assign(**{name: rows[name].astype(float) for name in NUMBERS})
    rank = numbers["label_quality"].rank(method="first").astype(int)
    return numbers.assign(flagged=rows["id"].isin(flagged), rank=rank, row=np.arange(len(rows)))


def _to_numbers(table: pd.DataFrame, but: str = "member") -> pd.DataFrame:
    return table.assign(**{name: pd.to_numeric(table[name]) for name in map(str, table) if name != but})
