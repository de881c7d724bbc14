"""Find the likely label errors: ``python -m stages.find_issues DATASET``.

Hands the out-of-sample probabilities to cleanlab and writes ``data/<dataset>/issues.csv``, the flagged rows, worst
first, and ``data/<dataset>/quality/``: ``label_quality.csv``, a row for each example, ``classes.csv``, and the
estimates of which class is given for which, ``joint.csv``, ``noise_matrix.csv`` and ``inverse_noise_matrix.csv``.
"""

import math
import re
from typing import Annotated, Literal

import numpy as np
from pydantic import BeforeValidator

from stages.artifacts import data_folder, load_array, read_json, read_table, replacing, write_table
from stages.command import InputError, run_stage
from stages.find_issues.blocks import PredProbs
from stages.find_issues.confident import (
    Rows,
    count_confident_joint,
    describe_rows,
    filter_rows,
    find_confident_classes,
)  # fmt: skip
from stages.find_issues.tables import tabulate_rows, write_noise
from stages.params import Section, read_section

FilterBy = Literal[
    "prune_by_noise_rate", "prune_by_class", "both", "confident_learning", "predicted_neq_given",
    "low_normalized_margin", "low_self_confidence",
]  # fmt: skip
RankBy = Literal["self_confidence", "normalized_margin", "confidence_weighted_entropy"]


def _check_budget(value: object) -> object:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    percent = isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)? ?%", value) and 0 < float(value.rstrip(" %")) <= 100
    if value is None or whole or percent:
        return value
    raise ValueError("give a number of rows of at least 1, a share such as 2%, or null for cleanlab's own count")


class Settings(Section):
    """What ``find_issues`` in params.yaml may hold."""

    filter_by: FilterBy = "prune_by_noise_rate"
    rank_by: RankBy = "self_confidence"
    budget: Annotated[int | str | None, BeforeValidator(_check_budget)] = None


def main(dataset: str) -> str:
    """Flag rows and return a line that says how many."""
    settings = read_section(dataset, "find_issues", Settings)
    folder = data_folder(dataset)
    classes = read_json(folder / "prepared" / "classes.json")
    ids = read_table(folder / "prepared" / "ids.csv")["id"]
    given, trained = (np.array(load_array(folder / name / "labels.npy")) for name in ("prepared", "training"))
    decided, order = (np.array(load_array(folder / "training" / f"{name}.npy")) for name in ("decided", "order"))
    pred_probs = PredProbs(folder / "predictions" / "pred_probs.npy")
    check_rows(given, pred_probs, len(classes))
    rows = describe_rows(np.where(trained < 0, given, trained), pred_probs, settings.rank_by)
    flagged, joint = judge_rows(trained, pred_probs, rows, decided, order, settings)
    quality = tabulate_rows(ids, given, trained, rows, classes)
    with replacing(folder / "quality", folder / "issues.csv") as (quality_folder, issues_file):
        quality_folder.mkdir()
        write_table(quality_folder / "label_quality.csv", quality)
        noise = write_noise(quality_folder, trained[trained >= 0], joint, trained[flagged], classes)
        write_table(issues_file, quality.iloc[flagged].drop(columns="judged_label"))
    return f"{len(flagged):,} of {len(given):,} rows flagged, estimated noise rate {noise:.2%}"


def check_rows(labels: np.ndarray, pred_probs: PredProbs, n_classes: int) -> None:
    """Refuse probabilities of other rows or classes than those that are labelled."""
    if pred_probs.shape != (len(labels), n_classes):
        raise InputError(
            f"{pred_probs.path}: has shape {pred_probs.shape}, "
            f"but there are {len(labels)} labels of {n_classes} classes; "
            "run `dvc repro`, which predicts what was prepared"
        )


def judge_rows(
    labels: np.ndarray, pred_probs: PredProbs, rows: Rows, decided: np.ndarray, order: np.ndarray, settings: Settings
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the flagged rows, worst first, and the confident joint of all that are labelled.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        What was trained on, from 0 to K - 1, or -1 for a row that is left out: it counts for nothing here.
    pred_probs, rows
        As `filter_rows` takes them.
    decided : ndarray of shape (n,), bool
        The rows that a person has confirmed, which are not flagged again.
    order : ndarray of shape (n,), int64
        The numbers of the rows in the order of their ids, which decides between equal scores.
    settings : Settings
        ``budget`` flags the worst rows by score, whatever their number; without it cleanlab's filter decides.

    Returns
    -------
    flagged : ndarray of shape (n_flagged,), int64
        Equal scores stay in that order.
    joint : ndarray of shape (K, K), int64
        As `count_confident_joint` returns it.
    """
    kept = order[labels[order] >= 0]
    if not np.array_equal(kept, np.arange(len(labels))):
        labels, decided, rows = labels[kept], decided[kept], rows.take(kept)
        pred_probs = PredProbs(pred_probs.path, kept)
    confident = find_confident_classes(labels, pred_probs, rows.given_prob)
    joint = count_confident_joint(labels, confident, pred_probs.shape[1])
    return kept[flag_rows(labels, pred_probs, rows, confident, joint, decided, settings)], joint


def flag_rows(
    labels: np.ndarray,
    pred_probs: PredProbs | np.ndarray,
    rows: Rows,
    confident: np.ndarray,
    joint: np.ndarray,
    decided: np.ndarray,
    settings: Settings,
) -> np.ndarray:
    """Return the numbers of the undecided rows that the budget or else the filter flags, worst first."""
    order = np.argsort(rows.scores, kind="stable")
    ranked: np.ndarray = order[~decided[order]]
    if settings.budget is not None:
        return ranked[: budget_rows(settings.budget, len(labels))]
    is_issue = filter_rows(labels, pred_probs, rows, confident, joint, settings.filter_by)
    flagged: np.ndarray = ranked[is_issue[ranked]]
    return flagged


def budget_rows(budget: int | str, n_rows: int) -> int:
    """Return how many rows a budget is: a number, or a share such as ``2%``, rounded up to whole rows."""
    if isinstance(budget, int):
        if budget > n_rows:
            raise InputError(f"params.yaml: find_issues.budget: {budget:,} is more than the {n_rows:,} rows; lower it")
        return budget
    # the rounding takes away what floating point adds: 7 % of 100 rows are 7
    return math.ceil(round(float(budget.rstrip(" %")) / 100 * n_rows, 6))


if __name__ == "__main__":
    run_stage("find_issues", main)
