"""Judges the rows that are labelled: ranks them, says how many of them are wrong, and flags some."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from stages.find_issues.blocks import PredProbs, take_rows
from stages.find_issues.choose import LISTED, budget_rows, flag_rows, rank_rows
from stages.find_issues.confident import (
    Rows,
    calibrate_joint,
    count_confident,
    find_confident_classes,
)  # fmt: skip
from stages.find_issues.expected import expect_errors, tabulate_yield
from stages.find_issues.posterior import estimate_noise_odds, score_posterior
from stages.find_issues.settings import Settings


@dataclass(frozen=True)
class Judged:
    """What there is to say of m rows, in the order of their ids.

    Attributes
    ----------
    kept : ndarray of shape (m,), int64
        Their numbers among all n rows.
    labels : ndarray of shape (m,), int64
        What each was trained as.
    rows : Rows
        What there is to say of each by itself.
    joint : ndarray of shape (K, K), int64
        The calibrated confident joint.
    error_prob, least, most : ndarray of shape (m,), float64
        The probability that each label is wrong; and the same where of the disagreements that are not confident none,
        and all, are errors.
    ranked : ndarray of int64
        Which of the m rows no person has confirmed, worst first.
    flagged : ndarray of shape (m,), bool
        Which of them are flagged.
    """

    kept: np.ndarray
    labels: np.ndarray
    rows: Rows
    joint: np.ndarray
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
        columns = {
            name: getattr(self, name)[rows] for name in ("kept", "labels", "error_prob", "least", "most", "flagged")
        }
        return replace(self, rows=self.rows.take(rows), ranked=ranked, **columns)

    def list_rows(self) -> np.ndarray:
        """Return which of the m rows are listed, worst first: those flagged, and the worst `LISTED` at least."""
        listed = self.flagged[self.ranked]
        listed[:LISTED] = True
        rows: np.ndarray = self.ranked[listed]
        return rows


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
        What was trained on, from 0 to K - 1, or -1 for a row that is left out: it counts for nothing here.
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
    confident = find_confident_classes(labels, pred_probs, rows.given_prob)
    counts = count_confident(labels, confident, pred_probs.shape[1])
    joint = calibrate_joint(counts, labels)
    if settings.rank_by == "noise_posterior":
        odds = estimate_noise_odds(counts)
        rows = replace(rows, scores=score_posterior(labels, pred_probs, rows.given_prob, odds))
    error_prob, least, most = (
        expect_errors(labels, confident, rows, ~decided, unconfident) for unconfident in (None, 0.0, 1.0)
    )
    ranked = rank_rows(rows.scores, decided)
    flagged = np.zeros(len(labels), dtype=bool)
    if settings.flag == "budget":
        flagged[ranked[: budget_rows(settings.budget, len(labels))]] = True
    else:
        flagged = flag_rows(labels, pred_probs, rows, confident, joint, error_prob, settings) & ~decided
    return Judged(kept, labels, rows, joint, error_prob, least, most, ranked, flagged)
