"""What people have said of a row, for the page: all of it, and what they saw of the model's opinion."""

from typing import Any

from review.catalogue import Catalogue
from review.log import Log

FIELDS = (
    "time", "reviewer", "decision", "label", "given_label", "suggested_label", "label_quality", "run", "note",
)  # fmt: skip


def tell_history(catalogue: Catalogue, log: Log, row: int) -> dict[str, Any]:
    """Return all decisions on a row, in the order of their times, and the run that the page shows."""
    row_id = str(catalogue.quality.at[row, "id"])
    said = [{name: getattr(each, name) for name in FIELDS} | {"counts": counts} for each, counts in log.tell(row_id)]
    return {"id": row_id, "run": catalogue.run, "said": said}
