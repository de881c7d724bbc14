"""Flip labels on purpose and cross-validate them: ``python -m stages.flip DATASET``.

For a data set that ``audited`` lists it writes to ``data/<dataset>/flipped/``: ``labels.npy``, what was trained on;
``flipped.npy``, which of these are flipped; ``suspect.npy``, which were probably wrong before; ``pred_probs.npy``, what
was predicted out of sample; and ``about.json``, how it was done. For any other it writes an empty ``about.json``.
"""

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from stages.artifacts.files import data_folder, load_array, replacing, write_json
from stages.artifacts.quality import read_quality
from stages.command.errors import InputError
from stages.command.run import run_stage
from stages.flip.noise import flip_labels
from stages.flip.settings import Settings, find_settings
from stages.workplace.place import open_workplace, read_training, run_stages

# a row that is an error with this probability before any label is flipped cannot tell a find from a false alarm
SUSPECT = 0.5


def main(dataset: str) -> str:
    """Flip labels where ``audited`` lists the data set, and return a line that says how many."""
    settings = find_settings(dataset)
    with replacing(data_folder(dataset) / "flipped") as (folder,):
        folder.mkdir()
        about = predict_flipped(dataset, settings, folder) if settings else {}
        write_json(folder / "about.json", about)
    if not about:
        return "not in `audited`, so nothing is flipped"
    noise = about["noise"].replace("_", "-")
    return f"{about['flipped']:,} of {about['rows']:,} labels flipped ({noise}), and cross-validated"


def predict_flipped(dataset: str, settings: Settings, folder: Path) -> dict[str, Any]:
    """Leave the flipped labels in ``folder``, and what is predicted from them, and return how it was done."""
    sections = read_training(dataset, "flipped", "audited")
    suspect = find_suspect(dataset)
    noisy, flipped = flip(dataset, settings, suspect)
    # what follows looks like the data set's own training
    print(
        f"flip: {dataset}: {flipped.sum():,} labels flipped on purpose; cross-validating a copy with them", flush=True
    )
    kept = data_folder(dataset) / "kept"
    with open_workplace(data_folder(dataset) / "prepared", dataset, noisy, kept, folder) as workplace:
        run_stages(workplace, dataset, sections, ("split", "crossval_predict"), "with labels flipped on purpose")
        for name in ("training/labels.npy", "predictions/pred_probs.npy"):
            shutil.copy(workplace / data_folder(dataset) / name, folder)
    np.save(folder / "flipped.npy", flipped)
    np.save(folder / "suspect.npy", suspect)
    counts = {"rows": int((noisy >= 0).sum()), "flipped": int(flipped.sum()), "suspect": int(suspect.sum())}
    return {**settings.model_dump(), **counts}


def find_suspect(dataset: str) -> np.ndarray:
    """Return which rows' labels are probably wrong before any is flipped, (n,) bool."""
    suspect: np.ndarray = read_quality(data_folder(dataset))["error_prob"].to_numpy() >= SUSPECT
    return suspect


def flip(dataset: str, settings: Settings, suspect: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels, (n,) int64, with a share of those flipped that are trained on and not suspect, and which."""
    folder = data_folder(dataset)
    labels, trained = (np.array(load_array(folder / name / "labels.npy")) for name in ("prepared", "training"))
    kept = np.flatnonzero((labels >= 0) & (trained >= 0) & ~suspect)
    pred_probs = np.array(load_array(folder / "predictions" / "pred_probs.npy")[kept])
    noisy, flipped = flip_labels(trained[kept], settings.noise, settings.share, settings.seed, pred_probs)
    if not flipped.any():
        raise InputError(
            f"params.yaml: audited.{dataset}.share: {settings.share} of {len(kept)} rows is none; raise it"
        )
    labels[kept] = noisy
    return labels, np.isin(np.arange(len(labels)), kept[flipped])


if __name__ == "__main__":
    run_stage("flip", main)
