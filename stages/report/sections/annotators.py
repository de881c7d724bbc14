"""How far several annotators agree, with each other and with the model, and how good each is."""

from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.annotations import OTHER
from stages.artifacts.trust import Worth
from stages.report.agreement import MIN_ROWS
from stages.report.annotators import OTHERS_NAME, SHOWN, Several, list_annotators
from stages.report.cards import describe_rows
from stages.report.drift import MIN_EACH
from stages.report.results import Results
from stages.report.settings import Settings

ORDER = 55
TITLE = "Annotators"
CARDS_SHOWN, PAIRS_SHOWN = 10, 12
# above it the model counts as sure of a label
SURE = 0.9


def describe(results: Results, metrics: dict[str, Any], settings: Settings) -> dict[str, Any] | None:
    """Return how far they agree, the table of them, who changed, and rows to look at."""
    several = results.several
    if several is None:
        return None
    drift = several.drift
    return {
        "alpha": several.alpha,
        "about": several.consensus.about,
        "people": list_annotators(several, results.classes).to_dict("records"),
        "kappas": several.kappas.head(PAIRS_SHOWN).to_dict("records"),
        "n_kappas": len(several.kappas),
        "busiest": min(SHOWN, len(several.annotations.names)),
        "timed": bool(np.isfinite(several.times).any()),
        "drift": drift[drift["changed"]].head(SHOWN).to_dict("records"),
        "least": {"rows": MIN_ROWS, "each": MIN_EACH},
        **_hold_against_model(results, several, min(settings.top, CARDS_SHOWN)),
    }


def _hold_against_model(results: Results, several: Several, top: int) -> dict[str, Any]:
    """Return rows on which annotators agree and the model does not, and the reverse; of a worthless model, none."""
    if results.trust.verdict == Worth.WORTHLESS:
        return {"held": False, "lists": []}
    rows, sureness = results.rows, np.asarray(results.pred_probs).max(axis=1)
    judged = rows["judged_label"] != ""
    agreed = judged & ~several.split & (several.annotations.count_by_row() >= 2)
    differs = rows["suggested_label"] != rows["given_label"]
    surest = rows.assign(sureness=sureness).sort_values("sureness", ascending=False, kind="stable")
    lists = []
    for chosen in (agreed & differs, judged & several.split & (sureness >= SURE)):
        found = surest[chosen.loc[surest.index]]
        lists.append({"rows": len(found), "cards": _tell(results, several, found.head(top))})
    return {"held": True, "lists": lists, "sure": SURE}


def _tell(results: Results, several: Several, rows: pd.DataFrame) -> list[dict[str, Any]]:
    names = {OTHER: OTHERS_NAME, **dict(enumerate(results.classes))}
    cards = describe_rows(results, rows)
    for card in cards:
        labels = several.annotations.labels[several.annotations.of(card["row"])]
        said = pd.Series(labels).map(names).value_counts(sort=True)
        card["said"] = [{"label": str(label), "times": int(times)} for label, times in said.items()]
    return cards
