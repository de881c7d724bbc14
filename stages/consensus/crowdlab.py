"""CROWDLAB: the annotators and the model vote, each with a weight that is how often they are right.

Every figure is the one that cleanlab 2.9 gives (`cleanlab.multiannotator.get_label_quality_multiannotator`), but for
ties that it breaks at random. It takes a matrix of rows by annotators, and looks at each pair of annotators and each
class in all of it: with hundreds of annotators that is hours and gigabytes for what are a few annotations a row. So it
is written out here for a list of annotations.

References
----------
Goh, Tkachenko and Mueller, "CROWDLAB: Supervised learning to infer consensus labels and quality scores for data with
multiple annotators", 2022, https://arxiv.org/abs/2210.06812
"""

from dataclasses import dataclass

import numpy as np

from stages.artifacts.annotations import Annotations, vote
from stages.consensus.estimate import Estimate, average

# cleanlab's CLIPPING_LOWER_BOUND: no weight is nothing
LEAST = 1e-6
BLOCK_ROWS = 1 << 15


@dataclass(frozen=True)
class Weights:
    """How much each vote counts.

    Attributes
    ----------
    model : float
        The model's.
    annotators : ndarray of shape (M,), float64
        Theirs.
    right, wrong : float
        The probability that an annotator gives the consensus label, and any one other class.
    """

    model: float
    annotators: np.ndarray
    right: float
    wrong: float


def run_crowdlab(annotations: Annotations, pred_probs: np.ndarray) -> Estimate:
    """Find each row's consensus label, and how good it, every annotation and every annotator is.

    Parameters
    ----------
    annotations : Annotations
        m of n rows; some row must have two.
    pred_probs : ndarray of shape (n, K), float32
        Out-of-sample probabilities.

    Returns
    -------
    Estimate
        The label of a row without annotations is -1, and its probabilities are the model's.
    """
    suggested = pred_probs.argmax(axis=1)
    probs = np.asarray(pred_probs[annotations.rows, annotations.labels])
    voted, _ = vote(annotations.rows, annotations.labels, annotations.n_rows, probs)
    first = weigh(annotations, voted, suggested, pred_probs.shape[1])
    labels = _find_likeliest(_mix(annotations, pred_probs, first), voted)
    weights = weigh(annotations, labels, suggested, pred_probs.shape[1])
    found = Estimate(labels, _mix(annotations, pred_probs, weights), np.empty(0))
    return Estimate(labels, found.distribution, _rate_annotators(annotations, found, weights))


def weigh(annotations: Annotations, consensus: np.ndarray, suggested: np.ndarray, n_classes: int) -> Weights:
    """Weigh the model and each annotator by how often they agree, on the rows that several have labelled.

    Parameters
    ----------
    annotations : Annotations
        m of n rows.
    consensus, suggested : ndarray of shape (n,), int64
        The label that is taken for right, and the model's likeliest class.
    n_classes : int
        K.
    """
    counts = annotations.count_by_row()
    several = counts > 1
    agreeing = np.bincount(annotations.rows, annotations.labels == consensus[annotations.rows], len(counts))
    right = float(np.mean(agreeing[several] / counts[several]))
    # the error of always saying the commonest class
    commonest = np.bincount(consensus[several], minlength=n_classes).max()
    baseline = max(1 - commonest / several.sum(), LEAST)
    agreement = agree_with_others(annotations)
    agreement = np.where(np.isnan(agreement), np.nanmean(agreement), agreement)
    model_error = float(np.mean(suggested[several] != consensus[several]))
    n_mean = counts[counts > 0].mean()
    return Weights(
        model=max(1 - model_error / baseline, LEAST) * float(np.sqrt(n_mean)),
        annotators=np.maximum(1 - (1 - agreement) / baseline, LEAST),
        right=right,
        wrong=(1 - right) / (n_classes - 1),
    )


def agree_with_others(annotations: Annotations) -> np.ndarray:
    """Return how often each annotator agrees with another one of the same row, (M,) float64; NaN if there is none."""
    _, cells, alike = np.unique(
        annotations.rows.astype(np.int64) * (int(annotations.labels.max()) + 2) + annotations.labels + 1,
        return_inverse=True,
        return_counts=True,
    )
    others = annotations.count_by_row()[annotations.rows] - 1
    n_annotators = len(annotations.names)
    same = np.bincount(annotations.annotators, alike[cells] - 1, n_annotators)
    pairs = np.bincount(annotations.annotators, others, n_annotators)
    shares: np.ndarray = np.divide(same, pairs, out=np.full(n_annotators, np.nan), where=pairs > 0)
    return shares


def _mix(annotations: Annotations, pred_probs: np.ndarray, weights: Weights) -> np.ndarray:
    """Return the weighted mean of what the model and the annotators say, (n, K) float32."""
    mixed = np.empty(pred_probs.shape, dtype=np.float32)
    for start in range(0, len(mixed), BLOCK_ROWS):
        end = min(start + BLOCK_ROWS, len(mixed))
        said = slice(*np.searchsorted(annotations.rows, [start, end]))
        rows, labels = annotations.rows[said] - start, annotations.labels[said]
        weight = weights.annotators[annotations.annotators[said]]
        total = np.bincount(rows, weight, end - start)
        block = np.asarray(pred_probs[start:end], dtype=np.float64) * weights.model + (total * weights.wrong)[:, None]
        named = labels >= 0
        np.add.at(block, (rows[named], labels[named]), weight[named] * (weights.right - weights.wrong))
        mixed[start:end] = block / (total + weights.model)[:, None]
    return mixed


def _find_likeliest(probs: np.ndarray, voted: np.ndarray) -> np.ndarray:
    """Return the likeliest class of each row, the voted one where several are, and -1 where none voted."""
    rows = np.arange(len(probs))
    likeliest: np.ndarray = probs.argmax(axis=1)
    is_tied = probs[rows, voted] == probs[rows, likeliest]
    settled: np.ndarray = np.where((voted < 0) | is_tied, voted, likeliest)
    return settled


def _rate_annotators(annotations: Annotations, found: Estimate, weights: Weights) -> np.ndarray:
    """Return how good each annotator is, (M,) float64: by the probabilities, and by how often the consensus agrees."""
    counts = annotations.count_by_row()
    several = counts[annotations.rows] > 1
    agrees = np.where(several, annotations.labels == found.labels[annotations.rows], 0)
    shared = average(annotations, several)
    agreement = np.divide(average(annotations, agrees), shared, out=np.full(len(shared), np.nan), where=shared > 0)
    by_probs = average(annotations, found.rate(annotations))
    n_mean = counts[counts > 0].mean() / len(weights.annotators)
    share = weights.model / (weights.model + weights.annotators.sum() * n_mean)
    quality: np.ndarray = np.where(np.isnan(agreement), by_probs, share * by_probs + (1 - share) * agreement)
    return quality
