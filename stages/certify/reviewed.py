"""How far reviewers are right, and what is left wrong at most if they miss some."""

from collections.abc import Sequence
from typing import Any

from stages.artifacts.decisions import Decision
from stages.artifacts.standing import find_untaken
from stages.certificate.certified import Certified
from stages.certificate.checks import Check
from stages.certificate.reviewers import bound_left, list_looks, measure_agreement, measure_all, measure_misses


def measure_reviewers(
    certified: Certified, checks: Sequence[Check], decisions: Sequence[Decision]
) -> dict[str, dict[str, Any] | None]:
    """Return how reviewers did on rows that were shown to measure them, and the bound with what they miss.

    Parameters
    ----------
    certified : Certified
        What the plan shows.
    checks : sequence of Check
        All checks, of which those of other plans do not count.
    decisions : sequence of Decision
        Every line of decisions.csv.

    Returns
    -------
    dict
        ``reviewers_measured``, None if no such row was shown, and ``corrected``, None if no known row was, or so few
        that nothing can be said.
    """
    checks = [check for check in checks if check.of == certified.plan.mark]
    if not checks:
        return {"reviewers_measured": None, "corrected": None}
    everyone = measure_all(checks)
    agreement = measure_agreement(list_looks(checks, find_untaken(decisions)))
    measured = {
        "known": everyone.known,
        "missed": everyone.missed,
        "by_reviewer": {
            name: {"known": each.known, "missed": each.missed} for name, each in measure_misses(checks).items()
        },
        "again": agreement.rows,
        "same": agreement.same,
        "alpha": None if agreement.alpha is None else round(agreement.alpha, 4),
    }
    return {"reviewers_measured": measured, "corrected": _correct(certified, checks)}


def _correct(certified: Certified, checks: Sequence[Check]) -> dict[str, Any] | None:
    plan, verdicts, everyone = certified.plan, certified.progress.verdicts, measure_all(checks)
    if not certified.is_current or not everyone.known:
        return None
    left = bound_left(certified.bets, everyone, plan.found, verdicts.mended, plan.confidence)
    if left is None:
        return None
    most = min(left + certified.uncovered, certified.labels)
    return {"most": most, "share": round(most / certified.labels, 8)}
