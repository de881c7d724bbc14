"""Judges the rows that are labelled: ranks them, says how many of them are wrong, and flags some."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from stages.command.modules import load
from stages.find_issues import rules, scores
from stages.find_issues.blocks import PredProbs, take_rows
from stages.find_issues.confident import Rows
from stages.find_issues.evidence import Ranking, gather_evidence
from stages.find_issues.expected import expect_errors, tabulate_yield
from stages.find_issues.settings import Settings

# rows that issues.csv has at least, so that a reader sees beyond the cut
LISTED = 300


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
    error_prob, least, most : ndarray of shape (m,), float64
        The probability that each label is wrong; and the same if none, and if all, of the disagreements that are not
        confident are errors.
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
    error_prob: np.ndarray
    least: np.ndarray
    most: np.ndarray
    ranked: np.ndarray
    flagged: np.ndarray

    def tabulate_yield(self) -> pd.DataFrame:
        """Return how many errors the worst rows are expected to hold, as `expected.tabulate_yield` does."""
        return tabulate_yield(*(probs[self.ranked] for probs in (self.error_prob, self.least, self.most)))

    def take(self, rows: np.ndarray) -> "Judged":
        """Return the same of some of the m rows, (m,) bool; the joint stays that of all of them."""
        ranked = (np.cumsum(rows) - 1)[self.ranked[rows[self.ranked]]]
        names = ("kept", "labels", "scores", "error_prob", "least", "most", "flagged")
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
    """
    kept = order[labels[order] >= 0]
    if not np.array_equal(kept, np.arange(len(labels))):
        labels, decided, rows = labels[kept], decided[kept], rows.take(kept)
        pred_probs = take_rows(pred_probs, kept)
    evidence = gather_evidence(labels, pred_probs, rows)
    quality: np.ndarray = load(scores, settings.rank_by).score(evidence)
    error_prob, least, most = (expect_errors(evidence, quality, ~decided, share) for share in (None, 0.0, 1.0))
    by_quality = np.argsort(quality, kind="stable")
    ranked = by_quality[~decided[by_quality]]
    flagged = load(rules, settings.flag).flag(evidence, Ranking(quality, ranked, error_prob), settings) & ~decided
    return Judged(kept, labels, rows, evidence.joint, quality, error_prob, least, most, ranked, flagged)
