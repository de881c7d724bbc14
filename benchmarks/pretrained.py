"""What frozen pretrained features give beside the models that learn from nothing.

``REAL_DATA=… python -m benchmarks.pretrained WHAT …`` fetches nothing: the networks come out of two packages
(`tests.pretrained` names them), and WHAT is digits, mnist, banking77, signs or clothes, or any folder of pictures with
a sub-folder for each class. Of MNIST and BANKING77 `ROWS` rows are drawn. The product's own stages prepare, embed and
cross-validate, one fold at a time; labels are made wrong on purpose. Prints for each model the accuracy on the true
labels, the average precision of finding the wrong ones by the default score, and the processor's seconds.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from benchmarks.conditions import print_conditions
from benchmarks.known_data import real_data
from stages.audit.measure import measure_detection
from stages.fetch.settings import Settings as Fetch
from stages.fetch.sources import idx
from stages.find_issues.settings import Settings
from stages.flip.noise import Kind, flip_labels
from stages.workplace import place
from tests.pretrained import OPERATORS, declare_operators, find_minilm, write_lite0

ROWS, SEED, DATASET = 5000, 0, "data"
HEAD = (
    "| data | rows | labels made wrong | model | accuracy | average precision | seconds of processor |\n"
    "| --- | ---: | --- | --- | ---: | ---: | --- |"
)
CNN: dict[str, Any] = {"model": "cnn", "max_epochs": 12, "train_shift": 2, "predict_shift": 1}
PICTURES: list[tuple[Kind, float]] = [("class_dependent", 0.09), ("uniform", 0.4)]
TEXTS: list[tuple[Kind, float]] = [("uniform", 0.05)]
# by model: the probabilities, and what they took
Models: TypeAlias = dict[str, tuple[np.ndarray, str]]


@dataclass(frozen=True)
class Compared:
    """What a data set is compared on.

    Attributes
    ----------
    block : dict
        Its sections fetch, preprocess and embed.
    plain : dict
        The section crossval_predict of the model that learns from nothing.
    noises : list of (str, float)
        How labels are made wrong, and which share of them.
    """

    block: dict[str, Any]
    plain: dict[str, Any]
    noises: list[tuple[Kind, float]]


def describe(what: str, folder: Path, lite0: Path) -> Compared:
    """Return what a data set is compared on; what must be drawn first is written into the folder."""
    embed = {"source": f"timm:{lite0}", "size": 128}
    if what == "banking77":
        table = pd.read_csv(real_data() / "banking77/train.csv").sample(ROWS, random_state=SEED)
        table.to_csv(folder / "drawn.csv", index=False)
        block = {
            "fetch": {"sources": [f"csv:{folder / 'drawn.csv'}"], "label": "category"},
            "preprocess": {"text": "text"},
            "embed": {"source": f"sentence-transformers:{find_minilm()}"},
        }
        return Compared(block, {"model": "tfidf"}, TEXTS)
    if what == "digits":
        block = {"fetch": {"sources": ["sklearn:digits"]}, "preprocess": {"image_shape": [1, 8, 8], "pixel_max": 16}}
    elif what == "mnist":
        raw = idx.fetch(str(real_data() / "mnist"), Fetch(sources=["idx:x"]))
        drawn = np.random.default_rng(SEED).permutation(len(raw.features))[:ROWS]
        np.savez(folder / "drawn.npz", features=raw.features[drawn], labels=raw.table["label"].to_numpy(str)[drawn])
        block = {"fetch": {"sources": [f"npz:{folder / 'drawn.npz'}"]}, "preprocess": {"image_shape": [1, 28, 28]}}
    else:
        source = real_data() / f"{what}.zip" if what in ("signs", "clothes") else Path(what).absolute()
        block = {"fetch": {"sources": [f"images:{source}"]}, "preprocess": {"image_shape": [3, 64, 64]}}
    return Compared(block | {"embed": embed}, CNN, PICTURES)


@contextmanager
def prepare(block: dict[str, Any]) -> Iterator[tuple[Path, float]]:
    """Fetch, prepare and embed, and yield the folder prepared, and how many seconds embedding took."""
    with tempfile.TemporaryDirectory() as name:
        place.write_block(Path(name), DATASET, block)
        seconds = [run_stage(Path(name), stage) for stage in ("fetch", "preprocess", "embed")]
        yield Path(name) / "data" / DATASET / "prepared", seconds[-1]


def run_stage(folder: Path, stage: str) -> float:
    """Run a stage in one process, and return the processor's seconds."""
    paths = os.pathsep.join(filter(None, [str(OPERATORS), os.environ.get("PYTHONPATH")]))
    env = {**os.environ, "CLEAN_LABELS_WORKERS": "1", "PYTHONPATH": paths}
    process = place.start_stage(folder, stage, DATASET, env=env, stdout=-3)
    _, status, used = os.wait4(process.pid, 0)
    assert not status
    process.returncode = 0
    return used.ru_utime + used.ru_stime


def predict(prepared: Path, given: np.ndarray, section: dict[str, Any]) -> tuple[np.ndarray, float]:
    """Return the out-of-sample probabilities by a section crossval_predict, and the processor's seconds."""
    with place.open_workplace(prepared, DATASET, given) as folder:
        place.write_block(folder, DATASET, {"split": {"folds": 5}, "crossval_predict": section})
        seconds = sum(run_stage(folder, stage) for stage in ("split", "crossval_predict"))
        return np.load(folder / "data" / DATASET / "predictions" / "pred_probs.npy"), seconds


def compare(what: str, compared: Compared) -> None:
    """Print the rows of one data set."""
    with prepare(compared.block) as (prepared, embedding):

        def measure(given: np.ndarray) -> Models:
            plain, seconds = predict(prepared, given, compared.plain)
            frozen, more = predict(prepared, given, {"model": "embedding"})
            return {
                compared.plain["model"]: (plain, f"{seconds:.0f}"),
                "`embedding`": (frozen, f"{embedding:.0f} once, then {more:.0f}"),
                "mean of both": ((plain + frozen) / 2, ""),
            }

        write_rows(what, prepared, compared.noises, measure)


def write_rows(
    what: str, prepared: Path, noises: Iterable[tuple[Kind, float]], measure: Callable[[np.ndarray], Models]
) -> None:
    """Print the rows of one data set: for each noise, what the models give that are trained on its labels."""
    labels = np.load(prepared / "labels.npy")
    uniform = np.full((len(labels), labels.max() + 1), 1 / (labels.max() + 1), np.float32)
    for kind, share in noises:
        given, flipped = flip_labels(labels, kind, share, SEED, uniform)
        for name, (pred_probs, said) in measure(given).items():
            cells = what, f"{len(labels):,}", f"{kind.replace('_', '-')} {share:.0%}", name
            write_row(cells, labels, given, flipped, pred_probs, said)


def write_row(
    cells: tuple[str, ...],
    labels: np.ndarray,
    given: np.ndarray,
    flipped: np.ndarray,
    pred_probs: np.ndarray,
    said: str,
) -> None:
    """Print a row of the table: its first cells, how good the probabilities are, and what they took."""
    right = (pred_probs.argmax(axis=1) == labels).mean()
    measured = measure_detection(given, pred_probs, flipped, Settings())[0]["scores"]
    precision = measured[Settings().rank_by]["average_precision"]
    print(f"| {' | '.join(cells)} | {right:.3f} | {precision:.3f} | {said} |", flush=True)


def main(wanted: list[str]) -> None:
    """Print a table of all data sets."""
    print(HEAD)
    declare_operators()
    with tempfile.TemporaryDirectory() as name:
        lite0 = write_lite0(Path(name) / "lite0")
        for what in wanted:
            compare(Path(what).name, describe(what, Path(name), lite0))


if __name__ == "__main__":
    print_conditions()
    main(sys.argv[1:])
