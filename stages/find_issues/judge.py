"""Judges the rows that are labelled: ranks them, says how many of them are wrong, and flags some."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from stages.artifacts.calibration import Belief, believe
from stages.artifacts.trust import Trust, Worth
from stages.command.modules import load
from stages.find_issues import rules, scores
from stages.find_issues.blocks import PredProbs, take_rows
from stages.find_issues.confident import Rows
from stages.find_issues.doubts import Votes, doubt_labels, no_votes
from stages.find_issues.evidence import Evidence, Ranking, gather_evidence
from stages.find_issues.expected import expect_errors
from stages.find_issues.settings import Settings
from stages.find_issues.worth import find_spread, judge_model

# rows that issues.csv has at least, so that a reader sees beyond the cut
LISTED = 300


@dataclass(frozen=True)
class Agreed:
    """What is known of the labels on which several annotators agreed, of n rows.

    Attributes
    ----------
    quality : ndarray of shape (n,), float64
        It ranks in place of the score; NaN for a row without such a label.
    doubts : ndarray of shape (n,), float64
        The probability that each label is wrong, by annotators and model.
    """

    quality: np.ndarray
    doubts: np.ndarray

    def take(self, rows: np.ndarray) -> "Agreed":
        """Return the same of some of the rows."""
        return Agreed(self.quality[rows], self.doubts[rows])


@dataclass(frozen=True)
class Judged:
    """What was found out about m rows, in the order of their ids.

    Attributes
    ----------
    kept : ndarray of shape (m,), int64
        Their numbers among all n rows.
    labels : ndarray of shape (m,), int64
        What each was trained as.
    rows : Rows
        Each by itself.
    joint : ndarray of shape (K, K), int64
        The calibrated confident joint.
    scores : ndarray of shape (m,), float
        Label quality, from 0 for labels that are surely wrong to 1.
    prior : ndarray of shape (m,), float64
        The probability that each label is wrong, by the model alone.
    error_prob : ndarray of shape (m,), float64
        The same after people's verdicts on other rows; NaN if the model is worthless.
    wrong : ndarray of shape (m,), float64
        1 where people found the label wrong, 0 where they found it right, NaN elsewhere.
    belief : Belief
        How the truth may follow the prior.
    trust : Trust
        How far the model may be trusted.
    ranked : ndarray of int64
        Which of the m rows no person has confirmed, worst first.
    flagged : ndarray of shape (m,), bool
        Which of them are flagged.
    """

    kept: np.ndarray
    labels: np.ndarray
    rows: Rows
    joint: np.ndarray
    scores: np.ndarray
    prior: np.ndarray
    error_prob: np.ndarray
    wrong: np.ndarray
    belief: Belief
    trust: Trust
    ranked: np.ndarray
    flagged: np.ndarray

    def tabulate_yield(self) -> pd.DataFrame:
        """Return how many errors the worst rows are expected to hold, as `Trust.tabulate_yield` does."""
        return self.trust.tabulate_yield(self.belief, self.prior[self.ranked], self.wrong[self.ranked])

    def take(self, rows: np.ndarray) -> "Judged":
        """Return the same of some of the m rows, (m,) bool; joint, belief and trust stay those of all of them."""
        ranked = (np.cumsum(rows) - 1)[self.ranked[rows[self.ranked]]]
        names = ("kept", "labels", "scores", "prior", "error_prob", "wrong", "flagged")
        columns = {name: getattr(self, name)[rows] for name in names}
        return replace(self, rows=self.rows.take(rows), ranked=ranked, **columns)

    def list_rows(self) -> np.ndarray:
        """Return which of the m rows are listed, worst first: those flagged, and the worst `LISTED` at least."""
        listed = self.flagged[self.ranked]
        listed[:LISTED] = True
        rows: np.ndarray = self.ranked[listed]
        return rows

    def rank_rows(self, order: np.ndarray) -> np.ndarray:
        """Return the rank of each of all n rows, (n,) int64, 1 being the worst.

        After the rows in the ranking come those that people have confirmed, worst first, and then those that are left
        out, in the ``order`` of their ids.
        """
        by_score = np.argsort(self.scores, kind="stable")
        confirmed = by_score[~np.isin(by_score, self.ranked)]
        left_out = order[~np.isin(order, self.kept)]
        ranks = np.empty(len(order), dtype=np.int64)
        ranks[np.concatenate([self.kept[self.ranked], self.kept[confirmed], left_out])] = np.arange(1, len(order) + 1)
        return ranks


def judge_rows(
    labels: np.ndarray,
    pred_probs: PredProbs | np.ndarray,
    rows: Rows,
    decided: np.ndarray,
    order: np.ndarray,
    settings: Settings,
    votes: Votes | None = None,
    wrong: np.ndarray | None = None,
    agreed: Agreed | None = None,
) -> Judged:
    """Judge the rows that are labelled.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        What was trained on, from 0 to K - 1, or -1 for a row that is left out, which is not judged.
    pred_probs : PredProbs or ndarray of shape (n, K), float32
        Out-of-sample probabilities.
    rows : Rows
        What `describe_rows` returned for all of them.
    decided : ndarray of shape (n,), bool
        The rows that a person has confirmed, which are not flagged again.
    order : ndarray of shape (n,), int64
        The numbers of the rows in the order of their ids, which decides between equal scores.
    settings : Settings
        How rows are ranked and flagged.
    votes : Votes, optional
        What `count_votes` returned for all of them; nothing is known of neighbours by default.
    wrong : ndarray of shape (n,), float64, optional
        What people found, as `Judged` has it; nothing by default.
    agreed : Agreed, optional
        Of all of them, where there are several annotators.
    """
    wrong = np.full(len(labels), np.nan) if wrong is None else wrong
    votes = no_votes(len(labels)) if votes is None else votes
    kept = order[labels[order] >= 0]
    if not np.array_equal(kept, np.arange(len(labels))):
        labels, decided, wrong, rows, votes = (
            labels[kept],
            decided[kept],
            wrong[kept],
            rows.take(kept),
            votes.take(kept),
        )
        pred_probs = take_rows(pred_probs, kept)
    evidence = gather_evidence(labels, pred_probs, rows)
    quality: np.ndarray = load(scores, settings.rank_by).score(evidence)
    doubts = doubt_labels(evidence, votes)
    if agreed is not None:
        quality, doubts = prefer(agreed.take(kept), quality, doubts)
    prior = expect_errors(quality, doubts, ~decided)
    # a decision that the model was trained on is no evidence of what it said before
    wrong = np.where(decided, np.nan, wrong)
    belief, error_prob, trust = learn(evidence, prior, wrong, agreed is not None)
    by_quality = np.argsort(quality, kind="stable")
    ranked = by_quality[~decided[by_quality]]
    flagged = load(rules, settings.flag).flag(evidence, Ranking(quality, ranked, error_prob), settings) & ~decided
    return Judged(kept, labels, rows, evidence.joint, quality, prior, error_prob, wrong, belief, trust, ranked, flagged)


def prefer(agreed: Agreed, quality: np.ndarray, doubts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what annotators are known to agree on, quality and doubts, and what the model says where that is nothing.

    The doubts that `doubt_labels` returns were fitted on labels in which the model had no part.
    """
    unknown = np.isnan(agreed.quality)
    return np.where(unknown, quality, agreed.quality), np.where(unknown, doubts, agreed.doubts)


def learn(
    evidence: Evidence, prior: np.ndarray, wrong: np.ndarray, several: bool = False
) -> tuple[Belief, np.ndarray, Trust]:
    """Return what people's verdicts leave of the prior, the probability of each error, and how far to trust it.

    ``several`` says whether the labels are what several annotators agreed on.
    """
    told = ~np.isnan(wrong)
    belief = believe(prior, wrong, find_spread(several))
    error_prob = belief.expect(prior)
    trust = judge_model(evidence, np.where(told, wrong, error_prob), int(told.sum()), several)
    if trust.verdict == Worth.WORTHLESS:
        error_prob = np.full(len(prior), np.nan)
    return belief, error_prob, trust
