"""The lists of rows that the page shows: by their labels, or found for another reason."""

from collections.abc import Collection
from typing import Any

import pandas as pd

from review.catalogue import Catalogue
from review.pictures import find_gallery
from review.spread import choose_spread
from stages.artifacts.pictures import Encoded

# pictures of many rows are sent as sheets of so many, in so many columns
SHEET_ROWS, SHEET_COLUMNS = 100, 10
# at most so many duplicates, in whole sets, so many outliers and so many bad pictures are shown
FOUND_SHOWN = 5000
LABELS = "labels"


class Lists:
    """The lists of one data set, by their names.

    Parameters
    ----------
    catalogue : Catalogue
        Its rows.
    decided : collection of str
        The ids of the rows on which people have said something.

    Attributes
    ----------
    labels : list of dict
        The first list: the rows of the queue, and those that people decided on and that no list holds.
    """

    def __init__(self, catalogue: Catalogue, decided: Collection[str]) -> None:
        self._catalogue, trouble = catalogue, catalogue.trouble
        self._found = {
            "spread": list_spread(catalogue),
            "duplicates": first_sets(trouble.duplicates),
            "outliers": trouble.outliers.head(FOUND_SHOWN),
            "picture_quality": trouble.bad_pictures.head(FOUND_SHOWN),
            "unlabelled": list_unlabelled(catalogue, decided).head(FOUND_SHOWN),
        }
        elsewhere = {row_id for found in self._found.values() for row_id in found["id"]} | {*catalogue.unlabelled["id"]}
        self.labels = catalogue.list_rows(row_id for row_id in decided if row_id not in elsewhere)
        self._described = {LABELS: self.labels}

    def describe(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a list, the worst first; of duplicates, first those whose labels differ."""
        if name not in self._described:
            if name not in self._found:
                raise LookupError(f"list {name}")
            self._described[name] = self._catalogue.list_found(self._found[name])
        return self._described[name]

    def sheet(self, name: str, number: int) -> Encoded:
        """Return the pictures of so many rows of a list, from number times `SHEET_ROWS` on, as one."""
        start, rows = number * SHEET_ROWS, self.describe(name)
        if start >= len(rows):
            raise LookupError(f"row {start}")
        shown = [row["row"] for row in rows[start : start + SHEET_ROWS]]
        return find_gallery(self._catalogue.examples).sheet(shown, SHEET_COLUMNS)

    def count_found(self) -> dict[str, Any]:
        """Return how many rows each list shows besides that of labels, and of how many, where there are any."""
        trouble = self._catalogue.trouble
        counts = {
            "spread": len(self._found["spread"]),
            "duplicates": len(trouble.duplicates),
            "outliers": len(trouble.outliers),
            "picture_quality": len(trouble.bad_pictures),
            "unlabelled": len(self._catalogue.unlabelled),
        }
        return {name: {"shown": len(self._found[name]), "all": count} for name, count in counts.items() if count}


def list_spread(catalogue: Catalogue) -> pd.DataFrame:
    """Return the rows that are spread over the ranking, as `Catalogue.list_found` takes them."""
    ranked = catalogue.ranking.rows
    spread: pd.DataFrame = catalogue.quality.loc[ranked[choose_spread(len(ranked))], ["id", "given_label"]]
    return spread


def list_unlabelled(catalogue: Catalogue, decided: Collection[str]) -> pd.DataFrame:
    """Return the rows without a label, in their order, those last on which people said something."""
    rows = catalogue.unlabelled[["id"]].assign(given_label="")
    return rows.sort_values("id", key=lambda ids: ids.isin(decided), kind="stable")


def first_sets(duplicates: pd.DataFrame) -> pd.DataFrame:
    """Return as many whole sets as fit into `FOUND_SHOWN` rows; if the first is larger, so many rows of it."""
    shown = duplicates.head(FOUND_SHOWN)
    if len(shown) == len(duplicates):
        return shown
    whole = shown[shown["set"] != duplicates["set"].iloc[FOUND_SHOWN]]
    return shown if whole.empty else whole
