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

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stages.artifacts.annotations import Annotations, vote
from stages.consensus.estimate import Estimate, average, split_rows

# cleanlab's CLIPPING_LOWER_BOUND: no weight is nothing
LEAST = 1e-6


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
    n_classes = pred_probs.shape[1]
    suggested = pred_probs.argmax(axis=1)
    probs = np.asarray(pred_probs[annotations.rows, annotations.labels])
    voted, _ = vote(annotations.rows, annotations.labels, annotations.n_rows, probs)
    agreement = agree_with_others(annotations)
    labels = voted.copy()
    for part, mixed in _mix(annotations, pred_probs, weigh(annotations, agreement, voted, suggested, n_classes)):
        labels[part] = _find_likeliest(mixed, voted[part])
    weights = weigh(annotations, agreement, labels, suggested, n_classes)
    distribution = np.empty(pred_probs.shape, dtype=np.float32)
    for part, mixed in _mix(annotations, pred_probs, weights):
        distribution[part] = mixed
    found = Estimate(labels, distribution, np.empty(0))
    return Estimate(labels, distribution, _rate_annotators(annotations, found, weights))


def weigh(
    annotations: Annotations, agreement: np.ndarray, consensus: np.ndarray, suggested: np.ndarray, n_classes: int
) -> Weights:
    """Weigh the model and each annotator by how often they agree, on the rows that several have labelled.

    Parameters
    ----------
    annotations : Annotations
        m of n rows.
    agreement : ndarray of shape (M,), float64
        What `agree_with_others` returns.
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


def _mix(annotations: Annotations, pred_probs: np.ndarray, weights: Weights) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the weighted means of what the model and the annotators say: some rows, and their (rows, K) float32."""
    n_classes = pred_probs.shape[1]
    for part in split_rows(pred_probs.shape):
        said = slice(*np.searchsorted(annotations.rows, [part.start, part.stop]))
        rows, labels = annotations.rows[said] - part.start, annotations.labels[said]
        weight = weights.annotators[annotations.annotators[said]]
        total = np.bincount(rows, weight, part.stop - part.start)
        mixed = np.asarray(pred_probs[part], dtype=np.float64) * weights.model
        mixed += (total * weights.wrong)[:, None]
        named = labels >= 0
        cells = rows[named].astype(np.int64) * n_classes + labels[named]
        np.add.at(mixed.reshape(-1), cells, weight[named] * (weights.right - weights.wrong))
        mixed /= (total + weights.model)[:, None]
        yield part, mixed.astype(np.float32)


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
