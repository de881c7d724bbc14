"""How well flipped labels are found: each score's ranking, each flag rule, and what the yield curve said of it."""

from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from stages.find_issues import rules, scores
from stages.find_issues.blocks import PredProbs
from stages.find_issues.confident import describe_rows
from stages.find_issues.doubts import count_votes
from stages.find_issues.judge import Judged, judge_rows
from stages.find_issues.registry import list_audited
from stages.find_issues.settings import Settings
from stages.find_issues.votes import Neighbours, no_neighbours

Measured = dict[str, Any]


def measure_detection(
    labels: np.ndarray,
    pred_probs: PredProbs | np.ndarray,
    flipped: np.ndarray,
    settings: Settings,
    counted: np.ndarray | None = None,
    neighbours: Neighbours | None = None,
) -> tuple[Measured, Judged]:
    """Measure how well the flipped labels are found.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        The labels that were trained on, from 0 to K - 1, or -1 for a row that is left out.
    pred_probs : PredProbs or ndarray of shape (n, K), float32
        The out-of-sample probabilities of a model trained on them.
    flipped : ndarray of shape (n,), bool
        Which labels were flipped.
    settings : Settings
        How rows are ranked and flagged. The other scores, and the rules that the audit compares, are measured too.
    counted : ndarray of shape (n,), bool, optional
        The rows that are measured, all by default.
    neighbours : Neighbours, optional
        Which rows are like each.

    Returns
    -------
    measured : dict
        ``scores``, by name, each with ``average_precision`` and ``precision_at_flips``, the share of flips among as
        many of the worst rows as there are flips. ``flags``, by name, each with how many it ``flagged``, its
        ``precision`` and its ``recall``. ``yield``: what is ``expected`` of as many of the worst rows as there are
        flips, the band ``low`` to ``high``, both missing if the model is worthless on these labels, and the flips that
        were ``found`` there.
    judged : Judged
        The rows as ``settings`` rank and flag them.
    """
    rows = describe_rows(np.maximum(labels, 0), pred_probs)
    votes = count_votes(neighbours or no_neighbours(len(labels)), labels, rows, pred_probs.shape[1])
    nobody, order = np.zeros(len(labels), dtype=bool), np.arange(len(labels))

    def judge(**changed: str) -> Judged:
        judged = judge_rows(labels, pred_probs, rows, nobody, order, settings.model_copy(update=changed), votes)
        return judged if counted is None else judged.take(counted[judged.kept])

    by_score = {name: judge(rank_by=name) for name in dict.fromkeys([*list_audited(scores), settings.rank_by])}
    judged = by_score[settings.rank_by]
    others = (name for name in list_audited(rules) if name != settings.flag)
    by_rule = {settings.flag: judged} | {name: judge(flag=name) for name in others}
    return {
        "scores": {name: measure_ranking(flipped[each.kept], each) for name, each in by_score.items()},
        "flags": {name: measure_flags(flipped[each.kept], each) for name, each in by_rule.items()},
        "yield": measure_yield(flipped[judged.kept], judged),
    }, judged


def measure_ranking(flipped: np.ndarray, judged: Judged) -> Measured:
    """Measure a score by where it ranks the flips, (m,) bool in the order of the judged rows."""
    n_flips = int(flipped.sum())
    return {
        "average_precision": float(average_precision_score(flipped, -judged.scores)),
        "precision_at_flips": float(flipped[judged.ranked[:n_flips]].mean()),
    }


def measure_flags(flipped: np.ndarray, judged: Judged) -> Measured:
    """Measure a flag rule by how many of its flags are flips, and how many of the flips it flags."""
    n_found, n_flagged = int(flipped[judged.flagged].sum()), int(judged.flagged.sum())
    # a rule that flags nothing makes no false alarm
    precision = n_found / n_flagged if n_flagged else 1.0
    return {"flagged": n_flagged, "precision": precision, "recall": n_found / int(flipped.sum())}


def measure_yield(flipped: np.ndarray, judged: Judged) -> Measured:
    """Measure what the yield curve says of as many of the worst rows as there are flips, if it says anything."""
    n_flips = int(flipped.sum())
    expected = judged.tabulate_yield()
    names = () if expected.empty else ("expected", "low", "high")
    at = {name: float(np.interp(n_flips, expected["rows"], expected[name])) for name in names}
    return {**at, "found": int(flipped[judged.ranked[:n_flips]].sum())}
