"""Make the runs that `benchmarks.certified` reviews: ``REAL_DATA=… python -m benchmarks.certified_runs FOLDER``.

It makes 1, 5 and 10 % of the labels of the digits, of 10,000 pictures of MNIST and of BANKING77 wrong in three ways,
and has a good and a weak model predict them out of sample, as `find_issues` then judges them. FOLDER gets a file for
each run: which labels are wrong, the model's probability of that, the rows in rank order, and those that cleanlab
finds. What is there is not made again.
"""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues
from sklearn.datasets import load_digits

from benchmarks.conditions import print_conditions
from benchmarks.judging import judge
from benchmarks.known_data import draw, read_mnist, real_data, shrink
from benchmarks.known_errors import predict
from benchmarks.known_models import list_models
from stages.find_issues.settings import Settings
from stages.flip.noise import KINDS, Kind, flip_labels

SHARES = (0.01, 0.05, 0.1)
# the seed with which labels are made wrong, and with which the model that instance-dependent noise asks is trained
SEED, REFERENCE_SEED = 0, 99


class Source(NamedTuple):
    """A data set, and the names of a good and a weak model of it."""

    name: str
    form: str
    rows: np.ndarray
    labels: np.ndarray
    models: dict[str, str]


class Run(NamedTuple):
    """What a review starts from: n rows.

    Attributes
    ----------
    wrong : ndarray of shape (n,), bool
        Which labels are.
    prior : ndarray of shape (n,), float64
        How likely the model finds that.
    ranked : ndarray of shape (n,), int64
        The rows, worst first.
    found : ndarray of int64
        The rows that cleanlab finds by its defaults, in its order.
    """

    wrong: np.ndarray
    prior: np.ndarray
    ranked: np.ndarray
    found: np.ndarray


def list_sources() -> Iterator[Source]:
    """Yield the three data sets."""
    pixels, digits = load_digits(return_X_y=True)
    yield Source("digits", "picture", pixels / 16, digits, {"good": "et", "weak": "tree"})
    images, labels = read_mnist()
    drawn = draw(shrink(images, 14), labels, 10_000)
    yield Source("mnist", "picture", *drawn, {"good": "et", "weak": "tree"})
    table = pd.concat([pd.read_csv(real_data() / "banking77" / f"{part}.csv") for part in ("train", "test")])
    texts = table["text"].to_numpy().astype(object)
    yield Source(
        "banking77", "text", texts, pd.factorize(table["category"], sort=True)[0], {"good": "lr", "weak": "lrweak"}
    )


def make_run(source: Source, kind: Kind, share: float, model: Callable[[], Any], reference: np.ndarray) -> Run:
    """Make labels wrong, predict and judge them."""
    labels, wrong = flip_labels(source.labels, kind, share, SEED, reference)
    pred_probs = predict(model, source.rows, labels, SEED).astype(np.float32)
    judged = judge(labels, pred_probs, Settings())
    found = find_label_issues(labels, pred_probs, return_indices_ranked_by="self_confidence", n_jobs=1)
    return Run(wrong, judged.prior, judged.ranked, found)


def read_run(folder: Path, dataset: str, kind: str, share: float, model: str) -> Run:
    """Read a run."""
    with np.load(folder / f"{dataset}-{kind}-{share}-{model}.npz") as arrays:
        return Run(**arrays)


def main(folder: Path) -> None:
    """Make what is not there."""
    for source in list_sources():
        models = list_models(source.form)
        reference = predict(models[source.models["good"]], source.rows, source.labels, REFERENCE_SEED)
        for kind in KINDS:
            for share in SHARES:
                for strength, name in source.models.items():
                    path = folder / f"{source.name}-{kind}-{share}-{strength}.npz"
                    if not path.exists():
                        run = make_run(source, kind, share, models[name], reference)
                        np.savez(path, **run._asdict())
                        print(f"{path.name}: {run.wrong.sum():,} of {len(run.wrong):,} labels are wrong", flush=True)


if __name__ == "__main__":
    print_conditions()
    chosen = Path(sys.argv[1])
    chosen.mkdir(parents=True, exist_ok=True)
    main(chosen)
