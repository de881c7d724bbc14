"""How far reviewers agree, with each other and with themselves, on the rows at which somebody looked again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from stages.artifacts.annotations import Annotations
from stages.artifacts.decisions import Decision, Verdict, apply_verdict, parse_decisions
from stages.artifacts.fitting import Rows, find_moved, follow
from stages.artifacts.quality import bound_share
from stages.artifacts.standing import fill_times, find_own_words, find_untaken, time_of
from stages.certificate.checks import Check, read_checks
from stages.report.agreement import MIN_ROWS
from stages.report.annotators import compare_with_others
from stages.report.drift import hear_others


@dataclass(frozen=True)
class Looks:
    """What reviewers said.

    Attributes
    ----------
    said : Annotations
        Which label each reviewer is sure of by themselves, as if they were annotators; one of the labels is that the
        row is removed.
    again : dict of str to list of bool
        By reviewer, of rows that came to them twice for a certificate: whether they said the same both times.
    """

    said: Annotations
    again: Mapping[str, Sequence[bool]]

    @property
    def shared(self) -> int:
        """Of how many rows more than one reviewer is sure."""
        return int((self.said.count_by_row() > 1).sum())


def read_looks(folder: Path, rows: Rows) -> Looks:
    """Read ``decisions.csv`` and ``certificate/checks.csv`` of a data set's folder; ``rows`` are its data."""
    decisions = fill_times(parse_decisions(folder / "decisions.csv"))
    untaken = find_untaken(follow(decisions, find_moved(decisions, rows)))
    return Looks(number_words(untaken, rows), compare_looks(read_checks(folder), untaken))


def number_words(untaken: Mapping[str, Sequence[Decision]], rows: Rows) -> Annotations:
    """Number the rows, reviewers and labels of what reviewers are sure of, where the row has a given label."""
    places = {row_id: row for row, row_id in enumerate(rows.given) if rows.given[row_id]}
    words = [
        (places[row_id], said.reviewer, apply_verdict(said.decision, said.given_label, said.label))
        for row_id, same in untaken.items()
        if row_id in places
        for said in find_own_words(same)
    ]
    table = pd.DataFrame(sorted(words), columns=["row", "reviewer", "label"])
    reviewers, names = pd.factorize(table["reviewer"], sort=True)
    labels, _ = pd.factorize(table["label"])
    return Annotations(table["row"].to_numpy(dtype=np.int64), reviewers, labels, list(names), len(rows.given))


def compare_looks(checks: Sequence[Check], untaken: Mapping[str, Sequence[Decision]]) -> dict[str, list[bool]]:
    """Return by reviewer, of rows that came to them twice, whether they were sure of the same label both times."""
    found: dict[str, list[bool]] = {}
    for check in checks:
        before = [
            said
            for said in untaken.get(check.id, ())
            if said.reviewer == check.reviewer and time_of(said) < check.moment and said.decision != Verdict.UNSURE
        ]
        if check.kind != "again" or not before or check.decision == Verdict.UNSURE:
            continue
        first = apply_verdict(before[-1].decision, before[-1].given_label, before[-1].label)
        same = first == apply_verdict(check.decision, check.shown_label, check.label)
        found.setdefault(check.reviewer, []).append(same)
    return found


def list_reviewers(looks: Looks) -> pd.DataFrame:
    """Return how often each reviewer agrees with the others and with themselves, those of most rows first.

    Returns
    -------
    DataFrame with the columns reviewer, rows, compared, agree, low, high, again, same, same_low, same_high
        ``rows`` are those of which the reviewer is sure; ``compared`` to ``high`` are as `compare_with_others` has
        them. ``again`` rows came twice, and ``same`` is the share of them of which the reviewer said the same; NaN for
        fewer than `MIN_ROWS` rows, as its 95 % interval.
    """
    said = looks.said
    rows = Counter(said.annotators.tolist())
    table = pd.DataFrame({"reviewer": said.names, "rows": [rows[number] for number in range(len(said.names))]})
    table = table.join(compare_with_others(said, hear_others(said)))
    again = table["reviewer"].map(lambda name: len(looks.again.get(name, ())))
    same = table["reviewer"].map(lambda name: sum(looks.again.get(name, ())))
    low, high = bound_share(same, again.clip(lower=1))
    table = table.assign(again=again, same=same / again.clip(lower=1), same_low=low, same_high=high)
    table.loc[again < MIN_ROWS, ["same", "same_low", "same_high"]] = np.nan
    return table.sort_values("rows", ascending=False, kind="stable", ignore_index=True)
