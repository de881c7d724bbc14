"""Which rows another annotation would help most, and whom to ask."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from stages.artifacts.annotations import Annotations, Consensus

# an annotator, or a model, counts for no less
LEAST_WEIGHT = 1e-6


def score_rows(annotations: Annotations, consensus: Consensus, pred_probs: np.ndarray) -> np.ndarray:
    """Return the score of each row: the lower, the more another annotation helps.

    What is known of a row, the quality of its consensus, is drawn towards knowing nothing, 1 / K, the less stands
    behind it: annotators count as far as they agree with others beyond chance, the model as far as with the consensus.

    Parameters
    ----------
    annotations : Annotations
        m of n rows.
    consensus : Consensus
        Of these.
    pred_probs : ndarray of shape (n, K)
        Out of sample.

    Returns
    -------
    ndarray of shape (n,), float64

    References
    ----------
    H. W. Goh and J. Mueller, "ActiveLab: Active Learning with Re-Labeling by Multiple Annotators", 2023. cleanlab's
    `get_active_learning_scores` is the same with the model's probabilities tempered first. It takes a cell for each
    row and annotator, which many annotators are too many for, and works CROWDLAB out anew; this takes what the stage
    `consensus` found, by whichever method.
    """
    by_annotator, of_model = _weigh(annotations, consensus, pred_probs)
    behind = of_model + np.bincount(
        annotations.rows, weights=by_annotator[annotations.annotators], minlength=annotations.n_rows
    )
    known = consensus.rows["quality"].to_numpy(dtype=float)
    known = np.where(np.isnan(known), np.asarray(pred_probs).max(axis=1), known)
    nothing, weight = 1 / pred_probs.shape[1], by_annotator.mean()
    scores: np.ndarray = (behind * known + weight * nothing) / (behind + weight)
    return scores


def _weigh(annotations: Annotations, consensus: Consensus, pred_probs: np.ndarray) -> tuple[np.ndarray, float]:
    """Return CROWDLAB's weight of each annotator, and that of the model."""
    counts = annotations.count_by_row()
    several = counts >= 2
    if not several.any():
        return np.ones(len(annotations.names)), 1.0
    labels = consensus.labels[several]
    by_chance = max(LEAST_WEIGHT, float(np.mean(labels != np.bincount(labels).argmax())))
    agreement = consensus.annotators["agreement_with_others"].to_numpy(dtype=float)
    agreement = np.where(np.isnan(agreement), np.nanmean(agreement), agreement)
    model_error = float(np.mean(np.asarray(pred_probs)[several].argmax(axis=1) != labels))
    of_model = max(LEAST_WEIGHT, 1 - model_error / by_chance) * np.sqrt(counts[counts > 0].mean())
    return np.clip(1 - (1 - agreement) / by_chance, LEAST_WEIGHT, None), float(of_model)


def share_out(rows: Iterable[int], annotations: Annotations, asked: Sequence[str], count: int) -> pd.DataFrame:
    """Give each row to one annotator who has not labelled it, so that all get as many as can be.

    Parameters
    ----------
    rows : iterable of int
        The most helpful first.
    annotations : Annotations
        What has been said.
    asked : sequence of str
        The annotators who are asked; they may be new.
    count : int
        How many rows to give out at most.

    Returns
    -------
    DataFrame with the columns row and annotator
        In the order of ``rows``; those that all have labelled are left out.
    """
    loads = dict.fromkeys(asked, 0)
    given: list[tuple[int, str]] = []
    for row in rows:
        if len(given) == count:
            break
        said = {annotations.names[number] for number in annotations.annotators[annotations.of(row)]}
        free = [name for name in asked if name not in said]
        if free:
            name = min(free, key=loads.__getitem__)
            loads[name] += 1
            given.append((row, name))
    return pd.DataFrame(given, columns=["row", "annotator"])
