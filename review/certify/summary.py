"""Describes what is shown so far, and how people did on the rows that measured them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from stages.artifacts.decisions import Decision, Verdict, apply_verdict
from stages.artifacts.standing import time_of
from stages.certificate.checks import Check
from stages.certificate.plan import Plan
from stages.certificate.progress import Progress
from stages.certificate.reviewers import list_looks, measure_agreement, measure_misses


def describe_progress(plan: Plan, progress: Progress, checks: Sequence[Check]) -> dict[str, Any]:
    """Return what the page says of the way to the goal, the verdicts with those on some checks."""
    verdicts = progress.verdicts
    wrong = int(verdicts.found.sum())
    unsure = int(verdicts.unsure.sum())
    also = Counter(check.decision for check in checks)
    return {
        # plans that were given up have had their part of what may go wrong
        "confidence": plan.stated,
        "looked_at": verdicts.looked_at + len(checks),
        "wrong": wrong + also[Verdict.RELABEL] + also[Verdict.REMOVE],
        "unsure": unsure + also[Verdict.UNSURE],
        "ahead": verdicts.ahead,
        "labels": progress.labels,
        "most": progress.most,
        "to_go": progress.to_go,
        "reached": progress.reached,
    }


def describe_checks(checks: Sequence[Check], untaken: Mapping[str, Sequence[Decision]]) -> dict[str, Any]:
    """Return how often second looks said the same, and how many turned labels each reviewer found."""
    looks = measure_agreement(list_looks(checks, untaken))
    known = [
        {"reviewer": reviewer, "known": measured.known, "found": measured.known - measured.missed}
        for reviewer, measured in measure_misses(checks).items()
    ]
    return {"again": looks.rows, "same": looks.same, "known": known}


def find_differing(checks: Sequence[Check], standing: Mapping[str, Sequence[Decision]]) -> list[Check]:
    """Return the second looks that differ from what stands, on rows that nobody has decided on since."""
    found = {}
    for check in checks:
        same = standing.get(check.id, ())
        since = any(time_of(decision) > check.moment for decision in same)
        # who keeps a label may name it
        said = {apply_verdict(each.decision, each.given_label, each.label) for each in same}
        now = apply_verdict(check.decision, check.shown_label, check.label)
        if check.kind == "again" and same and not since and now not in said:
            found[check.id] = check
    return list(found.values())
