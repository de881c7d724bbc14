"""Trains on given and on cleaned labels, with the same folds, order, settings and seeds."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from stages.artifacts.files import data_folder, load_array
from stages.compare.rows import NOT_TRAINED, Rows
from stages.workplace.place import open_workplace, run_stages

# a probability below this counts as this, as scikit-learn's log_loss has it
LEAST = float(np.finfo(np.float32).eps)
# what is trained on
ARMS = {
    "given": "the given labels",
    "cleaned": "the cleaned labels",
    "half": "half of the changes",
    "rest": "the other half of the changes",
}


class Scores(NamedTuple):
    """How each of n rows is predicted after each of R trainings.

    Attributes
    ----------
    hits : ndarray of shape (n, R), bool
        Whether the likeliest class is the cleaned label.
    losses : ndarray of shape (n, R), float64
        The negative logarithm of that label's probability.
    """

    hits: np.ndarray
    losses: np.ndarray


def train_all(
    dataset: str, sections: dict[str, Any], rows: Rows, repeats: int, place: Path
) -> tuple[Rows, dict[str, Scores]]:
    """Cross-validate on the given labels, the cleaned ones, and those with either half of the changes, and score all.

    The seeds are others than that of the data set's own training. It chose the rows that people decided on, because it
    was in doubt there; any other training would look better on them, whatever the labels.

    Parameters
    ----------
    dataset : str
        The data set's name.
    sections : dict
        As `read_training` returns them.
    rows : Rows
        Its rows.
    repeats : int
        How often to train on each, R.
    place : Path
        A folder to work in, which the next run removes if this one is killed.

    Returns
    -------
    rows : Rows
        As `Rows.take_trained` returns them.
    scores : dict of Scores
        After training on each of `ARMS`.

    Raises
    ------
    InputError
        If a stage fails.
    """
    data = data_folder(dataset)
    with open_workplace(data / "prepared", dataset, rows.given, data / "kept", place) as folder:
        training, predictions = (folder / data / name for name in ("training/labels.npy", "predictions/pred_probs.npy"))
        run_stages(folder, dataset, sections, ["split"], "with the given labels")
        rows = rows.take_trained(np.array(load_array(training)))
        scores: dict[str, list[Scores]] = {name: [] for name in ARMS}
        for repeat in range(repeats):
            seeded = {**sections, "crossval_predict": move_seed(sections["crossval_predict"], 1 + repeat)}
            for name, labels in list_labels(rows, repeat).items():
                print(f"compare: {dataset}: with {ARMS[name]}, {repeat + 1} of {repeats} times", flush=True)
                np.save(training, labels)
                run_stages(folder, dataset, seeded, ["crossval_predict"], f"with {ARMS[name]}")
                scores[name].append(score_rows(load_array(predictions), rows.cleaned))
    return rows, {name: Scores(*map(np.column_stack, zip(*each, strict=True))) for name, each in scores.items()}


def list_labels(rows: Rows, repeat: int) -> dict[str, np.ndarray]:
    """Return the labels of each of `ARMS`, (n,) int64; the halves are drawn anew for each repeat."""
    changed = np.random.default_rng(repeat).permutation(np.flatnonzero(rows.given != rows.cleaned))
    halves = np.array_split(changed, 2)
    half, rest = (np.where(np.isin(np.arange(len(rows.given)), each), rows.cleaned, rows.given) for each in halves)
    return {"given": rows.given, "cleaned": rows.cleaned, "half": half, "rest": rest}


def move_seed(section: dict[str, Any], by: int) -> dict[str, Any]:
    """Return the section ``crossval_predict`` with another seed."""
    return {**section, "seed": section.get("seed", 0) + by}


def score_rows(pred_probs: np.ndarray, labels: np.ndarray) -> Scores:
    """Score one training's probabilities, (n, K) float32, of all rows that have a label; others as misses."""
    has_label = labels != NOT_TRAINED
    prob = pred_probs[np.arange(len(labels)), np.maximum(labels, 0)].astype(float)
    losses = -np.log(np.clip(prob, LEAST, 1))
    return Scores((pred_probs.argmax(axis=1) == labels) & has_label, np.where(has_label, losses, 0.0))
