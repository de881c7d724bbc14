"""What the page asks about one row: how it looks, which rows are like it, where it lies, and what people said."""

from typing import Any

from review.catalogue import Catalogue
from review.history import tell_history
from review.log import Log
from review.map import pack, read_map
from review.pictures import find_gallery
from review.sent import Pick
from stages.artifacts.files import data_folder
from stages.artifacts.pictures import Encoded

# so many rows are shown with the one that they are like
SIMILAR = 59


class EachRow:
    """The rows of one data set, by their numbers. A number that no row has raises LookupError.

    Parameters
    ----------
    catalogue : Catalogue
        The rows.
    log : Log
        The decisions.

    Attributes
    ----------
    map : Map or None
        Where they lie.
    """

    def __init__(self, catalogue: Catalogue, log: Log) -> None:
        self._catalogue, self._log = catalogue, log
        self.map = read_map(data_folder(catalogue.dataset), len(catalogue.quality), len(catalogue.classes))

    def describe(self, row: int) -> dict[str, Any]:
        """Return a row's likeliest classes, and rows to compare it with."""
        self._check(row)
        return self._catalogue.describe(row)

    def history(self, row: int) -> dict[str, Any]:
        """Return what people have said of a row."""
        self._check(row)
        return tell_history(self._catalogue, self._log, row)

    def picture(self, row: int) -> Encoded:
        """Return a row's picture as large as a screen shows it."""
        self._check(row)
        return find_gallery(self._catalogue.examples).picture(row)

    def preview(self, row: int) -> Encoded:
        """Return a row's picture, small."""
        self._check(row)
        return find_gallery(self._catalogue.examples).preview(row)

    def points(self) -> bytes:
        """Return the rows' places and labels, as `pack` packs them."""
        if self.map is None:
            raise LookupError("map")
        return pack(self.map.places, self._catalogue.quality, self._catalogue.classes)

    def pick(self, pick: Pick) -> dict[str, Any]:
        """Return rows by their numbers."""
        for row in pick.rows:
            self._check(row)
        return {"rows": self._catalogue.list_picked(pick.rows)}

    def find_similar(self, row: int) -> dict[str, Any]:
        """Return a row and after it those that are most like it."""
        self._check(row)
        similar = self._catalogue.similar
        if similar is None:
            raise LookupError("comparison of the rows")
        return {"rows": self._catalogue.list_picked([row, *similar.find(row, SIMILAR)])}

    def _check(self, row: int) -> None:
        if row >= len(self._catalogue.quality):
            raise LookupError(f"row {row}")
