"""What the page says of a row that it shows."""

from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.cleaned import PEOPLE
from stages.report.results import Results

LIKELIEST = 3
# how much of a row is shown, so that a page of long texts still opens
LETTERS_SHOWN, CELLS_SHOWN = 4000, 100


def describe_rows(results: Results, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return for each of some of ``results.rows`` what it looks like, what the model thinks, and who decided what."""
    return [_describe_row(results, row) for row in rows.to_dict("records")]


def describe_found(results: Results, found: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the same for rows with the columns id and score, with their score."""
    rows = results.rows.set_index("id", drop=False).loc[found["id"]] if len(found) else results.rows.head(0)
    pairs = zip(describe_rows(results, rows), found["score"], strict=True)
    return [card | {"score": score} for card, score in pairs]


def _describe_row(results: Results, described: dict[Any, Any]) -> dict[str, Any]:
    row = described["row"]
    probs = np.asarray(results.pred_probs[row])
    cleaned = results.cleaned.iloc[row]
    likeliest = np.argsort(-probs, kind="stable")[:LIKELIEST]
    return {
        **described,
        "decision": _write_decision(cleaned) if cleaned["decided_by"] == PEOPLE else "",
        "content": results.examples.excerpt(row, LETTERS_SHOWN, CELLS_SHOWN),
        "likeliest": [{"name": results.classes[k], "prob": float(probs[k])} for k in likeliest],
    }


def _write_decision(cleaned: pd.Series) -> str:
    now = f"now {cleaned['label']}" if cleaned["status"] in ("relabelled", "labelled") else cleaned["status"]
    return f"{now} by {cleaned['by']}"
