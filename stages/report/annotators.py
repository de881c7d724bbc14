"""What several annotators said, as the report tells of it: how far they agree, how good each is, and what changed.

It is computed here and not in the stage `consensus`, because nothing that follows rests on it: labels, decisions and
versions do not wait for it, and another way of telling it trains and cleans nothing again.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.annotations import OTHER, Annotations, Consensus, read_annotations, read_consensus, read_times
from stages.artifacts.decisions import to_time
from stages.artifacts.quality import bound_share
from stages.report.agreement import MIN_ROWS, Estimate, measure_alpha, measure_kappas
from stages.report.drift import Others, find_drift, hear_others

# of more annotators, the busiest and the worst are shown, so many of each
SHOWN = 10
# two classes that an annotator mixed up less often are not named
MIN_MIXED = 5
OTHERS_NAME = "another class"


@dataclass(frozen=True)
class Several:
    """What several annotators said of n rows.

    Attributes
    ----------
    annotations : Annotations
        m of them.
    consensus : Consensus
        What they are taken to mean.
    times : ndarray of shape (m,), float
        When each annotation was made, in seconds; NaN if that is unknown.
    """

    annotations: Annotations
    consensus: Consensus
    times: np.ndarray

    @cached_property
    def alpha(self) -> Estimate | None:
        """How far all agree."""
        return measure_alpha(self.annotations)

    @cached_property
    def others(self) -> Others:
        """What the others said of each annotation's row."""
        return hear_others(self.annotations)

    @cached_property
    def drift(self) -> pd.DataFrame:
        """Who was tested for a change over time; nobody if the times are unknown."""
        return find_drift(self.annotations, self.times)

    @cached_property
    def kappas(self) -> pd.DataFrame:
        """How far each two of the busiest agree."""
        counts = np.bincount(self.annotations.annotators, minlength=len(self.annotations.names))
        return measure_kappas(self.annotations, np.argsort(-counts, kind="stable")[:SHOWN])

    @cached_property
    def split(self) -> np.ndarray:
        """Whether the annotators of each row differ, (n,) bool; of fewer than two they do not."""
        rows, labels = self.annotations.rows, self.annotations.labels
        differing = np.zeros(self.annotations.n_rows, dtype=bool)
        differing[rows[1:][(rows[1:] == rows[:-1]) & (labels[1:] != labels[:-1])]] = True
        return differing


def read_several(folder: Path) -> Several | None:
    """Read it from a data set's folder; None if that has not several annotators."""
    annotations, consensus = read_annotations(folder), read_consensus(folder)
    if annotations is None or consensus is None:
        return None
    given = pd.Series(read_times(folder, annotations))
    seconds = {text: (time.timestamp() if (time := to_time(str(text))) else np.nan) for text in given.unique()}
    return Several(annotations, consensus, given.map(seconds).to_numpy(dtype=float))


def sum_up(several: Several | None) -> dict[str, Any]:
    """Return the headline numbers for metrics.json, under ``annotators``; nothing for data with one label a row.

    ``alpha`` and its bounds are None if too little is known; ``changed`` is None if nobody could be tested.
    """
    if several is None:
        return {}
    annotations, alpha = several.annotations, several.alpha
    counts = annotations.count_by_row()
    return {
        "annotators": {
            "annotators": len(annotations.names),
            "annotations": len(annotations.rows),
            "rows_with_several": int((counts >= 2).sum()),
            "rows_that_differ": int(several.split.sum()),
            "consensus": several.consensus.about["method"],
            **{
                name: None if alpha is None else round(getattr(alpha, field), 4)
                for name, field in (("alpha", "value"), ("alpha_low", "low"), ("alpha_high", "high"))
            },
            "tested_for_change": len(several.drift),
            "changed": int(several.drift["changed"].sum()) if len(several.drift) else None,
        }
    }


def list_annotators(several: Several, classes: list[str]) -> pd.DataFrame:
    """Return the annotators by quality, the worst first, of many the worst and the busiest.

    Those of whom too little is known to say anything come last.

    Returns
    -------
    DataFrame
        With the columns of `Consensus.annotators`, and compared, agree, low and high: how many of their rows others
        have labelled of one mind, the share in which they agree, and its 95 % interval, NaN for fewer than `MIN_ROWS`
        rows; and mixed: a list of what they mix up most, each with said, instead, times and of.
    """
    table = several.consensus.annotators.reset_index(drop=True)
    if len(table) > 2 * SHOWN:
        known = table[table["annotations"] >= MIN_ROWS]
        worst, busiest = known.nsmallest(SHOWN, "quality"), table.nlargest(SHOWN, "annotations")
        table = table.loc[worst.index.union(busiest.index)]
    compared = compare_with_others(several.annotations, several.others)
    table = table.join(compared.loc[table.index]).sort_values("quality", kind="stable")
    table = table.sort_values("annotations", kind="stable", key=lambda counts: counts < MIN_ROWS)
    mixed = [_list_mixed(several, number, classes) for number in table.index.tolist()]
    return table.assign(mixed=pd.Series(mixed, index=table.index, dtype=object))


def compare_with_others(annotations: Annotations, others: Others) -> pd.DataFrame:
    """Return how often each annotator says what most of the others said of the row.

    Returns
    -------
    DataFrame with the columns compared, agree, low, high
        A row for each annotator: in how many rows most of the others were of one mind, the share of these in which the
        annotator was too, and its 95 % interval; NaN for fewer than `MIN_ROWS` rows.
    """
    heard = others.labels >= 0
    n_annotators = len(annotations.names)
    compared = np.bincount(annotations.annotators[heard], minlength=n_annotators)
    agreed = np.bincount(annotations.annotators[heard & others.agree], minlength=n_annotators)
    low, high = bound_share(pd.Series(agreed), pd.Series(np.maximum(1, compared)))
    table = pd.DataFrame({"compared": compared, "agree": agreed / np.maximum(1, compared), "low": low, "high": high})
    table.loc[table["compared"] < MIN_ROWS, ["agree", "low", "high"]] = np.nan
    return table


def _list_mixed(several: Several, number: int, classes: list[str]) -> list[dict[str, Any]]:
    """Return up to two pairs of classes that an annotator mixed up in rows that others have labelled too."""
    annotations = several.annotations
    mine = (annotations.annotators == number) & (annotations.count_by_row()[annotations.rows] >= 2)
    if mine.sum() < MIN_ROWS:
        return []
    said, meant = annotations.labels[mine], several.consensus.labels[annotations.rows[mine]]
    of = np.bincount(meant, minlength=len(classes))
    pairs, times = np.unique(np.column_stack([meant, said])[said != meant], axis=0, return_counts=True)
    order = np.argsort(-times, kind="stable")[:2]
    names = {OTHER: OTHERS_NAME, **dict(enumerate(classes))}
    return [
        {"instead": names[right], "said": names[wrong], "times": count, "of": int(of[right])}
        for (right, wrong), count in zip(pairs[order].tolist(), times[order].tolist(), strict=True)
        if count >= MIN_MIXED
    ]
