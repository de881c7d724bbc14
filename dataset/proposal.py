"""What a look at the data found, and the block that it proposes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from dataset.classes import name_classes
from stages.command.errors import InputError, one_line, some
from stages.command.params import SECTIONS
from stages.fetch.several import describe_several
from stages.preprocess.classes import check_classes, check_measures, encode_labels
from stages.preprocess.said import Examples, describe
from stages.preprocess.tables import TELLING
from stages.split.settings import Settings as Split

FOLDS = int(Split.model_fields["folds"].default)
SHOWN_CLASSES = 12
BUDGET = "2%"
# a class with fewer rows than folds is left out, as long as all such classes together have no larger share of the rows
MOST_RARE = 0.1
# what a remark on a column says that was perhaps made from the labels
TELLS = TELLING.partition(" {")[0]


@dataclass
class Proposal:
    """What was found, in lines for a person, and a block.

    Attributes
    ----------
    head : str
        What it is, in a few words.
    found : list of str
        What is there.
    odd : list of str
        What a person should look at.
    chosen : list of str
        What is proposed, and why.
    block : dict of str to dict
        The sections of params.yaml.
    """

    head: str = ""
    found: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    block: dict[str, dict[str, Any]] = field(default_factory=dict)

    def set(self, section: str, **values: Any) -> None:
        """Set keys of a section."""
        self.block.setdefault(section, {}).update(values)

    def ordered(self) -> dict[str, dict[str, Any]]:
        """Return the block with its sections in the order of the pipeline."""
        return {name: self.block[name] for name in (*SECTIONS, *self.block) if self.block.get(name)}


def look_at_labels(labels: pd.Series, proposal: Proposal) -> None:
    """Say which classes there are, and propose what is to happen with rows of none, or of one with few rows.

    Raises
    ------
    InputError
        If there are not two classes with two rows.
    """
    counts = Counter(labels[labels != ""])
    unlabelled = int((labels == "").sum())
    if not counts:
        raise InputError("no row has a label")
    check_classes(labels[labels != ""])
    check_measures(labels[labels != ""])
    proposal.found.append(f"{len(counts):,} classes: {name_classes(counts, SHOWN_CLASSES)}")
    if unlabelled:
        proposal.odd.append(
            f"{unlabelled:,} of {len(labels):,} rows have no label; they are left out (to have them predicted, and the "
            "next to label named: --set preprocess.unlabelled=suggest)"
        )
        proposal.set("preprocess", unlabelled="leave_out")
    if several := describe_several(labels[labels != ""]):
        proposal.odd.append(several)
    _deal(counts, proposal)


def propose_budget(proposal: Proposal) -> None:
    """Propose how many rows are flagged: a share that people find time for, however good the model is."""
    proposal.set("find_issues", budget=BUDGET)
    proposal.chosen.append(
        f"flagged: the worst {BUDGET}, whatever the model is worth (`--set find_issues.budget=5%` for more)"
    )


def _deal(counts: Counter[str], proposal: Proposal) -> None:
    """Propose how classes with fewer rows than folds are dealt."""
    rare = {name: count for name, count in counts.items() if count < FOLDS}
    if not rare:
        return
    few = sum(rare.values()) <= MOST_RARE * sum(counts.values()) and len(counts) - len(rare) >= 2
    folds = FOLDS if few else max(2, min(counts.values()))
    left_out = {name: count for name, count in rare.items() if count < folds}
    if len(counts) - len(left_out) < 2:
        raise InputError(
            f"{len(left_out):,} of {len(counts):,} classes have fewer than 2 rows; two classes need two at least"
        )
    named = some(f"{name} ({count})" for name, count in sorted(rare.items(), key=lambda item: item[1]))
    proposal.odd.append(f"{len(rare):,} class(es) have fewer than {FOLDS} rows: {named}")
    if folds != FOLDS:
        proposal.set("split", folds=folds)
        proposal.chosen.append(f"{folds} folds, so that each has a row of every class")
    if left_out:
        proposal.set("split", rare_classes="leave_out")
        proposal.chosen.append("classes with too few rows are neither trained on nor judged (split.rare_classes)")


def look_at_examples(examples: Examples, labels: pd.Series, proposal: Proposal) -> None:
    """Say what `preprocess` says of columns and classes.

    Parameters
    ----------
    examples : Examples
        Of the rows that have a label.
    labels : Series of n str
        These.
    proposal : Proposal
        What is found is added to it.
    """
    frame = pd.DataFrame({"label": labels.to_numpy()})
    lines, remarks = describe(examples, frame["label"], encode_labels(frame)[0])
    # the line of a column has what was not plain of it
    own = [remark for remark in remarks if remark.column is None or TELLS in remark.text]
    proposal.found += [line for line in lines if line not in {*map(str, own)}]
    for remark in own:
        here = f" (here: --set preprocess.columns.{remark.column}=leave_out)" if remark.column else ""
        proposal.odd.append(f"{remark}{here}")


def take_labelled(labels: pd.Series) -> tuple[np.ndarray, pd.Series]:
    """Return the numbers of the rows that have a label, and their labels."""
    rows = np.flatnonzero(labels != "")
    return rows, labels.iloc[rows].reset_index(drop=True)


def list_english(names: Sequence[object]) -> str:
    """List names, the last after `and`."""
    shown = [one_line(name) for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
