"""The rows to decide on, and what there is to say about each."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from review.pictures import Gallery
from stages.artifacts import data_folder, load_array, read_json, read_table
from stages.command import InputError
from stages.report.examples import Cells, Pictures, open_examples
from stages.report.trouble import Trouble, read_trouble

LIKELIEST, TYPICAL, NEAREST = 3, 6, 6
# of each listed row; the rest comes when the row is opened
LETTERS_LISTED, CELLS_LISTED = 600, 40
NUMBERS = ("label_quality", "given_prob", "suggested_prob")


class Label(NamedTuple):
    """What is said of a row's label."""

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
        label_quality.csv, with rank (1 is worst) and the row's number as index.
    flagged : ndarray of int64
        The numbers of the flagged rows, worst first.
    pred_probs : ndarray of shape (n, K), float32
        Memory-mapped.
    examples : Gallery or Cells
        What the rows look like.
    trouble : Trouble
        Duplicates and outliers.
    """

    dataset: str
    classes: list[str]
    quality: pd.DataFrame
    flagged: np.ndarray
    pred_probs: np.ndarray
    examples: Gallery | Cells
    trouble: Trouble

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The number of the row with each id."""
        return dict(zip(self.quality["id"], self.quality.index, strict=True))

    def warm_up(self) -> None:
        """Make what every comparison needs, so that the first one does not wait for it."""
        if len(self.flagged):
            self.describe(int(self.flagged[0]))

    def list_rows(self, decided: Iterable[str]) -> list[dict[str, Any]]:
        """Describe the flagged rows, worst first, and after them those with one of the ids that are not flagged."""
        flagged = set(self.flagged.tolist())
        others = [self.row_of[row_id] for row_id in decided if row_id in self.row_of]
        return self._list([*self.flagged.tolist(), *(row for row in others if row not in flagged)])

    def list_found(self, found: pd.DataFrame) -> list[dict[str, Any]]:
        """Describe rows that were found for another reason than their labels, with the columns that say why."""
        rows = self._list([self.row_of[row_id] for row_id in found["id"]])
        about = _records(found.drop(columns=["id", "given_label"]))
        return [row | why for row, why in zip(rows, about, strict=True)]

    def label_of(self, row: int) -> Label:
        """Return what is said of a row's label."""
        columns = self.quality[["given_label", "suggested_label", "label_quality"]]
        given, suggested, quality = columns.iloc[row].tolist()
        return Label(given, suggested, quality)

    def describe(self, row: int) -> dict[str, Any]:
        """Say what a row may be, and which others to compare it with."""
        # what is alike in a table or in texts depends on what they mean
        nearest = self.examples.nearest(row, NEAREST) if isinstance(self.examples, Gallery) else []
        probs, label = np.asarray(self.pred_probs[row]), self.label_of(row)
        likeliest = np.argsort(-probs, kind="stable")[:LIKELIEST]
        compared = dict.fromkeys([label.given_label, label.suggested_label])
        return {
            "row": row,
            "content": self.examples.content(row),
            "likeliest": [{"label": self.classes[k], "prob": float(probs[k])} for k in likeliest],
            "typical": [{"label": name, "rows": self._brief(self._typical(name, row))} for name in compared],
            "nearest": self._brief(nearest),
        }

    def _typical(self, label: str, but: int) -> list[int]:
        """Return rows of a class whose label looks good: evenly spaced over the better half, so that they differ."""
        rows = self._best_first.get(label, np.empty(0, dtype=np.int64))
        better = rows[rows != but][: max(TYPICAL, len(rows) // 2)]
        return [int(row) for row in better[np.linspace(0, len(better) - 1, min(TYPICAL, len(better))).astype(int)]]

    @cached_property
    def _best_first(self) -> dict[str, np.ndarray]:
        ranked = self.quality.sort_values("label_quality", ascending=False, kind="stable")
        return {str(label): rows.index.to_numpy() for label, rows in ranked.groupby("judged_label")}

    def _list(self, rows: list[int]) -> list[dict[str, Any]]:
        flagged = set(self.flagged.tolist())
        listed = self.quality.loc[rows].assign(row=rows, flagged=[row in flagged for row in rows])
        return [described | {"content": self._excerpt(described["row"])} for described in _records(listed)]

    def _brief(self, rows: list[int]) -> list[dict[str, Any]]:
        known = self.quality.loc[rows, ["id", "given_label"]].assign(row=rows)
        return [described | {"content": self._excerpt(described["row"])} for described in _records(known)]

    def _excerpt(self, row: int) -> Any:
        return self.examples.excerpt(row, LETTERS_LISTED, CELLS_LISTED)


def open_catalogue(dataset: str) -> Catalogue:
    """Read what ``find_issues`` left for a data set; pictures and probabilities stay on the disk until asked for."""
    folder = data_folder(dataset)
    quality = read_table(folder / "quality" / "label_quality.csv")
    issues = read_table(folder / "issues.csv")
    for name in NUMBERS:
        quality[name] = quality[name].astype(float)
    quality["rank"] = quality["label_quality"].rank(method="first").astype(int)
    rows = pd.Series(quality.index, index=quality["id"]).reindex(issues["id"])
    if rows.isna().any():
        raise InputError(f"{folder / 'issues.csv'}: is not of the same run as quality/; `dvc repro` makes both again")
    examples = open_examples(folder / "prepared", len(quality))
    return Catalogue(
        dataset=dataset,
        classes=read_json(folder / "prepared" / "classes.json"),
        quality=quality,
        flagged=rows.to_numpy(dtype=np.int64),
        pred_probs=load_array(folder / "predictions" / "pred_probs.npy"),
        examples=Gallery(examples.images) if isinstance(examples, Pictures) else examples,
        trouble=read_trouble(dataset, quality["id"]),
    )


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in record.items()} for record in table.to_dict("records")]
