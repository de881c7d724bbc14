"""Flips labels on purpose, has them cross-validated, and measures how well they are found."""

from typing import Any

import numpy as np

from stages.artifacts import data_folder, load_array, read_table
from stages.audit.measure import Measured, measure_detection
from stages.audit.noise import flip_labels
from stages.audit.page import draw_yield
from stages.audit.settings import Settings
from stages.audit.workplace import open_workplace, predict
from stages.command import InputError
from stages.find_issues.blocks import PredProbs
from stages.find_issues.settings import Settings as FlagSettings
from stages.params import read_block

# rows that are errors as probably as that before anything is flipped are no proof of what is found
SUSPECT = 0.5


def audit(dataset: str, settings: Settings, rules: FlagSettings) -> tuple[Measured, dict[str, Any]]:
    """Flip labels, predict them anew, and return what was found, and the points of a chart of it."""
    training = read_block(dataset).get("crossval_predict") or {}
    if training.get("pred_probs"):
        raise InputError(
            f"params.yaml: {dataset}.crossval_predict.pred_probs: probabilities from elsewhere cannot be predicted "
            f"anew from flipped labels; take {dataset} out of `audited`"
        )
    suspect = find_suspect(dataset)
    noisy, flipped = flip(dataset, settings, suspect)
    # what follows looks like the data set's own training
    print(
        f"audit: {dataset}: {flipped.sum():,} labels flipped on purpose; cross-validating a copy with them", flush=True
    )
    folder = data_folder(dataset)
    with open_workplace(folder / "prepared", dataset, noisy) as workplace:
        predict(workplace, dataset, {**training, "labels": "given"})
        trained = np.array(load_array(workplace / folder / "training" / "labels.npy"))
        pred_probs = PredProbs(workplace / folder / "predictions" / "pred_probs.npy")
        measured, judged = measure_detection(trained, pred_probs, flipped, rules, ~suspect)
    judged_by = {"rank_by": rules.rank_by, "flag": rules.flag}
    counts = {"rows": len(noisy), "flipped": int(flipped.sum()), "suspect": int(suspect.sum())}
    about = {**settings.model_dump(), **judged_by, **counts}
    return {**about, **measured}, draw_yield(flipped[judged.kept], judged)


def find_suspect(dataset: str) -> np.ndarray:
    """Return which rows' labels are probably wrong before any is flipped, (n,) bool."""
    quality = read_table(data_folder(dataset) / "quality" / "label_quality.csv")
    return quality["error_prob"].astype(float).to_numpy() >= SUSPECT


def flip(dataset: str, settings: Settings, suspect: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels, (n,) int64, with a share of those flipped that are trained on and not suspect, and which."""
    folder = data_folder(dataset)
    labels, trained = (np.array(load_array(folder / name / "labels.npy")) for name in ("prepared", "training"))
    kept = np.flatnonzero((trained >= 0) & ~suspect)
    pred_probs = np.array(load_array(folder / "predictions" / "pred_probs.npy")[kept])
    noisy, flipped = flip_labels(trained[kept], settings.noise, settings.share, settings.seed, pred_probs)
    if not flipped.any():
        raise InputError(
            f"params.yaml: audited.{dataset}.share: {settings.share} of {len(kept)} rows is none; raise it"
        )
    labels[kept] = noisy
    return labels, np.isin(np.arange(len(labels)), kept[flipped])
