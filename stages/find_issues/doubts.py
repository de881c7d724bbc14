"""How often a disagreement of the model with a label is the label's fault.

Confident learning counts every confident disagreement as an error. With a strong model nearly all are; with a weak one
most are the model's own mistakes, and a number that does not know the difference is wrong by several times. What the
difference shows in, out of sample:

- **Neighbours.** Where a label is wrong, the rows nearest to it have the class that the model suggests, about as often
  as around rows that the model agrees with. Where the model is wrong, they have the given label.
- **How much it disagrees.** A model that disagrees with a third of all labels is rarely right about a third.
- **How sure it is**, of one row beside the others.

A logistic regression weighs these. Its weights are those of `benchmarks.trust`, which fits them on several hundred
runs in which the wrong labels are known: good, weak and useless models of pictures, tables and texts, with six kinds of
noise and with none. That is a prior, no certainty: `stages.artifacts.calibration` has how far it is off, and what
people's verdicts do to it.
"""

from dataclasses import dataclass

import numpy as np

from stages.find_issues.confident import Rows
from stages.find_issues.evidence import Evidence
from stages.find_issues.votes import Neighbours

# as if every vote began with so much for each class: ten neighbours say no more than that
LEAST_VOTE = 0.05
LEAST_PROB = 1e-3
# Few of the runs go further, so the weights are not drawn out beyond.
LEAST_DISAGREEMENT, LEAST_SURE_HALF = 0.02, -3.0
# A model shares some mistakes of the labels that it was trained on: so likely is an error where it agrees, of a row of
# which it is quite unsure, beside one where it does not.
AGREED = 0.3
# A model is taken at its word not at all below the first share of errors among its confident disagreements, and wholly
# above the second; fewer of them are not enough to tell.
WEAK, STRONG, ENOUGH = 0.5, 0.8, 5
WITH_VOTES = {
    "constant": -4.012,
    "confident": 0.306,
    "sure": 0.013,
    "place": 1.052,
    "disagreement": -1.851,
    "sure_half": -1.126,
    "disagreement x sure_half": -0.574,
    "vote_suggested": 0.447,
    "vote_given": -0.576,
    "vote_suggested_mean": -0.254,
    "vote_given_mean": -0.188,
}
# for rows that have not been compared with each other
WITHOUT_VOTES = {
    "constant": -4.454,
    "confident": 0.105,
    "sure": 0.014,
    "place": 2.071,
    "disagreement": -1.781,
    "sure_half": -1.308,
    "disagreement x sure_half": -0.656,
}


@dataclass(frozen=True)
class Votes:
    """What the neighbours of each of m rows say, from 0 to 1; NaN for a row that has none.

    Attributes
    ----------
    given, suggested, runner_up : ndarray of shape (m,), float64
        The share of a row's neighbours that are labelled as it is, as the model suggests, and as the model's second
        choice.
    """

    given: np.ndarray
    suggested: np.ndarray
    runner_up: np.ndarray

    def take(self, rows: np.ndarray) -> "Votes":
        """Return the same of some of the rows."""
        return Votes(*(column[rows] for column in vars(self).values()))


def count_votes(neighbours: Neighbours, labels: np.ndarray, rows: Rows, n_classes: int) -> Votes:
    """Ask the neighbours of all n rows, of which those labelled -1 have no vote."""
    ballot = neighbours.ballot(labels, n_classes)
    return Votes(ballot.share(labels), ballot.share(rows.suggested), ballot.share(rows.runner_up))


def no_votes(n_rows: int) -> Votes:
    """Return what the neighbours of so many rows say that have none."""
    return Votes(*np.full((3, n_rows), np.nan))


def doubt_labels(evidence: Evidence, votes: Votes) -> np.ndarray:
    """Return the probability that each row's label is wrong, (m,) float64, before any score ranks it."""
    if evidence.rows.agrees.all():
        return np.zeros(len(evidence.labels))
    features = describe_doubts(evidence, votes)
    return weigh_doubts(evidence, features, WITH_VOTES if "vote_suggested" in features else WITHOUT_VOTES)


def weigh_doubts(evidence: Evidence, features: dict[str, np.ndarray], weights: dict[str, float]) -> np.ndarray:
    """Return the same by any weights.

    Parameters
    ----------
    evidence : Evidence
        Of m rows, with the labels of some of which the model disagrees.
    features : dict of str to ndarray of shape (d,), float64
        As `describe_doubts` returns them.
    weights : dict of str to float
        The constant, and the weight of each feature that counts.
    """
    doubts, doubted = np.zeros(len(evidence.labels)), ~evidence.rows.agrees
    log_odds = weights["constant"] + sum(features[name] * weights[name] for name in weights if name != "constant")
    doubts[doubted] = 1 / (1 + np.exp(-log_odds))
    unsure = 1 - evidence.rows.given_prob[~doubted].astype(np.float64)
    doubts[~doubted] = AGREED * np.clip(unsure, 0, 1) * doubts[doubted].mean()
    return doubts


def lean_on_model(evidence: Evidence, doubts: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Return the doubts, (m,) float64, moved towards what confident learning says as far as the model is strong.

    Models are of two kinds: of a strong one, nearly all confident disagreements are errors, and those that are not
    confident as often as disagreements are confident; of others, few are. So the more of them are expected to be
    errors, the more the model is taken at its word.

    Parameters
    ----------
    evidence : Evidence
        Of m rows.
    doubts : ndarray of shape (m,), float64
        As `doubt_labels` returns them.
    prior : ndarray of shape (m,), float64
        The probability of an error that the scores were calibrated to by them.
    """
    confident, doubted = evidence.off_diagonal, ~evidence.rows.agrees
    if confident.sum() < ENOUGH:
        return doubts
    strength = np.clip((prior[confident].mean() - WEAK) / (STRONG - WEAK), 0, 1)
    unconfident = (confident.sum() + 1) / (doubted.sum() + 2)
    taken = np.where(confident, 1.0, np.where(doubted, unconfident, doubts))
    leaning: np.ndarray = np.maximum(doubts, strength * taken + (1 - strength) * doubts)
    return leaning


def describe_doubts(evidence: Evidence, votes: Votes) -> dict[str, np.ndarray]:
    """Return what is known of each of the d rows whose label is not the likeliest class.

    Returns
    -------
    dict of str to ndarray of shape (d,), float64
        Those that begin with ``vote`` are left out if no row has neighbours.
    """
    doubted, rows = ~evidence.rows.agrees, evidence.rows
    sure = np.log((rows.suggested_prob[doubted] + LEAST_PROB) / (rows.given_prob[doubted] + LEAST_PROB))
    n_doubted, every = int(doubted.sum()), np.ones(int(doubted.sum()))
    disagreement = np.log(max(n_doubted / len(doubted), LEAST_DISAGREEMENT))
    sure_half = max(_compare_halves(doubted, rows.suggested_prob), LEAST_SURE_HALF)
    features = {
        "confident": evidence.off_diagonal[doubted].astype(float),
        "sure": sure.astype(np.float64),
        "place": _place(rows.suggested_prob[~doubted], rows.suggested_prob[doubted]),
        "disagreement": every * disagreement,
        "sure_half": every * sure_half,
        "disagreement x sure_half": every * disagreement * sure_half,
    }
    agreed = Votes(*(column[~doubted] for column in vars(votes).values()))
    if np.isnan(agreed.suggested).all():
        return features
    usual, usual_other = (float(np.nanmean(column)) for column in (agreed.suggested, agreed.runner_up))
    suggested = _compare(votes.suggested[doubted], usual)
    given = _compare(votes.given[doubted], usual_other)
    return features | {
        "vote_suggested": suggested,
        "vote_given": given,
        "vote_suggested_mean": every * suggested.mean(),
        "vote_given_mean": every * given.mean(),
    }


def _compare(share: np.ndarray, usual: float) -> np.ndarray:
    compared: np.ndarray = np.log((np.nan_to_num(share, nan=usual) + LEAST_VOTE) / (usual + LEAST_VOTE))
    return compared


def _compare_halves(doubted: np.ndarray, suggested_prob: np.ndarray) -> float:
    """Return how much rarer disagreements are among the rows of which the model is surest, as a logarithm."""
    least = 0.5 / len(doubted)
    surest = doubted[suggested_prob >= np.median(suggested_prob)].mean()
    return float(np.log((surest + least) / (doubted.mean() + least)))


def _place(others: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return where values stand among others, from 0, below all, to 1."""
    ranked = np.sort(others)
    below, up_to = (np.searchsorted(ranked, values, side=side) for side in ("left", "right"))
    placed: np.ndarray = (below + up_to) / max(1, 2 * len(ranked))
    return placed
