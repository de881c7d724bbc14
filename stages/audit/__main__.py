"""Measure how well label errors are found in these data, by this network: ``python -m stages.audit DATASET``.

Flips a known share of the labels, runs the same cross-validation and ranking on them, and writes to
``reports/<dataset>/`` what was found of it: ``audit.json``, and ``audit.html``, a page that needs no other file.
"""

from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field

from stages.artifacts import data_folder, load_array, replacing, report_folder, write_json
from stages.audit.measure import Measured, measure_detection
from stages.audit.noise import MOST_OF_A_CLASS, Kind, flip_labels
from stages.audit.page import fill_page
from stages.audit.workplace import open_workplace, predict
from stages.command import InputError, run_stage
from stages.find_issues.blocks import PredProbs
from stages.find_issues.choose import Settings as FlagSettings
from stages.params import Section, read_block, read_section


def _check_share(value: object) -> object:
    if isinstance(value, float) and 0 < value < MOST_OF_A_CLASS:
        return value
    raise ValueError(f"give the share of labels to flip, a number above 0 and below {MOST_OF_A_CLASS}, such as 0.05")


class Settings(Section):
    """What ``audit`` in params.yaml may hold."""

    noise: Kind = "instance_dependent"
    share: Annotated[float, BeforeValidator(_check_share)] = 0.05
    seed: int = Field(default=0, ge=0)


def main(dataset: str) -> str:
    """Flip, predict, and return a line that says how many of the flips were found."""
    settings = read_section(dataset, "audit", Settings)
    rules = read_section(dataset, "find_issues", FlagSettings)
    training = read_block(dataset).get("crossval_predict") or {}
    if training.get("pred_probs"):
        raise InputError(
            "params.yaml: crossval_predict.pred_probs: probabilities from elsewhere cannot be predicted anew from "
            f"flipped labels; take {dataset} out of `audited`"
        )
    noisy, flipped = flip(dataset, settings)
    folder = data_folder(dataset)
    with open_workplace(folder / "prepared", dataset, noisy) as workplace:
        predict(workplace, dataset, {**training, "labels": "given"})
        trained = np.array(load_array(workplace / folder / "training" / "labels.npy"))
        pred_probs = PredProbs(workplace / folder / "predictions" / "pred_probs.npy")
        measured, judged = measure_detection(trained, pred_probs, flipped, rules)
    audit: Measured = {**settings.model_dump(), "rows": len(noisy), "flipped": int(flipped.sum()), **measured}
    html = fill_page(dataset, audit, rules, flipped[judged.kept], judged)
    with replacing(report_folder(dataset) / "audit.json", report_folder(dataset) / "audit.html") as (metrics, page):
        write_json(metrics, audit)
        page.write_text(html, encoding="utf-8")
    return describe(audit, rules)


def flip(dataset: str, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels, (n,) int64, with a share of those that are trained on flipped, and which were, (n,) bool."""
    folder = data_folder(dataset)
    labels, trained = (np.array(load_array(folder / name / "labels.npy")) for name in ("prepared", "training"))
    kept = np.flatnonzero(trained >= 0)
    pred_probs = np.array(load_array(folder / "predictions" / "pred_probs.npy")[kept])
    noisy, flipped = flip_labels(trained[kept], settings.noise, settings.share, settings.seed, pred_probs)
    if not flipped.any():
        raise InputError(f"params.yaml: {dataset}.audit.share: {settings.share} of {len(kept)} rows is none; raise it")
    labels[kept] = noisy
    return labels, np.isin(np.arange(len(labels)), kept[flipped])


def describe(audit: dict[str, Any], rules: FlagSettings) -> str:
    """Return one line on how well the flips were found."""
    flags, found = audit["flags"][rules.flag], audit["yield"]
    return (
        f"{audit['flipped']:,} of {audit['rows']:,} labels flipped ({audit['noise'].replace('_', '-')}): average "
        f"precision {audit['scores'][rules.rank_by]['average_precision']:.3f}, flags find {flags['recall']:.0%} and "
        f"are right in {flags['precision']:.0%}; {found['expected']:.0f} expected and {found['found']} found among as "
        "many of the worst rows"
    )


if __name__ == "__main__":
    run_stage("audit", main)
