"""Find the likely label errors: ``python -m stages.find_issues DATASET``.

Hands the out-of-sample probabilities to cleanlab and writes ``data/<dataset>/issues.csv``, the flagged rows, worst
first, and ``data/<dataset>/quality/``: ``label_quality.csv``, a row for each example, ``classes.csv``, and the
estimates of which class is given for which, ``joint.csv``, ``noise_matrix.csv`` and ``inverse_noise_matrix.csv``.
"""

import math
import re
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from cleanlab.count import compute_confident_joint, estimate_joint, estimate_latent
from cleanlab.dataset import rank_classes_by_label_quality
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from pydantic import BeforeValidator

from stages.artifacts import data_folder, load_array, read_json, read_table, replacing, write_table
from stages.command import InputError, run_stage
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
    labels = np.array(load_array(folder / "prepared" / "labels.npy"))
    pred_probs = load_array(folder / "predictions" / "pred_probs.npy")
    scores = get_label_quality_scores(labels, pred_probs, method=settings.rank_by)
    flagged = flag_rows(labels, pred_probs, scores, settings)
    quality = describe_rows(ids, labels, pred_probs, scores, classes)
    with replacing(folder / "quality", folder / "issues.csv") as (quality_folder, issues_file):
        quality_folder.mkdir()
        write_table(quality_folder / "label_quality.csv", quality)
        noise = write_noise(quality_folder, labels, pred_probs, flagged, classes)
        write_table(issues_file, quality.iloc[flagged])
    return f"{len(flagged):,} of {len(labels):,} rows flagged, estimated noise rate {noise:.2%}"


def flag_rows(labels: np.ndarray, pred_probs: np.ndarray, scores: np.ndarray, settings: Settings) -> np.ndarray:
    """Return the numbers of the flagged rows, worst first; equal scores stay in the order of their rows.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        Given labels from 0 to K - 1.
    pred_probs : ndarray of shape (n, K), float32
        Out-of-sample probabilities.
    scores : ndarray of shape (n,), float
        Label quality, from 0, surely wrong, to 1.
    settings : Settings
        ``budget`` flags the worst rows by score, whatever their number; without it cleanlab's filter decides.

    Returns
    -------
    ndarray of shape (n_flagged,), int64

    References
    ----------
    Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of
    Artificial Intelligence Research 70, 2021, https://arxiv.org/abs/1911.00068
    """
    ranked = np.argsort(scores, kind="stable")
    if settings.budget is not None:
        return ranked[: budget_rows(settings.budget, len(labels))]
    is_issue = find_label_issues(labels, pred_probs, filter_by=settings.filter_by, n_jobs=1)
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


def describe_rows(
    ids: pd.Series, labels: np.ndarray, pred_probs: np.ndarray, scores: np.ndarray, classes: list[str]
) -> pd.DataFrame:
    """Return a row for each example: what it is labelled, what the network suggests, how good the label looks."""
    suggested = pred_probs.argmax(axis=1)
    names, rows = np.array(classes, dtype=object), np.arange(len(labels))
    return pd.DataFrame(
        {
            "id": ids,
            "given_label": names[labels],
            "suggested_label": names[suggested],
            "label_quality": scores,
            "given_prob": pred_probs[rows, labels],
            "suggested_prob": pred_probs[rows, suggested],
        }
    )


def write_noise(
    folder: Path, labels: np.ndarray, pred_probs: np.ndarray, flagged: np.ndarray, classes: list[str]
) -> float:
    """Write the figures of each class and the noise matrices, and return the estimated noise rate.

    ``joint.csv`` holds P(given, true) and ``noise_matrix.csv`` P(given | true), with a row for each given and a column
    for each true label; ``inverse_noise_matrix.csv`` holds P(true | given), with a row for each true and a column for
    each given label. The columns of the last two sum to 1.
    """
    confident_joint = compute_confident_joint(labels, pred_probs)
    joint = estimate_joint(labels, pred_probs, confident_joint=confident_joint)
    _, noise_matrix, inverse_noise_matrix = estimate_latent(confident_joint, labels)
    matrices = {"joint": joint, "noise_matrix": noise_matrix, "inverse_noise_matrix": inverse_noise_matrix}
    for name, matrix in matrices.items():
        table = pd.DataFrame(matrix, columns=classes)
        table.insert(0, "class", classes, allow_duplicates=True)
        write_table(folder / f"{name}.csv", table)
    write_table(folder / "classes.csv", describe_classes(labels, flagged, joint, classes))
    return float(1 - np.trace(joint))


def describe_classes(labels: np.ndarray, flagged: np.ndarray, joint: np.ndarray, classes: list[str]) -> pd.DataFrame:
    """Return a row for each class: its rows, how many are flagged, and cleanlab's estimate of its label quality."""
    n_classes = len(classes)
    ranked = rank_classes_by_label_quality(labels=labels, joint=joint, num_examples=len(labels))
    estimates = ranked.set_index("Class Index").sort_index()
    return pd.DataFrame(
        {
            "class": classes,
            "rows": np.bincount(labels, minlength=n_classes),
            "flagged": np.bincount(labels[flagged], minlength=n_classes),
            "estimated_wrong": estimates["Label Issues"],
            "estimated_missing": estimates["Inverse Label Issues"],
            "label_quality": estimates["Label Quality Score"],
        }
    )


if __name__ == "__main__":
    run_stage("find_issues", main)
