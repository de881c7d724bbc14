"""Which columns hold what several annotators said of each row, and what is known of it."""

import re
from itertools import combinations

import pandas as pd

from dataset.asking import Asked
from dataset.proposal import Proposal
from dataset.roles import Facts, check_there, find_label, find_named_label, may_be_label
from stages.artifacts.annotations import COLUMNS, vote_names
from stages.command.errors import InputError
from stages.fetch.annotations import take_annotations
from stages.fetch.settings import Settings
from stages.fetch.table import RawTable

# what columns of annotators are called: the same, and then a number or a letter
NAME = re.compile(
    r"((?:.*[\W_])?(?:ann|annotator|annotation|rater|labell?er|coder|worker|judge|expert|label|class|category)[\W_]?)"
    r"(\d+|[A-Za-z])",
    re.IGNORECASE,
)
# the least share of a column's classes that another one has
SAME = 0.5


def find_labels(facts: dict[str, Facts], asked: Asked) -> list[str]:
    """Return the label's column, or those of several annotators; none if a file of annotations stands in for it."""
    named = asked.roles.get("label", "")
    if named:
        return [check_there("label", name, facts) for name in ([named] if named in facts else named.split(","))]
    one = find_named_label(facts)
    if asked.section("fetch").get("annotations"):
        return [one] if one else []
    several = [] if one else find_annotators(facts)
    if several:
        return several
    joined = ",".join(find_alike(facts))
    label = find_label(
        facts, {joined: "if several annotators gave these, which hold the same classes"} if joined else {}
    )
    return [label] if label in facts else label.split(",")


def find_annotators(facts: dict[str, Facts]) -> list[str]:
    """Return the columns that are called as those of annotators, and hold the same classes; none if there are not two.

    Of several such groups the largest is taken.
    """
    groups: dict[str, list[str]] = {}
    for name, each in facts.items():
        found = NAME.fullmatch(name)
        if found and may_be_label(each):
            groups.setdefault(found[1].lower(), []).append(name)
    fit = [names for names in groups.values() if len(names) > 1 and _share_classes([facts[name] for name in names])]
    return max(fit, key=len, default=[])


def find_alike(facts: dict[str, Facts]) -> list[str]:
    """Return the most columns, whatever they are called, that hold the very same classes."""
    groups: dict[frozenset[str], list[str]] = {}
    for name, each in facts.items():
        if may_be_label(each):
            groups.setdefault(frozenset(_classes(each)), []).append(name)
    return max((names for names in groups.values() if len(names) > 1), key=len, default=[])


def check_rows(frame: pd.DataFrame) -> None:
    """Raise InputError if a table has a line for each label, and not one for each row."""
    if {*COLUMNS[:3]} <= {*map(str, frame)} and frame["id"].duplicated().any():
        raise InputError(
            "has a line for each label that an annotator gave, and not one for each row: add what holds the rows, and "
            "name this file in fetch.annotations"
        )


def take_votes(raw: RawTable, settings: Settings, proposal: Proposal) -> RawTable:
    """Return a table with each row's label by vote, and say how many annotators there are and how often they agree."""
    table, said = take_annotations(raw.table, settings)
    if said is None:
        return raw
    labels = said.groupby("id")["label"].agg(["size", "nunique"])
    several = labels[labels["size"] > 1]
    agree = (
        f"; all agree on {(several['nunique'] == 1).mean():.0%} of the rows that have several" if len(several) else ""
    )
    proposal.found.append(f"{len(said):,} labels by {said['annotator'].nunique():,} annotators{agree}")
    return RawTable(table.assign(label=vote_names(table["id"], said)), raw.rows)


def _share_classes(columns: list[Facts]) -> bool:
    pairs = combinations(map(_classes, columns), 2)
    return all(len(one & other) >= SAME * min(len(one), len(other)) for one, other in pairs)


def _classes(facts: Facts) -> set[str]:
    return {*facts.cells[facts.cells != ""]}
