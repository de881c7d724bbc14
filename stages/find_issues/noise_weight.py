"""How far the counts of confident disagreements say which class is taken for which, more than that there is noise.

The counts hold what people confuse along with what the model confuses. Two things tell the former:

- **They go one way.** A model that cannot tell two classes apart takes either for the other. People who take one class
  for another need not take the other for it. If both ways were as likely, the squared difference of a pair's two counts
  over their sum would be 1 on average (Bowker 1948), so that all P pairs with any counts would add up to P, with a
  standard deviation of √(2P) at most. What they add up to beyond two of these, as a share of the M counts off the
  diagonal, is a.
- **They are few pairs of classes.** Under a Dirichlet prior at uniform noise, worth A counts, the counts' own matrix
  has the share M / (M + A) of the posterior mean. A is the one under which the counts are likeliest (empirical Bayes,
  as Minka 2000 fits a Dirichlet-multinomial): small where few pairs of classes hold most of the counts, without limit
  where they are spread as chance would. Only what the counts outweigh the prior by is taken, max(0, M - A) / (M + A). A
  model's own confusions are few pairs too, so that few counts say little. But without it, classes that are taken for
  each other, both ways, would not be seen.

The better of the two counts, by the square of q, the mean probability that such a disagreement is the label's fault
(`stages.find_issues.doubts`, without any neighbours):

    w = 0.4 · min(1, 2 q² · max(a, max(0, M - A) / (M + A) · M / (M + 300)))

The form is from a trial of some eighty, of which `benchmarks.noise_weight` has a few: it gains much where classes are
taken for others, and loses nowhere. Without q and a the score lost .14 ± .11 points of average precision to
self-confidence under uniform noise, and .18 ± .16 on labels from outside the classes, where all counts are the model's
own confusions. Now no kind of noise loses more than its interval, whichever related data sets are left out.

0.4 is from a trial on public probabilities of five networks for three sets of labels of a 10-class picture benchmark,
one synthetic and two by people: the score was better than self-confidence in all fifteen, while w = 1 lost on people's
labels.

References
----------
Bowker, "A test for symmetry in contingency tables", Journal of the American Statistical Association 43, 1948

Minka, "Estimating a Dirichlet distribution", 2000,
https://tminka.github.io/papers/dirichlet/minka-dirichlet.pdf
"""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from stages.find_issues.doubts import doubt_labels, no_votes
from stages.find_issues.evidence import Evidence

MOST_WEIGHT = 0.4
# so many counts off the diagonal have half of the weight that any number has
ENOUGH = 300
# q² is multiplied by it: counts of which most are labels' faults are taken in full
BELIEVED = 2.0
# standard deviations of what chance gives that are still taken for chance
DEVIATIONS = 2.0
# between priors worth a hundredth of a row and ten thousand times all rows there are
LEAST_PRIOR, MOST_PRIORS = 0.01, 1e4
# Processors differ in the last bits of a logarithm, which must not reach the scores.
DECIMALS = 6


def expect_faults(evidence: Evidence) -> float:
    """Return q, the mean probability that a confident disagreement is the label's fault; 0 if there is none."""
    if not evidence.off_diagonal.any():
        return 0.0
    doubts = doubt_labels(evidence, no_votes(len(evidence.labels)))
    return float(doubts[evidence.off_diagonal].mean())


def weigh_counts(counts: np.ndarray, faults: float) -> float:
    """Return w, the weight of the counts' own noise matrix, from 0 to `MOST_WEIGHT`.

    Parameters
    ----------
    counts : ndarray of shape (K, K), int64
        Rows by given and confident class, without any calibration.
    faults : float
        How probable it is that a count off the diagonal is the label's fault, as `expect_faults` returns it.
    """
    n_wrong = int(counts.sum() - counts.trace())
    if n_wrong == 0:
        return 0.0
    structure = max(measure_one_way(counts), measure_few_pairs(counts) * n_wrong / (n_wrong + ENOUGH))
    return round(MOST_WEIGHT * min(1.0, BELIEVED * faults**2 * structure), DECIMALS)


def measure_one_way(counts: np.ndarray) -> float:
    """Return a, how far the counts off the diagonal go one way, from 0, as far as chance has it, to below 1."""
    above = np.triu_indices(len(counts), 1)
    there, back = counts[above], counts.T[above]
    either = there + back
    n_pairs = np.count_nonzero(either)
    by_chance = n_pairs + DEVIATIONS * np.sqrt(2 * n_pairs)
    beyond = float(((there - back) ** 2 / np.maximum(either, 1)).sum() - by_chance)
    return max(0.0, beyond) / max(1, int(either.sum()))


def measure_few_pairs(counts: np.ndarray) -> float:
    """Return how far the counts off the diagonal are those of few pairs, from 0, as chance has it, to below 1."""
    wrong = counts - np.diag(counts.diagonal())
    n_wrong = int(wrong.sum())
    # a true class makes wrong labels in proportion to its rows, of each class that is given at all alike
    chance = np.where(counts.sum(axis=1)[:, None] > 0, counts.sum(axis=0)[None, :], 0).astype(float)
    np.fill_diagonal(chance, 0)
    if n_wrong == 0 or np.count_nonzero(chance) < 2:
        return 0.0
    given, true = np.nonzero(wrong)
    prior = fit_prior(wrong[given, true], (chance / chance.sum())[given, true])
    return max(0.0, n_wrong - prior) / (n_wrong + prior)


def fit_prior(counted: np.ndarray, chances: np.ndarray) -> float:
    """Return the size of the Dirichlet prior, in counts, under which a multinomial's counts are likeliest.

    Parameters
    ----------
    counted : ndarray of int64
        The counts above 0; those of 0 have no part in the likelihood.
    chances : ndarray of float64
        The prior mean of each of them, above 0.
    """
    total = counted.sum()

    def improbability(log_size: float) -> float:
        size = np.exp(log_size)
        pairs = gammaln(size * chances + counted) - gammaln(size * chances)
        return float(gammaln(size + total) - gammaln(size) - pairs.sum())

    bounds = np.log(LEAST_PRIOR), np.log(MOST_PRIORS * total)
    return float(np.exp(minimize_scalar(improbability, bounds=bounds, method="bounded").x))
