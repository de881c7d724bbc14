"""Fills the page: one HTML file that needs no other."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stages import artifacts
from stages.artifacts.cleaned import is_person
from stages.artifacts.pictures import data_uri
from stages.command.processor import SAME
from stages.report.decided import describe_decided
from stages.report.expected import describe_expected, describe_trust
from stages.report.figures import CLASSES_SHOWN
from stages.report.results import Results
from stages.report.summary import count_agreeing, count_pairs, count_rare, find_guess, rank_classes, worst_rows

TEMPLATE = "page.html.jinja"
LIKELIEST = 3
ROWS_SHOWN = 50
PAIRS_SHOWN = 12
MEMBERS_SHOWN = 12
# of a row, so that a page of long texts stays one that opens
LETTERS_SHOWN, CELLS_SHOWN = 4000, 100


def fill_page(
    dataset: str,
    results: Results,
    metrics: dict[str, float],
    top: int,
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
        The headline numbers, as `stages.report.summary.measure` returns them.
    top : int
        How many rows, or sets of duplicates, a section shows at most.
    examples : DataFrame
        Rows of ``results.rows`` to show one by one.
    figures : dict of dict of bytes
        PNGs by style, light or dark, and name.
    """
    environment = Environment(
        loader=FileSystemLoader([Path(__file__).parent, Path(artifacts.__file__).parent]),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    uris = {name: {style: data_uri(pngs[name]) for style, pngs in figures.items()} for name in figures["light"]}
    return environment.get_template(TEMPLATE).render(
        dataset=dataset,
        audit=results.audit,
        made_on=_describe_made_on(results.made_on),
        members=results.members,
        metrics=metrics,
        figures=uris,
        kind=results.examples.kind,
        columns=results.examples.columns,
        top=top,
        examples=[_describe(results, described) for described in examples.to_dict("records")],
        guess=find_guess(results, metrics["accuracy"]),
        expected=describe_expected(results),
        decided=describe_decided(results),
        trust=describe_trust(results.reliability),
        **_show_worst(results, top),
        **_show_trouble(results, top),
        **_show_classes(results),
        **_show_changes(results),
    )


def _describe_made_on(made_on: dict[str, Any]) -> str:
    """Say what predicted, and where the same commit gives the same bytes."""
    if not made_on:
        return ""
    devices = " and ".join(made_on["devices"])
    if made_on["processor"] == SAME and devices == "cpu":
        return f"Predicted on {SAME}: every such processor gives the same bytes."
    return f"Predicted on {made_on['processor']} ({devices}): other processors and devices round otherwise."


def _show_worst(results: Results, top: int) -> dict[str, Any]:
    cards = [_describe(results, described) for described in worst_rows(results, top).to_dict("records")]
    return {
        "flagged_cards": [card for card in cards if card["flagged"]],
        "other_cards": [card for card in cards if not card["flagged"]],
        "n_agreeing": count_agreeing(results),
    }


def _show_trouble(results: Results, top: int) -> dict[str, Any]:
    trouble, rare = results.trouble, count_rare(results)
    return {
        "trouble": trouble,
        "duplicates": _list_sets(results, top),
        "outliers": _list_found(results, trouble.outliers.head(top)),
        "left_out": trouble.left_out.head(top).to_dict("records"),
        "reasons": trouble.left_out["reason"].value_counts(sort=False).to_dict(),
        "rare": rare.to_dict("records"),
        "n_rare": int(rare["rows"].sum()),
    }


def _show_classes(results: Results) -> dict[str, Any]:
    pairs = count_pairs(results)
    pairs = pairs[pairs["given_label"] != pairs["suggested_label"]]
    return {
        "pairs": pairs.head(PAIRS_SHOWN).to_dict("records"),
        "n_pairs": len(pairs),
        "by_class": rank_classes(results).head(ROWS_SHOWN).to_dict("records"),
        "classes_drawn": CLASSES_SHOWN,
    }


def _show_changes(results: Results) -> dict[str, Any]:
    changes = _worst_first(results.changes)
    return {
        "changes": changes.head(ROWS_SHOWN).to_dict("records"),
        "n_changes": len(changes),
        "rows_shown": ROWS_SHOWN,
    }


def _list_sets(results: Results, top: int) -> list[dict[str, Any]]:
    sets = []
    for _, members in list(results.trouble.duplicates.groupby("set", sort=False))[:top]:
        first = members.iloc[0]
        sets.append({
            "size": len(members),
            "kind": first["kind"],
            "labels_differ": first["labels_differ"],
            "members": _list_found(results, members.head(MEMBERS_SHOWN)),
        })  # fmt: skip
    return sets


def _list_found(results: Results, found: pd.DataFrame) -> list[dict[str, Any]]:
    rows = results.rows.set_index("id", drop=False).loc[found["id"]] if len(found) else results.rows.head(0)
    pairs = zip(rows.to_dict("records"), found["score"], strict=True)
    return [_describe(results, described) | {"score": score} for described, score in pairs]


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
        "content": results.examples.excerpt(row, LETTERS_SHOWN, CELLS_SHOWN),
        "likeliest": [{"name": results.classes[k], "prob": float(probs[k])} for k in likeliest],
    }


def _write_decision(cleaned: pd.Series) -> str:
    now = f"now {cleaned['label']}" if cleaned["status"] == "relabelled" else cleaned["status"]
    return f"{now} by {cleaned['by']}"
