"""How often a label is wrong that the model disagrees with, and one that it agrees with.

Confident learning counts every confident disagreement as an error. With a strong model nearly all are; with a weak one
most are the model's own mistakes, and a number that does not know the difference is wrong by several times. What the
difference shows in, out of sample:

- **Neighbours.** Where a label is wrong, the rows nearest to it have the class that the model suggests, about as often
  as around rows that the model agrees with. Where the model is wrong, they have the given label.
- **How much it disagrees**, and with how many labels the neighbours do not. A strong model disagrees with many labels
  only where many are wrong, and then the neighbours do too.
- **How many of a class go the same way.** A model that confuses two classes moves many labels of one to the other.
  But if one pair of classes stands out from all others, and the neighbours are divided, people took the one for the
  other, and the neighbours are labelled wrongly as well.
- **How sure it is**, of one row beside the others.

A model also agrees with some wrong labels, as it was trained on them. One that is often mistaken does so more often,
most of all where it is unsure, where the neighbours are labelled otherwise, or between classes that are often taken
for each other.

A logistic regression weighs these, one for the labels that the model disagrees with and one for the others. Their
weights are those of `benchmarks.trust`, which fits them on a thousand runs in which the wrong labels are known: good,
weak and useless models of pictures, tables and texts, with six kinds of noise and with none. That is a prior, no
certainty: `stages.artifacts.calibration` has how far it is off, and what people's verdicts do to it.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from stages.find_issues.confident import Rows, count_confident
from stages.find_issues.evidence import Evidence
from stages.find_issues.votes import Neighbours

# ``doubted``, the labels that the model disagrees with, and ``agreed``, the others: by name, a number or a column each
Weights: TypeAlias = dict[str, dict[str, float]]
Features: TypeAlias = dict[str, dict[str, np.ndarray]]

# as if every vote began with so much for each class: ten neighbours say no more than that
LEAST_VOTE = 0.05
LEAST_PROB = 1e-3
# of logarithms: few of the runs go further, so the weights are not drawn out beyond
LEAST_SHARE, LEAST_SURE_HALF = -5.5, -3.0
WITH_VOTES: Weights = {
    "doubted": {
        "constant": -4.634,
        "disagreement": 1.401,
        "unshared": -2.881,
        "unshared squared": -0.233,
        "sure": 0.158,
        "vote_suggested": 0.505,
        "vote_given": -0.683,
        "vote_given_mean": 0.922,
        "pair_share": -0.230,
        "divided_pair": 2.288,
    },
    "agreed": {
        "constant": -1.142,
        "unshared": 0.361,
        "unsure": 0.151,
        "vote_runner_up": 1.041,
        "pair_share": 0.482,
        "pair_excess": -0.336,
    },
}
# for rows that have not been compared with each other
WITHOUT_VOTES: Weights = {
    "doubted": {
        "constant": -3.253,
        "disagreement": -1.372,
        "sure_half": -1.053,
        "disagreement x sure_half": -0.557,
        "place": 2.143,
    },
    "agreed": {
        "constant": -1.586,
        "disagreement": 0.976,
        "sure_half": 0.550,
        "disagreement x sure_half": 0.358,
        "unsure": 0.222,
    },
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
    return weigh_doubts(evidence, features, WITH_VOTES if "unshared" in features["doubted"] else WITHOUT_VOTES)


def weigh_doubts(evidence: Evidence, features: Features, weights: Weights) -> np.ndarray:
    """Return the same by any weights: the constants, and the weights of the features that count.

    Parameters
    ----------
    evidence : Evidence
        Of m rows, with the labels of some of which the model disagrees.
    features : Features
        As `describe_doubts` returns them.
    weights : Weights
        Of the rows that the model disagrees with, and of the others.
    """
    doubts, doubted = np.empty(len(evidence.labels)), ~evidence.rows.agrees
    for part, rows in (("doubted", doubted), ("agreed", ~doubted)):
        named = weights[part]
        log_odds = sum(features[part][name] * weight for name, weight in named.items() if name != "constant")
        doubts[rows] = 1 / (1 + np.exp(-named["constant"] - log_odds))
    return doubts


def describe_doubts(evidence: Evidence, votes: Votes) -> Features:
    """Return what is known of each row, apart for those whose label is not the likeliest class, ``doubted``.

    Returns
    -------
    dict of str to dict of str to ndarray, float64
        For ``doubted`` and ``agreed`` a column, (d,) and (a,), for each name. If no row that is agreed with has any
        neighbours, those that ask them are left out, and those of pairs of classes, which mislead without them.
    """
    doubted = ~evidence.rows.agrees
    features = _describe_probs(evidence.rows, doubted)
    if np.isnan(votes.given[~doubted]).all():
        return features
    asked, pairs = _describe_votes(votes, doubted), _describe_pairs(evidence, doubted)
    features = {part: columns | asked[part] | pairs[part] for part, columns in features.items()}
    features["doubted"]["divided_pair"] = features["doubted"]["pair_excess"] * asked["doubted"]["divided"]
    return features


def _describe_probs(rows: Rows, doubted: np.ndarray) -> Features:
    disagreement = _log_share(doubted.sum(), len(doubted))
    sure_half = max(_compare_halves(doubted, rows.suggested_prob), LEAST_SURE_HALF)
    of_all = {
        "disagreement": disagreement,
        "sure_half": sure_half,
        "disagreement x sure_half": disagreement * sure_half,
    }
    given_prob, suggested_prob = (column.astype(np.float64) for column in (rows.given_prob, rows.suggested_prob))
    of_each: Features = {
        "doubted": {
            "sure": _log_odds(suggested_prob[doubted], given_prob[doubted]),
            "place": _place(suggested_prob[~doubted], suggested_prob[doubted]),
        },
        "agreed": {"unsure": _log_odds(1 - given_prob[~doubted], given_prob[~doubted])},
    }
    return _join(doubted, of_all, of_each)


def _describe_votes(votes: Votes, doubted: np.ndarray) -> Features:
    usual, usual_other = (float(np.nanmean(column[~doubted])) for column in (votes.given, votes.runner_up))
    given, filled = _compare(votes.given[doubted], usual_other), np.nan_to_num(votes.given[doubted], nan=usual_other)
    unshared = _log_share(_count_unshared(votes.take(doubted)), len(doubted))
    of_all = {"unshared": unshared, "unshared squared": unshared**2, "vote_given_mean": float(given.mean())}
    of_each: Features = {
        "doubted": {
            "vote_suggested": _compare(votes.suggested[doubted], usual),
            "vote_given": given,
            "divided": filled * (1 - filled),
        },
        "agreed": {"vote_runner_up": _compare(votes.runner_up[~doubted], usual_other)},
    }
    return _join(doubted, of_all, of_each)


def _describe_pairs(evidence: Evidence, doubted: np.ndarray) -> Features:
    """Say of a row's label and the class that it may be instead how many labels the model moves from one to the other.

    ``pair_share`` is of the labels of that class, ``pair_excess`` of as many as it would be if the model moved equally
    many between any two classes. Both are logarithms.
    """
    labels, rows, n_classes = evidence.labels, evidence.rows, len(evidence.counts)
    moved = count_confident(labels[doubted], rows.suggested[doubted], n_classes)
    same = moved[labels, np.where(doubted, rows.suggested, rows.runner_up)]
    of_class = np.bincount(labels, minlength=n_classes)
    present = np.count_nonzero(of_class)
    even = doubted.sum() / max(1, present * (present - 1))
    share, excess = np.log((same + 1) / (of_class[labels] + 2)), np.log((same + 1) / (even + 1))
    return {
        part: {"pair_share": share[chosen], "pair_excess": excess[chosen]}
        for part, chosen in (("doubted", doubted), ("agreed", ~doubted))
    }


def _join(doubted: np.ndarray, of_all: dict[str, float], of_each: Features) -> Features:
    """Return the features of each row, and of all rows as a column that is the same for each."""
    n_rows = {"doubted": doubted.sum(), "agreed": (~doubted).sum()}
    return {
        part: columns | {name: np.broadcast_to(value, n_rows[part]) for name, value in of_all.items()}
        for part, columns in of_each.items()
    }


def _count_unshared(doubted: Votes) -> float:
    """Return how many doubts the neighbours do not share: no more have the suggested class than the given one.

    Of rows that have no neighbours as many count as of the others, and all of them if there are no others.
    """
    asked = ~np.isnan(doubted.given)
    share = (doubted.suggested <= doubted.given)[asked].mean() if asked.any() else 1.0
    return float(share * len(asked))


def _log_share(count: float, n_rows: int) -> float:
    """Return the logarithm of a share, as if there were one row more of each kind."""
    return max(float(np.log((count + 1) / (n_rows + 2))), LEAST_SHARE)


def _log_odds(probs: np.ndarray, others: np.ndarray) -> np.ndarray:
    compared: np.ndarray = np.log((probs + LEAST_PROB) / (others + LEAST_PROB))
    return compared


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
