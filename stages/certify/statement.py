"""The certificate, for programs and for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from stages.artifacts.certificate import State
from stages.certificate.certified import Certified
from stages.certificate.words import bound, count, list_limits, percent, write_headline, write_sentence, write_way


def describe(certified: Certified) -> dict[str, Any]:
    """Return the certificate's figures and sentences."""
    plan, verdicts = certified.plan, certified.progress.verdicts
    is_current = certified.state != State.OUTDATED
    return {
        "state": certified.state,
        "headline": write_headline(certified),
        "sentence": write_sentence(certified),
        "way": write_way(certified),
        "says_not": list_limits(certified),
        "split": plan.split,
        "confidence": certified.confidence,
        # of changed data there is no share: how many labels are as they were is not known
        "bound": {
            "most": certified.most,
            "labels": certified.labels if is_current else None,
            "share": round(certified.share, 8) if is_current else None,
        },
        "goal": {"share": plan.goal, "most": certified.goal},
        "drawn": certified.looked_at,
        "ahead": verdicts.ahead,
        "found": int(verdicts.found.sum()),
        "unsure": int(verdicts.unsure.sum()),
        "uncovered": certified.uncovered,
        "reviewers": verdicts.reviewers,
        "first_verdict": certified.first,
        "last_verdict": certified.last,
        "planned": plan.made,
        "plan": plan.order,
    }


def write_text(about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the certificate as people read it: sentences on what was found besides, and all in one text.

    Parameters
    ----------
    about : dict
        What `describe` returns, and what was measured.
    """
    beside = list(_write_beside(about))
    rests_on = ["What it rests on, and what it does not say:", *(f"- {limit}" for limit in about["says_not"])]
    paragraphs = [f"{about['sentence']} {about['way']}", " ".join(beside), "\n".join(rests_on)]
    return {"beside": beside, "text": "\n\n".join(filter(None, paragraphs))}


def _write_beside(about: Mapping[str, Any]) -> Iterator[str]:
    before, flags, model = (about[name] for name in ("before", "flags", "model"))
    if not about["drawn"]:
        return
    dates = " to ".join(dict.fromkeys(about[name][:10] for name in ("first_verdict", "last_verdict") if about[name]))
    yield (
        f"{count(about['drawn'], 'row')} drawn at random, doubtful ones rather, looked at by "
        f"{', '.join(about['reviewers'])}{f' ({dates})' if dates else ''}: {about['found']:,} wrong, "
        f"{about['unsure']:,} unsure."
    )
    wrong = "wrong, or not clear to people" if about["unsure"] else "wrong"
    yield f"Before cleaning, {before['low']:,} to {before['high']:,} of {before['labels']:,} labels were {wrong}."
    if flags:
        yield (
            f"The flags hold {100 * flags['recall_low']:.0f} to {percent(round(flags['recall_high'], 2))} of these "
            f"({flags['found']:,} found in {count(flags['decided'], 'flagged row')} looked at)."
        )
    if model:
        yield (
            f"Among the rows that were drawn from, the model expected {model['expected']:,.1f} to be wrong; "
            f"{model['low']:,} to {model['high']:,} were {wrong}."
        )
    yield from _write_reviewed(about)


def _write_reviewed(about: Mapping[str, Any]) -> Iterator[str]:
    """Yield sentences on how reviewers did on rows that were shown to measure them, if any were."""
    measured = about["reviewers_measured"]
    if not measured:
        return
    if measured["again"]:
        yield f"Of {count(measured['again'], 'row')} that came twice, the looks agreed on {measured['same']:,}."
    if measured["known"]:
        yield (
            f"Of {count(measured['known'], 'label')} that were turned on purpose, reviewers called "
            f"{measured['missed']:,} right."
        )
        yield _write_corrected(about["corrected"])


def _write_corrected(corrected: Mapping[str, Any] | None) -> str:
    """Say how many labels are wrong at most with what reviewers miss."""
    if corrected is None:
        return "What they miss cannot be bounded by so few."
    labels = f"{count(corrected['most'], 'label')} ({bound(corrected['share'])})"
    return f"With what they miss, at most {labels} are wrong, with the same confidence."
