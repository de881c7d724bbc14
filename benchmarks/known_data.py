"""Data sets for `benchmarks.known_errors`, from scikit-learn and from ``REAL_DATA``."""

import gzip
import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import StandardScaler

MOST_ROWS_OF_A_TABLE, LEAST_IN_A_CLASS = 2000, 8
SMALL_SIDE = 16
Labelled = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Known:
    """A data set whose labels are taken to be right.

    Attributes
    ----------
    name : str
        Of the data set.
    form : {"picture", "table", "text"}
        What its rows are.
    rows : ndarray of shape (n, F), float64, or (n,), object
        Numbers, or texts.
    labels : ndarray of shape (n,), int64
        From 0 to K - 1.
    """

    name: str
    form: str
    rows: np.ndarray
    labels: np.ndarray

    def describe(self, rows: np.ndarray) -> Any:
        """Return the vectors by which some such rows are alike."""
        if self.form == "text":
            return TfidfVectorizer().fit_transform(rows)
        return StandardScaler().fit_transform(rows) if self.form == "table" else rows


def real_data() -> Path:
    """Return the folder of real data."""
    if "REAL_DATA" not in os.environ:
        raise SystemExit("REAL_DATA is not set: it names a folder with mnist/, banking77/, tables/ and clothes.zip")
    return Path(os.environ["REAL_DATA"])


def list_known() -> Iterator[Known]:
    """Yield the data sets."""
    yield from list_pictures()
    loaded = {"breast_cancer": load_breast_cancer, "skwine": load_wine, "iris": load_iris}
    for name, load in loaded.items():
        yield Known(name, "table", *load(return_X_y=True))
    for path in sorted((real_data() / "tables").glob("*.csv")):
        yield Known(path.stem, "table", *read_table(path))
    yield from list_texts()
    yield from list_random()
    yield Known("clothespix", "picture", *read_clothes())


def list_pictures() -> Iterator[Known]:
    """Yield MNIST's pictures in two sizes, and the digits."""
    images, labels = read_mnist()
    small, tiny = shrink(images, 14), shrink(images, 4)
    for name, pixels, n_rows, seed in (
        ("mnist4000", small, 4000, 0),
        ("mnist600", small, 600, 1),
        ("mnisttiny3000", tiny, 3000, 2),
    ):
        yield Known(name, "picture", *draw(pixels, labels, n_rows, seed))
    pixels, labels = load_digits(return_X_y=True)
    yield Known("digits", "picture", pixels / 16, labels)
    yield Known("digits200", "picture", *draw(pixels / 16, labels, 200))


def list_texts() -> Iterator[Known]:
    """Yield three parts of BANKING77: some rows of all classes, all rows of some classes, and few rows of some."""
    table = pd.concat([pd.read_csv(real_data() / "banking77" / f"{part}.csv") for part in ("train", "test")])
    labels, texts = pd.factorize(table["category"], sort=True)[0], table["text"].to_numpy().astype(object)
    shuffled = np.random.default_rng(0).permutation(len(labels))
    parts = {
        "bank3000": shuffled[:3000],
        "bank10": shuffled[np.isin(labels[shuffled], np.arange(10) * 7)],
        "bank20x15": np.concatenate([shuffled[labels[shuffled] == label * 3][:15] for label in range(20)]),
    }
    for name, rows in parts.items():
        yield Known(name, "text", texts[rows], number(labels[rows]))


def list_random() -> Iterator[Known]:
    """Yield rows that say nothing of their labels."""
    rng = np.random.default_rng(5)
    for name, shape, n_classes in (
        ("random2x100", (100, 2), 2),
        ("random2x1000", (1000, 2), 2),
        ("random5x500", (500, 5), 5),
    ):
        yield Known(name, "table", rng.normal(size=shape), rng.integers(0, n_classes, shape[0]))
    rows = rng.normal(size=(400, 5))
    yield Known("random4imb", "table", rows, rng.choice(4, 400, p=[0.6, 0.2, 0.1, 0.1]))


def read_mnist(part: str = "train") -> Labelled:
    """Read the 60,000 pictures and labels that MNIST trains on or, as ``t10k``, the 10,000 that it tests on."""
    folder = real_data() / "mnist"
    pixels, labels = (
        np.frombuffer(gzip.decompress((folder / f"{part}-{name}-ubyte.gz").read_bytes()), np.uint8, offset=offset)
        for name, offset in (("images-idx3", 16), ("labels-idx1", 8))
    )
    return pixels.reshape(-1, 28, 28), labels.astype(int)


def shrink(images: np.ndarray, side: int) -> np.ndarray:
    """Average the pixels to so many a side, from 0 to 1, in a row for each picture."""
    block = images.shape[1] // side
    means: np.ndarray = images.reshape(-1, side, block, side, block).mean((2, 4)).reshape(-1, side**2) / 255
    return means


def read_table(path: Path) -> Labelled:
    """Read a table as numbers, categories as a column for each."""
    table = pd.read_csv(path)
    labels = pd.factorize(table["label"], sort=True)[0]
    numbers = pd.get_dummies(table.drop(columns="label")).astype(float)
    rows = numbers.fillna(numbers.median()).fillna(0).to_numpy()
    if len(labels) > MOST_ROWS_OF_A_TABLE:
        rows, labels = draw(rows, labels, MOST_ROWS_OF_A_TABLE)
    return keep_common(rows, labels)


def read_clothes() -> Labelled:
    """Read the photographs of clothes, small."""
    pixels, names = [], []
    with zipfile.ZipFile(real_data() / "clothes.zip") as archive:
        for name in sorted(archive.namelist()):
            if name.lower().endswith((".jpg", ".jpeg", ".png")):
                image = Image.open(io.BytesIO(archive.read(name))).convert("RGB").resize((SMALL_SIDE, SMALL_SIDE))
                pixels.append(np.asarray(image, float).ravel() / 255)
                names.append(name.split("/")[-2])
    return keep_common(np.array(pixels), pd.factorize(np.array(names), sort=True)[0])


def draw(rows: np.ndarray, labels: np.ndarray, n_rows: int, seed: int = 0) -> Labelled:
    """Return so many of the rows."""
    drawn = np.random.default_rng(seed).permutation(len(labels))[:n_rows]
    return rows[drawn], labels[drawn]


def keep_common(rows: np.ndarray, labels: np.ndarray) -> Labelled:
    """Leave out classes that have next to no rows."""
    kept = np.isin(labels, np.flatnonzero(np.bincount(labels) >= LEAST_IN_A_CLASS))
    return rows[kept], number(labels[kept])


def number(labels: np.ndarray) -> np.ndarray:
    """Number the classes that there are from 0."""
    numbered: np.ndarray = np.unique(labels, return_inverse=True)[1]
    return numbered
