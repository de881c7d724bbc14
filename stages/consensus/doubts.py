"""How probable it is that a consensus label is wrong: annotators and model, joined by Bayes' rule.

No consensus says that by itself. CROWDLAB's quality is a weighted mean of what all say, so that it doubts rows on which
all agree; Dawid and Skene's does without the model. And what the model says of a label is no use where the model had a
part in choosing it.

The model is out of sample, so that what it says of a row owes nothing to what annotators said of the same row. Its
probabilities p are the prior of the row's class, made sharper or flatter and mixed with how common the classes c are:
(1 - e) pᵗ / Σ pᵗ + e c. Each annotator is right with a probability of his or her own, and takes any other class alike.
These are fitted by expectation and maximisation; t and e are those of a grid under which what was said is likeliest.

What errs together is not seen, as where a row is hard for all annotators and the model. How far off that leaves the
number of wrong labels was measured (`benchmarks.annotated_trust`), and widens its band in `stages.find_issues`.

References
----------
Raykar et al., "Learning From Crowds", Journal of Machine Learning Research 11, 2010: annotators and a classifier
"""

from itertools import product
from typing import NamedTuple

import numpy as np

from stages.artifacts.annotations import OTHER, Annotations
from stages.consensus.estimate import split_rows

# t and e
SHARPER = (0.25, 0.4, 0.65, 1.0, 1.5, 2.2, 3.3, 5.0)
MIXED = (0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
# so many rows tell them
SAMPLE = 1000
# a model is never surer than this that a row is not of a class, lest it outweigh all annotators
LEAST_PROB = 1e-6
MOST_STEPS, TOLERANCE = 30, 1e-4
# how often an annotator is right, to begin with, and at the least and the most
RIGHT, NEVER, ALWAYS = 0.8, 1e-3, 1 - 1e-3
# so many labels of an average annotator are added to those that an annotator gave
ADDED = 1.0
# processors differ in the last bits
DECIMALS = 6


class Cells(NamedTuple):
    """The classes that somebody gave a row, and its consensus label: annotators tell the others not apart.

    Attributes
    ----------
    rows, classes : ndarray of shape (c,), int64
        Rising by row, then by class.
    said : ndarray of int64
        The cell of each annotation of a class that the data have.
    """

    rows: np.ndarray
    classes: np.ndarray
    said: np.ndarray


def doubt_consensus(annotations: Annotations, pred_probs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the probability that each consensus label is wrong, (n,) float32; NaN for a row without one.

    Parameters
    ----------
    annotations : Annotations
        Of n rows.
    pred_probs : ndarray of shape (n, K), float32
        Out-of-sample probabilities.
    labels : ndarray of shape (n,), int64
        The consensus; -1 for a row without one.
    """
    cells = find_cells(annotations, labels, pred_probs.shape[1])
    common = np.bincount(labels[labels >= 0], minlength=pred_probs.shape[1]) + 1.0
    probs = fit_cells(annotations, pred_probs, cells, common / common.sum())
    doubts = np.full(len(labels), np.nan)
    chosen = cells.classes == labels[cells.rows]
    doubts[cells.rows[chosen]] = 1 - probs[chosen]
    return doubts.round(DECIMALS).astype(np.float32)


def fit_cells(annotations: Annotations, pred_probs: np.ndarray, cells: Cells, common: np.ndarray) -> np.ndarray:
    """Return the probability of each cell's class, (c,) float64, by annotators and model as they are fitted.

    ``common`` is how common each class is, (K,) float64.
    """
    people = annotations.annotators[annotations.labels != OTHER]
    given = np.bincount(annotations.annotators, minlength=len(annotations.names))
    sample = take_sample(cells, pred_probs)
    sharpened: dict[float, np.ndarray] = {}
    right, probs = np.full(len(given), RIGHT), np.empty(0)
    for _ in range(MOST_STEPS):
        gains = np.bincount(cells.said, np.log(right * (len(common) - 1) / (1 - right))[people], len(cells.rows))
        sharper, mixed = sample.find_likeliest(gains, common)
        if sharper not in sharpened:
            sharpened[sharper] = sharpen(pred_probs, cells.rows, cells.classes, sharper)
        probs, _ = expect(cells.rows, mix(sharpened[sharper], common[cells.classes], mixed), gains)
        hits = np.bincount(people, probs[cells.said], len(given))
        before, right = right, np.clip((hits + ADDED * hits.sum() / given.sum()) / (given + ADDED), NEVER, ALWAYS)
        if np.abs(right - before).max() < TOLERANCE:
            break
    return probs


def find_cells(annotations: Annotations, labels: np.ndarray, n_classes: int) -> Cells:
    """Return the cells of rows with a label."""
    named = annotations.labels != OTHER
    said = annotations.rows[named].astype(np.int64) * n_classes + annotations.labels[named]
    labelled = np.flatnonzero(labels >= 0)
    numbers, places = np.unique(np.concatenate([said, labelled * n_classes + labels[labelled]]), return_inverse=True)
    return Cells(*np.divmod(numbers, n_classes), places[: len(said)])


class Sample(NamedTuple):
    """Some rows' cells, (s,) bool of all cells; rows and classes of these, and their sharpened probabilities."""

    cells: np.ndarray
    rows: np.ndarray
    classes: np.ndarray
    sharpened: dict[float, np.ndarray]

    def find_likeliest(self, gains: np.ndarray, common: np.ndarray) -> tuple[float, float]:
        """Return t and e under which what annotators said is likeliest, by the gains of all cells."""

        def measure(pair: tuple[float, float]) -> float:
            prior = mix(self.sharpened[pair[0]], common[self.classes], pair[1])
            return float(expect(self.rows, prior, gains[self.cells])[1].sum())

        return max(product(SHARPER, MIXED), key=measure)


def take_sample(cells: Cells, pred_probs: np.ndarray) -> Sample:
    """Take up to `SAMPLE` rows, spread over all."""
    rows = np.unique(cells.rows)
    sampled = rows[:: -(-len(rows) // SAMPLE)]
    chosen = np.isin(cells.rows, sampled)
    places, classes = np.searchsorted(sampled, cells.rows[chosen]), cells.classes[chosen]
    probs = np.asarray(pred_probs[sampled])
    return Sample(chosen, places, classes, {each: sharpen(probs, places, classes, each) for each in SHARPER})


def sharpen(pred_probs: np.ndarray, rows: np.ndarray, classes: np.ndarray, sharper: float) -> np.ndarray:
    """Return pᵗ / Σ pᵗ of some cells, (c,) float64."""
    sums = np.empty(len(pred_probs))
    for part in split_rows(pred_probs.shape):
        sums[part] = (np.maximum(pred_probs[part], LEAST_PROB).astype(np.float64) ** sharper).sum(axis=1)
    probs: np.ndarray = np.maximum(pred_probs[rows, classes], LEAST_PROB).astype(np.float64) ** sharper / sums[rows]
    return probs


def mix(sharpened: np.ndarray, common: np.ndarray, mixed: float) -> np.ndarray:
    """Return the prior of each cell."""
    return (1 - mixed) * sharpened + mixed * common


def expect(rows: np.ndarray, prior: np.ndarray, gains: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability of each cell's class, and how likely each row's annotations are, as a logarithm.

    Parameters
    ----------
    rows, prior, gains : ndarray of shape (c,)
        The row of each cell, rising; how probable it was before anything was said; and the log-odds of what was said.
        A row's other classes have no cell, and gain nothing.
    """
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    counts = np.diff(np.append(starts, len(rows)))
    most = np.maximum(np.maximum.reduceat(gains, starts), 0)
    weights = prior * np.exp(gains - np.repeat(most, counts))
    others = np.maximum(1 - np.add.reduceat(prior, starts), 0) * np.exp(-most)
    total = np.add.reduceat(weights, starts) + others
    return weights / np.repeat(total, counts), most + np.log(total)
