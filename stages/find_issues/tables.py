"""The tables that the stage leaves: every row's quality, each class's, and which class is given for which."""

from pathlib import Path

import numpy as np
import pandas as pd
from cleanlab.count import estimate_joint, estimate_latent
from cleanlab.dataset import rank_classes_by_label_quality

from stages.artifacts import write_table
from stages.find_issues.confident import Rows


def tabulate_rows(
    ids: pd.Series, given: np.ndarray, trained: np.ndarray, rows: Rows, classes: list[str]
) -> pd.DataFrame:
    """Return a row for each example: what it is labelled, what the network suggests, how good the label looks.

    The label judged is the given one, or another where people decided so and ``crossval_predict.labels`` is decided;
    it is empty for a row that they removed.
    """
    names = np.array([*classes, ""], dtype=object)
    return pd.DataFrame(
        {
            "id": ids,
            "given_label": names[given],
            "judged_label": names[trained],
            "suggested_label": names[rows.suggested],
            "label_quality": rows.scores,
            "given_prob": rows.given_prob,
            "suggested_prob": rows.suggested_prob,
        }
    )


def write_noise(
    folder: Path, labels: np.ndarray, confident_joint: np.ndarray, flagged_labels: np.ndarray, classes: list[str]
) -> float:
    """Write the figures of each class and the noise matrices, and return the estimated noise rate.

    ``joint.csv`` holds P(given, true) and ``noise_matrix.csv`` P(given | true), with a row for each given and a column
    for each true label; ``inverse_noise_matrix.csv`` holds P(true | given), with a row for each true and a column for
    each given label. The columns of the last two sum to 1.
    """
    joint = estimate_joint(labels, None, confident_joint=confident_joint)
    _, noise_matrix, inverse_noise_matrix = estimate_latent(confident_joint, labels)
    matrices = {"joint": joint, "noise_matrix": noise_matrix, "inverse_noise_matrix": inverse_noise_matrix}
    for name, matrix in matrices.items():
        table = pd.DataFrame(matrix, columns=classes)
        table.insert(0, "class", classes, allow_duplicates=True)
        write_table(folder / f"{name}.csv", table)
    write_table(folder / "classes.csv", describe_classes(labels, flagged_labels, joint, classes))
    return float(1 - np.trace(joint))


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
