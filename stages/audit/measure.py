"""How well flipped labels are found: each score's ranking, each flag rule, and what the yield curve said of it."""

from typing import Any, get_args

import numpy as np
from sklearn.metrics import average_precision_score

from stages.find_issues.blocks import PredProbs
from stages.find_issues.confident import Rows, describe_rows
from stages.find_issues.judge import Judged, judge_rows
from stages.find_issues.settings import Flag, RankBy, Settings

SCORES: tuple[RankBy, ...] = get_args(RankBy)
FLAGS: tuple[Flag, ...] = ("yield", "noise_rate", "disagree")
Measured = dict[str, Any]


def measure_detection(
    labels: np.ndarray,
    pred_probs: PredProbs | np.ndarray,
    flipped: np.ndarray,
    settings: Settings,
    counted: np.ndarray | None = None,
) -> tuple[Measured, Judged]:
    """Measure how well the flipped labels are found.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        The labels that were trained on, from 0 to K - 1, or -1 for a row that is left out.
    pred_probs : PredProbs or ndarray of shape (n, K), float32
        The out-of-sample probabilities of what was trained on them.
    flipped : ndarray of shape (n,), bool
        Which labels were flipped.
    settings : Settings
        How rows are ranked and flagged; the other scores and rules are measured beside it.
    counted : ndarray of shape (n,), bool, optional
        The rows that count, all by default: whether the others are found is not measured.

    Returns
    -------
    measured : dict
        ``scores``, by name, each with ``average_precision`` and ``precision_at_flips``, the share of flips among as
        many of the worst rows as there are flips. ``flags``, by name, each with how many it ``flagged``, its
        ``precision`` and its ``recall``. ``yield``: what is ``expected`` of as many of the worst rows as there are
        flips, the band ``low`` to ``high``, and the flips that were ``found`` there.
    judged : Judged
        What ``settings`` alone make of the rows.
    """
    described = {score: describe_rows(np.maximum(labels, 0), pred_probs, score) for score in SCORES}
    nobody, order = np.zeros(len(labels), dtype=bool), np.arange(len(labels))

    def judge(rows: Rows, **changed: str) -> Judged:
        judged = judge_rows(labels, pred_probs, rows, nobody, order, settings.model_copy(update=changed))
        return judged if counted is None else judged.take(counted[judged.kept])

    scores = {score: judge(rows, rank_by=score) for score, rows in described.items()}
    judged = scores[settings.rank_by]
    others = (flag for flag in FLAGS if flag != settings.flag)
    flags = {settings.flag: judged} | {flag: judge(described[settings.rank_by], flag=flag) for flag in others}
    return {
        "scores": {score: measure_ranking(flipped[each.kept], each) for score, each in scores.items()},
        "flags": {flag: measure_flags(flipped[each.kept], each) for flag, each in flags.items()},
        "yield": measure_yield(flipped[judged.kept], judged),
    }, judged


def measure_ranking(flipped: np.ndarray, judged: Judged) -> Measured:
    """Measure a score by where it ranks the flips, (m,) bool in the order of the judged rows."""
    n_flips = int(flipped.sum())
    return {
        "average_precision": float(average_precision_score(flipped, -judged.rows.scores)),
        "precision_at_flips": float(flipped[judged.ranked[:n_flips]].mean()),
    }


def measure_flags(flipped: np.ndarray, judged: Judged) -> Measured:
    """Measure a flag rule by how many of its flags are flips, and how many of the flips it flags."""
    n_found, n_flagged = int(flipped[judged.flagged].sum()), int(judged.flagged.sum())
    # rules that flag nothing are right about all that they flag
    precision = n_found / n_flagged if n_flagged else 1.0
    return {"flagged": n_flagged, "precision": precision, "recall": n_found / int(flipped.sum())}


def measure_yield(flipped: np.ndarray, judged: Judged) -> Measured:
    """Measure what the yield curve says of as many of the worst rows as there are flips."""
    n_flips = int(flipped.sum())
    expected = judged.tabulate_yield()
    at = {name: float(np.interp(n_flips, expected["rows"], expected[name])) for name in ("expected", "low", "high")}
    return {**at, "found": int(flipped[judged.ranked[:n_flips]].sum())}
