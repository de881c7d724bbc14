"""The rows to decide on, and what the page shows of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from review.annotators import Annotators
from review.dealing import place_of
from review.forecast import Ranking
from review.pictures import Gallery
from review.similar import Similar
from review.unusual import UnusualCells
from stages.artifacts.examples import Cells
from stages.artifacts.found import Trouble

# the page shows the first of the likeliest classes, and lists them all before others when one is chosen by its name
LIKELIEST, TYPICAL, NEAREST = 20, 6, 6
# of each listed row; the rest comes when the row is opened
LETTERS_LISTED, CELLS_LISTED = 600, 40
# of each cell of a table's row, if it is one of many
LETTERS_UNUSUAL = 40


class Label(NamedTuple):
    """A row's label, and what the model says about it."""

    given_label: str
    suggested_label: str
    label_quality: float


@dataclass(frozen=True)
class Catalogue:
    """One data set of n rows and K classes.

    Attributes
    ----------
    dataset : str
        Its name.
    classes : list of K str
        Their names.
    quality : DataFrame of n rows
        As `read_quality` returns it, with the row's number as index.
    queue : ndarray of int64
        The numbers of the rows in issues.csv: the flagged ones, worst first, and then the others, in rank order.
    n_flagged : int
        How many of them are flagged.
    on_top : bool
        Whether the flagged rows are the worst ones, which depends on the rule that flags them.
    ranking : Ranking
        As `read_ranking` returns it.
    min_yield : float
        The share of errors below which the page says that going on is not worth it.
    pred_probs : ndarray of shape (n, K), float32
        Memory-mapped.
    examples : Gallery or Cells
        What the rows look like.
    seen : str
        What a model sees of them, if that is not what they look like.
    similar : Similar, optional
        Finds the rows that are most like one.
    trouble : Trouble
        Duplicates and outliers.
    unlabelled : DataFrame
        As `read_unlabelled` returns it.
    annotators : Annotators, optional
        Who said what, where several annotators have labelled the rows.
    contents : dict of str to str
        What tells each picture's file from others, by id; empty where rows are no files.
    run : str
        Which run all this is of, as `read_run` names it.
    """

    dataset: str
    classes: list[str]
    quality: pd.DataFrame
    queue: np.ndarray
    n_flagged: int
    on_top: bool
    ranking: Ranking
    min_yield: float
    pred_probs: np.ndarray
    examples: Gallery | Cells
    seen: str
    similar: Similar | None
    trouble: Trouble
    unlabelled: pd.DataFrame
    annotators: Annotators | None
    contents: Mapping[str, str]
    run: str

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The number of the row with each id."""
        return dict(zip(self.quality["id"], self.quality.index, strict=True))

    def warm_up(self) -> None:
        """Make what every comparison needs, so that the first one does not wait for it."""
        if len(self.queue):
            self.describe(int(self.queue[0]))

    def list_rows(self, decided: Iterable[str]) -> list[dict[str, Any]]:
        """Describe the rows of the queue, and after them those with one of the ids that are not in it."""
        others = [self.row_of[row_id] for row_id in decided if row_id in self.row_of]
        return self._list([*self.queue.tolist(), *(row for row in others if row not in self._queued)])

    def list_found(self, found: pd.DataFrame) -> list[dict[str, Any]]:
        """Describe rows that were found for another reason than their labels, with the columns that say why."""
        rows = self._list([self.row_of[row_id] for row_id in found["id"]])
        if "set" in found:
            # one person sees a whole set
            first = dict(zip(reversed(found["set"]), reversed(found["id"]), strict=True))
            rows = [row | {"deal": place_of(first[number])} for row, number in zip(rows, found["set"], strict=True)]
        about = _records(found.drop(columns=["id", "given_label"]))
        return [row | why for row, why in zip(rows, about, strict=True)]

    def list_picked(self, rows: list[int]) -> list[dict[str, Any]]:
        """Describe rows that a person picked, by their numbers."""
        return self._list(rows)

    def label_of(self, row: int) -> Label:
        """Return a row's label, and what the model says about it."""
        # a cell at a time: a row, or some columns, would copy all
        given, suggested = (str(self.quality[name].iat[row]) for name in ("given_label", "suggested_label"))
        return Label(given, suggested, float(self.quality["label_quality"].to_numpy()[row]))

    def describe(self, row: int) -> dict[str, Any]:
        """Return a row's likeliest classes, who said what of it, and rows to compare it with."""
        probs, label = np.asarray(self.pred_probs[row]), self.label_of(row)
        likeliest = np.argsort(-probs, kind="stable")[:LIKELIEST]
        compared = dict.fromkeys(filter(None, [label.given_label, label.suggested_label]))
        return {
            "row": row,
            "content": self.examples.content(row),
            "likeliest": [{"label": self.classes[k], "prob": float(probs[k])} for k in likeliest],
            "typical": [{"label": name, "rows": self._brief(self._typical(name, row), row)} for name in compared],
            "nearest": self._brief(self._nearest(row), row),
            "annotators": self.annotators.tell(row, self.classes) if self.annotators else [],
        }

    def preview(self, row: int) -> dict[str, Any]:
        """Return which row it is and what a list shows of it, and nothing of its label or of what the model thinks."""
        return {"row": row, "id": self.quality.at[row, "id"]} | self._show(row, row)

    def compare(self, row: int, label: str) -> dict[str, Any]:
        """Return all that a row shows, typical rows of a class, and the rows that look most like it, without labels."""
        return {
            "content": self.examples.content(row),
            "typical": self._brief(self._typical(label, row), row),
            "nearest": [self.preview(other) for other in self._nearest(row)],
        }

    def _nearest(self, row: int) -> list[int]:
        # which rows of a table or which texts are alike depends on what they mean
        known = self.similar and (isinstance(self.examples, Gallery) or self.similar.pretrained)
        return self.similar.find(row, NEAREST) if self.similar and known else []

    def _typical(self, label: str, but: int) -> list[int]:
        """Return rows of a class whose label looks good: evenly spaced over the better half, so that they differ."""
        rows = self._best_first.get(label, np.empty(0, dtype=np.int64))
        better = rows[rows != but][: max(TYPICAL, len(rows) // 2)]
        return [int(row) for row in better[np.linspace(0, len(better) - 1, min(TYPICAL, len(better))).astype(int)]]

    @cached_property
    def _best_first(self) -> dict[str, np.ndarray]:
        ranked = self.quality.sort_values("label_quality", ascending=False, kind="stable")
        return {str(label): rows.index.to_numpy() for label, rows in ranked.groupby("judged_label")}

    @cached_property
    def _queued(self) -> set[int]:
        return set(self.queue.tolist())

    @cached_property
    def _flagged(self) -> set[int]:
        return set(self.queue[: self.n_flagged].tolist())

    @cached_property
    def _unusual_cells(self) -> UnusualCells:
        assert isinstance(self.examples, Cells)
        return UnusualCells(self.examples, self.quality["given_label"].tolist())

    def _list(self, rows: list[int]) -> list[dict[str, Any]]:
        # what people decided moves error_prob: the page works it out, and of a worthless model there is none
        listed = self.quality.loc[rows].drop(columns="error_prob").assign(row=rows)
        listed["deal"] = [place_of(row_id) for row_id in listed["id"]]
        listed["flagged"], listed["queued"] = listed["row"].isin(self._flagged), listed["row"].isin(self._queued)
        return [described | self._show(described["row"], described["row"]) for described in _records(listed)]

    def _brief(self, rows: list[int], beside: int) -> list[dict[str, Any]]:
        known = self.quality.loc[rows, ["id", "given_label"]].assign(row=rows)
        return [described | self._show(described["row"], beside) for described in _records(known)]

    def _show(self, row: int, beside: int) -> dict[str, Any]:
        """Return what a list shows of a row; of a table, also the cells in which row `beside` is unusual."""
        shown = {"content": self.examples.excerpt(row, LETTERS_LISTED, CELLS_LISTED)}
        if not isinstance(self.examples, Cells) or self.examples.kind != "table":
            return shown
        cells = self.examples.excerpt(row, LETTERS_UNUSUAL, len(self.examples.columns))
        return shown | {"unusual": [(self.examples.columns[k], cells[k]) for k in self._unusual_cells.columns(beside)]}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    # pandas has no record of a row without columns
    records = table.to_dict("records") if len(table.columns) else [{}] * len(table)
    return [{str(name): value for name, value in record.items()} for record in records]
