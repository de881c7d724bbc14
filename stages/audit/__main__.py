"""Measure how well label errors are found in these data, by this network: ``python -m stages.audit DATASET``.

Flips a known share of the labels, runs the same cross-validation and ranking on them, and writes to
``reports/<dataset>/`` what was found of it: ``audit.json``, and ``audit.html``, a page that needs no other file.
"""

from typing import Any

import numpy as np

from stages.artifacts import data_folder, load_array, replacing, report_folder, write_json
from stages.audit.measure import Measured, measure_detection
from stages.audit.noise import flip_labels
from stages.audit.page import draw_yield, fill_page
from stages.audit.settings import Settings, find_settings
from stages.audit.workplace import open_workplace, predict
from stages.command import InputError, run_stage
from stages.find_issues.blocks import PredProbs
from stages.find_issues.settings import Settings as FlagSettings
from stages.params import read_block, read_section

DIGITS = 4


def main(dataset: str) -> str:
    """Audit the data set where ``audited`` lists it, and return a line that says how many flips were found."""
    settings = find_settings(dataset)
    rules = read_section(dataset, "find_issues", FlagSettings)
    audit, html = measure(dataset, settings, rules) if settings else ({}, fill_page(dataset, {}, None))
    with replacing(report_folder(dataset) / "audit.json", report_folder(dataset) / "audit.html") as (metrics, page):
        write_json(metrics, to_digits(audit))
        page.write_text(html, encoding="utf-8")
    return describe(audit) if settings else "not in `audited`, so nothing was flipped"


def measure(dataset: str, settings: Settings, rules: FlagSettings) -> tuple[Measured, str]:
    """Flip labels, predict them anew, and return what was found, and the page that shows it."""
    training = read_block(dataset).get("crossval_predict") or {}
    if training.get("pred_probs"):
        raise InputError(
            f"params.yaml: {dataset}.crossval_predict.pred_probs: probabilities from elsewhere cannot be predicted "
            f"anew from flipped labels; take {dataset} out of `audited`"
        )
    noisy, flipped = flip(dataset, settings)
    # what follows looks like the data set's own training
    print(
        f"audit: {dataset}: {flipped.sum():,} labels flipped on purpose; cross-validating a copy with them", flush=True
    )
    folder = data_folder(dataset)
    with open_workplace(folder / "prepared", dataset, noisy) as workplace:
        predict(workplace, dataset, {**training, "labels": "given"})
        trained = np.array(load_array(workplace / folder / "training" / "labels.npy"))
        pred_probs = PredProbs(workplace / folder / "predictions" / "pred_probs.npy")
        measured, judged = measure_detection(trained, pred_probs, flipped, rules)
    judged_by = {"rank_by": rules.rank_by, "flag": rules.flag}
    audit = {**settings.model_dump(), **judged_by, "rows": len(noisy), "flipped": int(flipped.sum()), **measured}
    return audit, fill_page(dataset, audit, draw_yield(flipped[judged.kept], judged))


def flip(dataset: str, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels, (n,) int64, with a share of those that are trained on flipped, and which were, (n,) bool."""
    folder = data_folder(dataset)
    labels, trained = (np.array(load_array(folder / name / "labels.npy")) for name in ("prepared", "training"))
    kept = np.flatnonzero(trained >= 0)
    pred_probs = np.array(load_array(folder / "predictions" / "pred_probs.npy")[kept])
    noisy, flipped = flip_labels(trained[kept], settings.noise, settings.share, settings.seed, pred_probs)
    if not flipped.any():
        raise InputError(
            f"params.yaml: audited.{dataset}.share: {settings.share} of {len(kept)} rows is none; raise it"
        )
    labels[kept] = noisy
    return labels, np.isin(np.arange(len(labels)), kept[flipped])


def to_digits(value: Any) -> Any:
    """Round every number in nested dicts to what tells one run from another."""
    if isinstance(value, dict):
        return {key: to_digits(each) for key, each in value.items()}
    return round(value, DIGITS) if isinstance(value, float) else value


def describe(audit: dict[str, Any]) -> str:
    """Return one line on how well the flips were found."""
    ranking, flags, found = audit["scores"][audit["rank_by"]], audit["flags"][audit["flag"]], audit["yield"]
    return (
        f"{audit['flipped']:,} of {audit['rows']:,} labels flipped ({audit['noise'].replace('_', '-')}): average "
        f"precision {ranking['average_precision']:.3f}, flags find {flags['recall']:.0%} and are right in "
        f"{flags['precision']:.0%}; {found['expected']:.0f} expected and {found['found']} found among as many of the "
        "worst rows"
    )


if __name__ == "__main__":
    run_stage("audit", main)
