"""The tables that the stage leaves: every row's quality, each class's, and which class is given for which."""

from pathlib import Path

import numpy as np
import pandas as pd
from cleanlab.count import estimate_joint, estimate_latent
from cleanlab.dataset import rank_classes_by_label_quality

from stages.artifacts.files import write_table
from stages.artifacts.issues import FLAGGED, NOT_FLAGGED
from stages.artifacts.labels import NO_LABEL, name_labels
from stages.find_issues.confident import Rows
from stages.find_issues.expected import tabulate_reliability
from stages.find_issues.judge import Judged
from stages.find_issues.steadiness import Steadiness


def tabulate_rows(
    ids: pd.Series, given: np.ndarray, trained: np.ndarray, rows: Rows, judged: Judged, order: np.ndarray,
    classes: list[str],
) -> pd.DataFrame:  # fmt: skip
    """Return a row for each example: what it is labelled, what the model suggests, how good the label looks.

    The label judged is the given one, or the one that people decided on if the model was trained with decisions. It is
    empty for a row that they removed, that is left out, or that has no given label: such a row is not judged, and its
    quality is 1. Without a given label, ``given_prob`` is 0.
    """
    scores, error_prob, prior = np.ones(len(given)), np.zeros(len(given)), np.zeros(len(given))
    scores[judged.kept], error_prob[judged.kept], prior[judged.kept] = judged.scores, judged.error_prob, judged.prior
    return pd.DataFrame(
        {
            "id": ids,
            "given_label": name_labels(given, classes),
            "judged_label": name_labels(trained, classes),
            "suggested_label": name_labels(rows.suggested, classes),
            "label_quality": scores,
            "given_prob": np.where(given == NO_LABEL, 0, rows.given_prob),
            "suggested_prob": rows.suggested_prob,
            "error_prob": error_prob,
            "prior_error_prob": prior,
            "rank": judged.rank_rows(order),
        }
    )


def list_issues(quality: pd.DataFrame, judged: Judged, steadiness: Steadiness) -> pd.DataFrame:
    """Return the rows of `tabulate_rows` that are listed, worst first, which of them are flagged, and by how many runs.

    There is no column ``flagged_runs`` if there is but one run.
    """
    listed = judged.list_rows()
    flagged = np.where(judged.flagged[listed], FLAGGED, NOT_FLAGGED)
    unlisted = ["judged_label", "prior_error_prob", "rank"]
    listed_quality: pd.DataFrame = quality.iloc[judged.kept[listed]].drop(columns=unlisted)
    runs = {"flagged_runs": steadiness.count_of(judged.kept[listed])} if len(steadiness.flags) else {}
    return listed_quality.assign(flagged=flagged, **runs)


def write_quality(
    folder: Path, quality: pd.DataFrame, judged: Judged, expected: pd.DataFrame, classes: list[str]
) -> None:
    """Write the folder ``quality``; ``expected`` is what `Judged.tabulate_yield` returns.

    ``joint.csv`` holds P(given, true) and ``noise_matrix.csv`` P(given | true), with a row for each given and a column
    for each true label; ``inverse_noise_matrix.csv`` holds P(true | given), with a row for each true and a column for
    each given label. The columns of the last two sum to 1.
    """
    write_table(folder / "label_quality.csv", quality)
    labels = judged.labels
    write_table(folder / "yield.csv", expected)
    write_table(folder / "reliability.csv", tabulate_reliability(labels, judged.rows, np.nan_to_num(judged.error_prob)))
    joint = estimate_joint(labels, None, confident_joint=judged.joint)
    _, noise_matrix, inverse_noise_matrix = estimate_latent(judged.joint, labels)
    matrices = {"joint": joint, "noise_matrix": noise_matrix, "inverse_noise_matrix": inverse_noise_matrix}
    for name, matrix in matrices.items():
        table = pd.DataFrame(matrix, columns=classes)
        table.insert(0, "class", classes, allow_duplicates=True)
        write_table(folder / f"{name}.csv", table)
    write_table(folder / "classes.csv", describe_classes(labels, labels[judged.flagged], joint, classes))


def describe_classes(
    labels: np.ndarray, flagged_labels: np.ndarray, joint: np.ndarray, classes: list[str]
) -> pd.DataFrame:
    """Return a row for each class: its rows, how many are flagged, and cleanlab's estimate of its label quality."""
    n_classes = len(classes)
    ranked = rank_classes_by_label_quality(labels=labels, joint=joint, num_examples=len(labels))
    estimates = ranked.set_index("Class Index").sort_index()
    return pd.DataFrame(
        {
            "class": classes,
            "rows": np.bincount(labels, minlength=n_classes),
            "flagged": np.bincount(flagged_labels, minlength=n_classes),
            "estimated_wrong": estimates["Label Issues"],
            "estimated_missing": estimates["Inverse Label Issues"],
            "label_quality": estimates["Label Quality Score"],
        }
    )
