"""A label quality score that knows how labels go wrong in this data set.

cleanlab's scores look at a row's probabilities alone. Where the given labels j of rows whose true class is k follow a
noise matrix Q[j, k] = P(given j | true k), and p[k] is the out-of-sample probability that a row is of class k, Bayes'
rule gives the probability that its given label y is the true one:

    q = p[y] Q[y, y] / Σ_k p[k] Q[y, k]

The noise matrix is cleanlab's: the confident joint's counts (Northcutt et al. 2021), each column divided by its sum,
E. On its own it is a poor one, for two reasons. It is sparse: a pair of classes that was counted once too often, or
never, decides over the rank of every row of them. And it counts what the network confuses along with what people do,
although p holds the network's own doubts already. So it is mixed with uniform noise U of the same rate r, under which
every other class is given equally often, r / (K - 1):

    Q = w E + (1 - w) U

Under U alone q ranks rows as self-confidence does, p[y]. So w says how far the score leaves it, and is 0 unless the
counts say more than that there is noise (`stages.find_issues.noise_weight`). An accurate network on clean data leaves
too few counts to say anything; then the scores are self-confidence to the last bit.

Noise of a third kind, under which a row is given the class that it looks like, p[j] / (1 - p[k]), was tried beside the
two and left out. Its share can be told from the confident errors, and it is by far the best at finding labels that
were flipped to the model's own second guess. But a row that is labelled right and that the model mistakes looks the
same: of BANKING77's own labels, as people gave them, it ranked more right ones among the worst.

References
----------
Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of Artificial
Intelligence Research 70, 2021, https://arxiv.org/abs/1911.00068
"""

import numpy as np

from stages.find_issues.blocks import PredProbs, split_rows
from stages.find_issues.evidence import Evidence
from stages.find_issues.noise_weight import expect_faults, weigh_counts

AUDIT_PLACE = 1


def score(evidence: Evidence) -> np.ndarray:
    """Return the posterior probability of each row's label, under the noise that the confident counts show."""
    odds = estimate_noise_odds(evidence.counts, weigh_counts(evidence.counts, expect_faults(evidence)))
    return score_posterior(evidence.labels, evidence.pred_probs, evidence.rows.given_prob, odds)


def estimate_noise_odds(counts: np.ndarray, weight: float) -> np.ndarray:
    """Estimate how much likelier each pair of given and true class is than under uniform noise.

    Parameters
    ----------
    counts : ndarray of shape (K, K), int64
        Rows by given and confident class, without any calibration.
    weight : float
        w, how far these counts count beside uniform noise.

    Returns
    -------
    ndarray of shape (K, K), float64
        Q[j, k] / Q[j, j], divided by the same for uniform noise U; all 1 if the counts have no weight.
        Given and true class of a row with label j being different has these odds. The diagonal is 1.
    """
    n_classes = len(counts)
    if weight == 0:
        return np.ones((n_classes, n_classes))
    of_true: np.ndarray = counts.sum(axis=0)
    # an empty class is none that a label could be mistaken for
    n_others = max(1, int(np.count_nonzero(of_true)) - 1)
    rate = min(1 - counts.trace() / counts.sum(), n_others / (n_others + 1))
    uniform = np.full((n_classes, n_classes), rate / n_others)
    np.fill_diagonal(uniform, 1 - rate)
    estimate = np.where(of_true > 0, counts / np.maximum(of_true, 1), uniform)
    noise = weight * estimate + (1 - weight) * uniform
    odds: np.ndarray = noise / noise.diagonal()[:, None] / (uniform / uniform.diagonal()[:, None])
    return odds


def score_posterior(
    labels: np.ndarray, pred_probs: PredProbs | np.ndarray, given_prob: np.ndarray, odds: np.ndarray
) -> np.ndarray:
    """Score every row by the posterior of its label, a block of rows at a time.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        Given labels from 0 to K - 1.
    pred_probs : PredProbs or ndarray of shape (n, K), float32
        Out-of-sample probabilities.
    given_prob : ndarray of shape (n,), float32
        Those of the labels, p[y].
    odds : ndarray of shape (K, K), float64
        As `estimate_noise_odds` returns them.

    Returns
    -------
    ndarray of shape (n,), float
        From 0 to 1. It ranks rows as q does; its odds are those of q times the odds of a wrong label under uniform
        noise, the same for all rows, so that it is p[y] where the noise is uniform and spread like it elsewhere.
    """
    if (odds == 1).all():
        return given_prob
    # what the label itself adds to the sum is p[y], since the diagonal of the odds is 1
    either = [np.einsum("nk,nk->n", pred_probs[rows], odds[labels[rows]]) for rows in split_rows(pred_probs.shape)]
    scores: np.ndarray = given_prob / np.maximum(np.concatenate(either), np.finfo(np.float32).tiny)
    return scores
