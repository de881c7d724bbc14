"""Says what a plan shows in sentences that hold."""

import math

from stages.artifacts.certificate import State
from stages.certificate.certified import Certified


def write_sentence(certified: Certified) -> str:
    """Return the certificate's sentence, which holds at any moment."""
    most, sure = f"{certified.most:,}", f"With {percent(certified.confidence)} confidence"
    of_split = f" of the split {certified.plan.split}" if certified.plan.split else ""
    if certified.state == State.OUTDATED:
        shown = (
            f"{sure}, at most {most} of the labels{of_split} that are as they were then are wrong"
            if certified.looked_at
            else "Nothing was shown before"
        )
        return f"The data have changed since the plan was made. {shown}; new and changed rows are not covered."
    if not certified.looked_at:
        return f"Nothing is shown yet: nobody has looked at a drawn row{of_split}."
    return f"{sure}, at most {most} of {certified.labels:,} labels{of_split} ({bound(certified.share)}) are wrong."


def write_headline(certified: Certified) -> str:
    """Return a line for the top of a page."""
    split = f" of the split {certified.plan.split}" if certified.plan.split else ""
    rows = count(certified.looked_at, "row") + " looked at"
    shown = f"at most {bound(certified.share)}{split} wrong ({percent(certified.confidence)}), {rows}"
    match certified.state:
        case State.REACHED:
            return f"certified: {shown}"
        case State.OUTDATED:
            return f"certificate outdated: the data{split} have changed since it was planned"
    if not certified.looked_at:
        return f"not certified yet: at most {percent(certified.plan.goal)}{split} wrong is the goal, nobody has looked"
    return f"not certified yet: {shown}; the goal is {percent(certified.plan.goal)}"


def write_way(certified: Certified) -> str:
    """Say how far it is to the goal."""
    goal = f"The goal, at most {count(certified.goal, 'wrong label')} ({percent(certified.plan.goal)}),"
    match certified.state:
        case State.REACHED:
            return f"{goal} is reached."
        case State.OUTDATED:
            return "Plan again to have the new and changed rows covered: `python -m labels certify NAME --goal …`."
    to_go, unsure = certified.progress.to_go, int(certified.progress.verdicts.unsure.sum())
    if unsure + certified.uncovered > certified.goal:
        return (
            f"{goal} is out of reach while nobody is sure of {count(unsure, 'drawn row')} or stands for "
            f"{count(certified.uncovered, 'other row')}: decide on these."
        )
    if to_go is None:
        return f"{goal} takes more than the {len(certified.plan.rows):,} rows that the plan lists."
    return f"{goal} takes {count(to_go, 'more row')} if all of them are right."


def list_limits(certified: Certified) -> list[str]:
    """Return what the sentence does not say, a sentence each."""
    plan, verdicts = certified.plan, certified.progress.verdicts
    names = ", ".join(verdicts.reviewers)
    limits = [
        f"It is as good as its reviewers{f' ({names})' if names else ''}: a wrong label that they took for right is "
        "not counted.",
        "It does not say which labels are wrong.",
    ]
    if plan.decided:
        limits.append(
            f"People had decided on {count(plan.decided, 'row')} before it was planned. Their labels are taken to be "
            "right."
        )
    if unsure := int(verdicts.unsure.sum()):
        limits.append(f"{count(unsure, 'drawn row')} on which nobody is sure, or people disagree: counted as wrong.")
    if certified.uncovered:
        limits.append(
            f"{count(certified.uncovered, 'label')} that nobody stands for, as a decision was taken back or a rule "
            "changed it: counted as wrong."
        )
    if certified.beside:
        limits.append(f"{count(certified.beside, 'label')} that people gave to rows without one: not among them.")
    if plan.spent:
        limits.append(
            f"Plans were given up after people had looked at drawn rows, which takes {percent(plan.spent)} off "
            f"{percent(plan.confidence)}."
        )
    return limits


def percent(share: float) -> str:
    """Write a share from 0 to 1 as a percentage without needless digits: ``0.5 %``."""
    return f"{round(100 * share, 6):g} %"


def bound(share: float) -> str:
    """Write an upper bound as a percentage, rounded up: ``0.78 %``."""
    return f"{math.ceil(round(10_000 * share, 6)) / 100:.2f} %"


def count(number: int, name: str) -> str:
    """Write a number of things: ``1 row``, ``1,797 rows``."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"
