"""Plans a certificate: which rows are drawn, and what it will likely take; or says how far a plan has come."""

from dataclasses import replace
from pathlib import Path

from labels.accuracy import compare_models
from labels.population import add_chances, check_labels, choose_rows
from labels.shares import LEAST_CONFIDENCE, read_confidence, read_share
from labels.versions import LabelVersion, read_version
from stages.artifacts.certificate import State
from stages.artifacts.cleaned import PEOPLE
from stages.artifacts.decisions import parse_decisions
from stages.artifacts.files import data_folder
from stages.certificate.certified import Certified, certify, is_judged
from stages.certificate.forecast import count_as_expected, count_if_right, expect_errors
from stages.certificate.plan import Plan, read_plan, write_plan
from stages.certificate.progress import count_allowed
from stages.certificate.proposal import CONFIDENCE, Asked, count_before, propose_plan
from stages.certificate.words import bound, count, list_limits, percent, write_sentence, write_way
from stages.command.errors import InputError


def show_progress(dataset: str) -> str:
    """Return how far the plan has come, in sentences."""
    certified = hold_plan(dataset, read_version(dataset, None))
    verdicts = certified.progress.verdicts
    looked = f"{count(certified.looked_at, 'drawn row')} looked at, {int(verdicts.wrong.sum())} of them wrong or unsure"
    ahead = f"; {count(verdicts.ahead, 'verdict')} further down will count later" if verdicts.ahead else ""
    lines = [write_sentence(certified), write_way(certified), f"{looked}{ahead}."]
    lines += list_limits(certified)
    if certified.state == State.OPEN:
        lines.append(f"Go on with `python -m review {dataset} --certify`.")
    return "\n".join([f"{dataset}: {lines[0]}", *lines[1:]])


def measure_models(dataset: str, files: list[Path]) -> str:
    """Return how accurate models are on the certified labels, by files of their predictions."""
    version = read_version(dataset, None)
    check_labels(dataset, version)
    return compare_models(dataset, hold_plan(dataset, version), version.labels, files)


def hold_plan(dataset: str, version: LabelVersion) -> Certified:
    """Hold the plan that there is against labels and the decisions in the working tree.

    Raises
    ------
    InputError
        If nothing is planned.
    """
    plan = read_plan(data_folder(dataset))
    if plan is None:
        raise InputError(
            f"nothing is planned for {dataset}; make a plan, for instance by "
            f"`python -m labels certify {dataset} --goal 1%`"
        )
    return hold(dataset, plan, version)


def hold(dataset: str, plan: Plan, version: LabelVersion) -> Certified:
    """Hold a plan against labels and the decisions in the working tree."""
    return certify(plan, version.labels, parse_decisions(data_folder(dataset) / "decisions.csv"))


def plan_certificate(
    dataset: str, goal: str, *, confidence: str | None = None, split: str | None = None, again: bool = False
) -> str:
    """Make a plan, or give the one that there is another goal, and return what to do next.

    Parameters
    ----------
    dataset : str
        The data set's name.
    goal, confidence : str
        The share of wrong labels to show, and how surely, such as ``1%`` or ``0.01``.
    split : str, optional
        The split that it is about; all rows by default.
    again : bool
        Whether to give up a plan on which people have looked at drawn rows.
    """
    share = read_share("--goal", goal)
    sure = None if confidence is None else read_confidence(confidence)
    version = read_version(dataset, None)
    check_labels(dataset, version)
    folder = data_folder(dataset)
    old = read_plan(folder)
    certified = hold(dataset, old, version) if old else None
    if certified and is_judged(certified) and not again:
        write_plan(folder, change_goal(certified, share, split, sure))
        return show_progress(dataset)
    sure = sure or CONFIDENCE
    plan, before = draw(dataset, version, Asked(share, sure, split or "", count_spent(certified, sure)))
    write_plan(folder, plan)
    return "\n".join([f"{dataset}: {describe_plan(plan)}", *list_steps(dataset, plan.goal, before)])


def draw(dataset: str, version: LabelVersion, asked: Asked) -> tuple[Plan, int]:
    """Return a new plan for the rows on which nobody has decided, and how many worst rows to look at before."""
    rows = choose_rows(dataset, version.labels, asked.split)
    removed = int((rows["label"] == "").sum())
    check_goal(asked.goal, len(rows) - removed)
    people = rows[rows["decided_by"] == PEOPLE]
    decided = dict(zip(people["id"], people["label"] != people["given_label"], strict=True))
    chances = add_chances(dataset, rows)
    plan = propose_plan(chances, decided, removed, asked)
    return plan, count_before(chances, decided, plan.labels, asked)


def check_goal(goal: float, labels: int) -> None:
    """Raise InputError if a goal lets not even one label be wrong."""
    if count_allowed(goal, labels) < 1:
        raise InputError(
            f"--goal {percent(goal)}: of {count(labels, 'label')} this is less than one; ask for "
            f"{bound(1 / labels)} or more"
        )


def count_spent(old: Certified | None, confidence: float) -> float:
    """Return the chance of a false certificate that plans took which were given up since the last certificate."""
    if old is None or old.has_reached:
        return 0.0
    spent = round(old.plan.spent + (1 - old.plan.confidence if is_judged(old) else 0), 6)
    if confidence - spent < LEAST_CONFIDENCE:
        raise InputError(
            f"plans that were given up take {percent(spent)} off {percent(confidence)}, which leaves less than "
            f"{percent(LEAST_CONFIDENCE)}; go on with the plan that there is, or ask for more --confidence"
        )
    return spent


def change_goal(old: Certified, goal: float, split: str | None, confidence: float | None) -> Plan:
    """Return a plan on which people have looked at drawn rows with another goal, on which the bound does not depend.

    Raises
    ------
    InputError
        If it would have to be given up.
    """
    plan = old.plan
    looked = f"people have looked at {count(old.looked_at, 'drawn row')}"
    less = f", whose certificate holds with {percent(1 - plan.confidence)} less confidence"
    mend = f"add --again for a new plan{'' if old.has_reached else less}"
    if old.state == State.OUTDATED:
        raise InputError(f"{looked} of a plan whose data have changed since; {mend}")
    if split not in (None, plan.split) or confidence not in (None, plan.confidence):
        of = f"{f'the split {plan.split}' if plan.split else 'all rows'} with {percent(plan.confidence)} confidence"
        raise InputError(f"{looked} of the plan for {of}; give it another --goal alone, or {mend}")
    check_goal(goal, old.labels)
    return replace(plan, goal=goal)


def describe_plan(plan: Plan) -> str:
    """Say what a plan is to show, and what it will likely take."""
    split = f" of the split {plan.split}" if plan.split else ""
    taken = f", less {percent(plan.spent)} for plans that were given up," if plan.spent else ""
    expected = expect_errors(plan)
    if_expected = (
        "; how many the model expects to be wrong is not known"
        if expected is None
        else f", and {write_rows(count_as_expected(plan), plan)} if as many are wrong as the model expects"
    )
    return (
        f"planned to show with {percent(plan.confidence)} confidence{taken} that at most "
        f"{count_allowed(plan.goal, plan.labels):,} of {count(plan.labels, 'label')}{split} ({percent(plan.goal)}) are "
        f"wrong.\nRows are drawn from {plan.n_rows:,} on which nobody has decided.\nIt will likely take "
        f"{write_rows(count_if_right(plan), plan)} if all of them are right{if_expected}."
    )


def list_steps(dataset: str, goal: float, before: int) -> list[str]:
    """Return what to do next; ``before`` counts the worst rows that are worth a look before any is drawn."""
    folder = data_folder(dataset) / "certificate"
    worst = (
        f"It takes fewer looks in all to look at about {count(before, 'more row')} before, the worst first: "
        f"`python -m review {dataset} --auto {100 * goal:g}%` changes to drawn rows by itself."
    )
    return [
        *([worst] if before else []),
        "Commit the plan before anyone looks, and then look at the rows:",
        "",
        f"    git add {folder} && git commit -m 'Plan a certificate of {dataset}'",
        f"    python -m review {dataset} --certify",
    ]


def write_rows(rows: int | None, plan: Plan) -> str:
    """Write a number of rows, None for more than a plan lists."""
    return f"more than {len(plan.rows):,} rows" if rows is None else f"about {count(rows, 'row')}"
