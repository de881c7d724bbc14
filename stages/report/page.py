"""Fills the page: one HTML file that needs no other."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stages.report.pictures import data_uri, to_png
from stages.report.results import Results, count_pairs, is_person

TEMPLATE = "page.html.jinja"
LIKELIEST = 3
ROWS_SHOWN = 50
PAIRS_SHOWN = 12


def fill_page(
    dataset: str,
    results: Results,
    metrics: dict[str, float],
    worst: pd.DataFrame,
    examples: pd.DataFrame,
    figures: dict[str, dict[str, bytes]],
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    dataset : str
        The data set's name.
    results : Results
        What was found.
    metrics : dict
        The headline numbers, as `stages.report.results.measure` returns them.
    worst, examples : DataFrame
        Rows of ``results.rows`` to show in the grid, and one by one.
    figures : dict of dict of bytes
        PNGs by style, light or dark, and name.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    uris = {name: {style: data_uri(pngs[name]) for style, pngs in figures.items()} for name in figures["light"]}
    pairs = count_pairs(results)
    cards = [_describe(results, described) for described in worst.to_dict("records")]
    return environment.get_template(TEMPLATE).render(
        dataset=dataset,
        metrics=metrics,
        flagged_cards=[card for card in cards if card["flagged"]],
        other_cards=[card for card in cards if not card["flagged"]],
        examples=[_describe(results, described) for described in examples.to_dict("records")],
        figures=uris,
        pairs=pairs.head(PAIRS_SHOWN).to_dict("records"),
        n_pairs=len(pairs),
        by_class=results.by_class.sort_values("label_quality", kind="stable").head(ROWS_SHOWN).to_dict("records"),
        changes=_worst_first(results.changes).head(ROWS_SHOWN).to_dict("records"),
        n_changes=len(results.changes),
        rows_shown=ROWS_SHOWN,
    )


def _worst_first(changes: pd.DataFrame) -> pd.DataFrame:
    return changes.assign(label_quality=changes["label_quality"].astype(float)).sort_values(
        "label_quality", kind="stable"
    )


def _describe(results: Results, described: dict[Any, Any]) -> dict[str, Any]:
    row = described["row"]
    probs = np.asarray(results.pred_probs[row])
    cleaned = results.cleaned.iloc[row]
    likeliest = np.argsort(-probs, kind="stable")[:LIKELIEST]
    return {
        **described,
        "decision": _write_decision(cleaned) if is_person(cleaned["by"]) else "",
        "picture": data_uri(to_png(results.images[row])),
        "likeliest": [{"name": results.classes[k], "prob": float(probs[k])} for k in likeliest],
    }


def _write_decision(cleaned: pd.Series) -> str:
    now = f"now {cleaned['label']}" if cleaned["status"] == "relabelled" else cleaned["status"]
    return f"{now} by {cleaned['by']}"
