"""Which way to a consensus is taken: by what the annotators and the model know."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from stages.artifacts.annotations import Annotations
from stages.consensus.crowdlab import run_crowdlab
from stages.consensus.estimate import Estimate, count_votes


class Method(NamedTuple):
    """A way to a consensus: its name in ``about.json``, and what it does with annotations and probabilities."""

    name: str
    run: Callable[[Annotations, np.ndarray], Estimate]


def _run_dawid_skene(annotations: Annotations, pred_probs: np.ndarray) -> Estimate:
    # not at the top: scipy takes half a second
    from stages.consensus.dawid_skene import run_dawid_skene

    return run_dawid_skene(annotations, pred_probs.shape[1])


CROWDLAB = Method("crowdlab", run_crowdlab)
DAWID_SKENE = Method("dawid_skene", _run_dawid_skene)
MAJORITY = Method("majority", lambda annotations, pred_probs: count_votes(annotations, pred_probs.shape[1]))


class Found(NamedTuple):
    """A consensus: how it was found, and why so."""

    method: Method
    why: str
    estimate: Estimate


# With a model that avoids a smaller share of the errors of guessing, Dawid and Skene were right more often in two
# classes; in ten and more it made little difference (docs/annotators.md).
LEAST_SKILL = 0.3
# The same by what Dawid and Skene make of the labels, which is right more often than the vote: a vote may be worse than
# the model, and then says little of it.
LEAST_SKILL_BY_THEM = 0.4
# of fewer rows with several labels, any way but the vote may lose with a weak model (`benchmarks.few_shared_rows`)
LEAST_ROWS = 20


def find_consensus(annotations: Annotations, pred_probs: np.ndarray, voted: np.ndarray) -> Found:
    """Find the consensus in the way that fits what annotators and model know.

    Parameters
    ----------
    annotations : Annotations
        m of n rows.
    pred_probs : ndarray of shape (n, K), float32
        Out-of-sample probabilities of a model that was trained on the votes.
    voted : ndarray of shape (n,), int64
        The labels by vote.
    """

    def take(method: Method, why: str) -> Found:
        return Found(method, why, method.run(annotations, pred_probs))

    several = annotations.count_by_row() > 1
    if several.sum() < LEAST_ROWS:
        return take(MAJORITY, f"{several.sum():,} rows have two labels or more, too few to tell how good anybody is")
    suggested = pred_probs[several].argmax(axis=1)
    skill = measure_skill(suggested, voted[several])
    said = f"the model avoids {max(skill, 0):.0%} of the errors of guessing"
    if skill >= LEAST_SKILL:
        return take(CROWDLAB, said)
    # each annotator has so many probabilities to be told
    n_cells = pred_probs.shape[1] ** 2
    if several[annotations.rows].sum() < n_cells * len(annotations.names):
        return take(CROWDLAB, f"{said}, and annotators gave too few labels to tell which classes each mixes up")
    found = take(DAWID_SKENE, f"{said}, too few to have a say")
    skill = measure_skill(suggested, found.estimate.labels[several])
    if skill < LEAST_SKILL_BY_THEM:
        return found
    return take(CROWDLAB, f"{said} by the votes, but {skill:.0%} by Dawid and Skene's labels, which are better")


def measure_skill(suggested: np.ndarray, voted: np.ndarray) -> float:
    """Return the share of the errors of always saying the commonest class that a model does not make.

    Parameters
    ----------
    suggested, voted : ndarray of shape (n,), int64
        Its likeliest class, and the label that is taken for right.
    """
    baseline = 1 - np.bincount(voted[voted >= 0]).max() / len(voted)
    return 1 - float(np.mean(suggested != voted)) / baseline if baseline else 0.0
