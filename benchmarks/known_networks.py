"""Add runs of the project's networks to those of `benchmarks.known_errors`.

``REAL_DATA=… python -m benchmarks.known_networks FOLDER [NAME …]`` makes labels wrong in the ways that do not change
the rows, and has the real `crossval_predict` predict them: the digits as shipped and with two epochs, 1,000 of MNIST's
pictures, the hands of signs.zip and the photographs of clothes.zip. FOLDER also keeps what is predicted from the labels
as they are, which tells what is hard.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.conditions import print_conditions
from benchmarks.known_data import real_data
from benchmarks.known_errors import NEAREST, save_run
from benchmarks.known_noise import NOISES, make_wrong
from benchmarks.workplace import find_prepared, open_workplace, prepare_block, train, write_prepared
from stages.artifacts.kind import WHITE
from stages.artifacts.pictures import shrink
from stages.inspect.neighbours import find_neighbours

REFERENCE_SEED = 77
# junk is other rows, and topics are made by scikit-learn's vectors
KINDS = ("none", "uniform", "class_dependent", "instance_dependent", "contested")
DRAWN_SEED = 1


@dataclass(frozen=True)
class Network:
    """What to train on, with which block of params.yaml, and what is changed in it."""

    dataset: str
    block: str
    n_rows: int | None = None
    changed: dict[str, Any] = field(default_factory=dict)


NETWORKS = {
    "cnndigits": Network("digits", "digits"),
    "cnndigits2": Network("digits", "digits", changed={"max_epochs": 2}),
    "cnnmnist1k": Network("mnist", "mnist", n_rows=1000, changed={"max_epochs": 6}),
    "cnnsigns": Network("signs", "digits", changed={"max_epochs": 12, "predict_shift": 0}),
    "cnnclothes": Network("clothes", "digits", changed={"max_epochs": 12}),
}


@contextmanager
def prepare(network: Network) -> Iterator[Path]:
    """Yield the folder with the prepared rows."""
    with tempfile.TemporaryDirectory() as name:
        if network.dataset in ("signs", "clothes"):
            yield prepare_archive(Path(name), network.dataset)
        elif network.n_rows:
            yield draw_rows(find_prepared(network.dataset), Path(name), network.n_rows)
        else:
            yield find_prepared(network.dataset)


def prepare_archive(folder: Path, dataset: str) -> Path:
    """Prepare an archive of pictures."""
    source = f"images:{(real_data() / f'{dataset}.zip').resolve()}"
    return prepare_block(folder, dataset, {"fetch": {"sources": [source]}, "preprocess": {"image_shape": [3, 32, 32]}})


def draw_rows(prepared: Path, folder: Path, n_rows: int) -> Path:
    """Write so many of the prepared pictures into a folder, and return it."""
    labels = np.load(prepared / "labels.npy")
    rows = np.sort(np.random.default_rng(DRAWN_SEED).permutation(len(labels))[:n_rows])
    np.save(folder / "labels.npy", labels[rows])
    return write_prepared(folder, np.load(prepared / "images.npy")[rows], labels[rows])


def make_runs(folder: Path, name: str, network: Network) -> None:
    """Make all runs of a network that the folder lacks."""
    wanted = [
        (seed, kind, share, folder / f"{name}-{kind}-{share}-cnn.npz")
        for seed, (kind, share) in enumerate(NOISES)
        if kind in KINDS
    ]
    if all(path.exists() for *_, path in wanted):
        return
    with prepare(network) as prepared:
        labels = np.load(prepared / "labels.npy")
        nearest = find_neighbours(shrink(np.load(prepared / "images.npy")) / np.float32(WHITE), NEAREST)[0]
        reference = read_reference(folder, name, network, prepared, labels)
        for seed, kind, share, path in wanted:
            given = make_wrong(np.empty((len(labels), 0)), labels, kind, share, seed, reference, reference)
            if given is not None and not path.exists():
                pred_probs = predict(prepared, given.labels, network, seed)
                save_run(path, pred_probs, given.labels, given.wrong, nearest)


def read_reference(folder: Path, name: str, network: Network, prepared: Path, labels: np.ndarray) -> np.ndarray:
    """Return what is predicted from the labels as they are."""
    path = folder / f"{name}-reference.npy"
    if not path.exists():
        np.save(path, predict(prepared, labels, network, REFERENCE_SEED))
    pred_probs: np.ndarray = np.load(path)
    return pred_probs


def predict(prepared: Path, labels: np.ndarray, network: Network, seed: int) -> np.ndarray:
    """Train the network on such labels."""
    with open_workplace(prepared, labels) as workplace:
        return train(workplace, network.block, workers=1, **network.changed, seed=seed).pred_probs


def main(folder: Path, names: list[str]) -> None:
    """Make the runs of the named networks, of all of them by default."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or NETWORKS:
        make_runs(folder, name, NETWORKS[name])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit("usage: REAL_DATA=… python -m benchmarks.known_networks FOLDER [NAME …]")
    print_conditions()
    main(Path(sys.argv[1]), sys.argv[2:])
