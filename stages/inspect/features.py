"""What rows are compared by, made of what ``preprocess`` left."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from stages.artifacts.files import load_array, read_json, read_table
from stages.artifacts.kind import WHITE, read_kind
from stages.artifacts.pictures import shrink
from stages.inspect.neighbours import Features

# pictures that are read at once
BLOCK_ROWS = 1024
# A word, or a sign that is not part of one. Chinese and Japanese have no spaces: each sign counts as a word.
WORD = r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+|[^\w\s]"


@dataclass(frozen=True)
class Views:
    """What n rows are compared by.

    Attributes
    ----------
    alike, apart : ndarray or csr_matrix of shape (n, d), float32
        To find near duplicates by, and outliers. They may be the same object.
    metric : str
        ``euclidean``, or ``cosine`` of rows of length 1.
    """

    alike: Features
    apart: Features
    metric: str


def read_views(prepared: Path, rows: np.ndarray) -> Views:
    """Read some rows of ``data/<dataset>/prepared``: of ``images.npy``, ``features.npy``, or texts in ``rows.csv``.

    Parameters
    ----------
    prepared : Path
        The folder.
    rows : ndarray of int64
        Row numbers, ascending.
    """
    kind = read_kind(prepared)
    if kind == "picture":
        features = scale_pictures(load_array(prepared / "images.npy"), rows)
    elif kind == "table":
        features = scale_table(load_array(prepared / "features.npy")[rows], read_json(prepared / "columns.json"))
    else:
        return weigh_words(read_table(prepared / "rows.csv")["text"].iloc[rows])
    return Views(features, features, "euclidean")


def scale_pictures(images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return pixels from 0 to 1, of pictures made small.

    Distances are Euclidean, not by the angle between pictures: by that, 971 of the 973 near duplicates in MNIST would
    be ordinary ones, which differ little in direction.
    """
    blocks = (rows[start : start + BLOCK_ROWS] for start in range(0, len(rows), BLOCK_ROWS))
    return np.concatenate([shrink(images[block]) for block in blocks]) / np.float32(WHITE)


def scale_table(cells: np.ndarray, columns: list[dict[str, Any]]) -> Features:
    """Return numbers in standard deviations, and a column for each category.

    Two different categories are as far from each other as two numbers that are one standard deviation apart. A
    missing number counts as the column's median, a missing category as one of its own.
    """
    named = np.array([column["kind"] == "categorical" for column in columns])
    numbers = _standardise(cells[:, ~named]).astype(np.float32)
    if not named.any():
        return numbers
    sizes = [len(column["categories"]) + 1 for column in columns if column["kind"] == "categorical"]
    codes = np.where(np.isnan(cells[:, named]), np.array(sizes) - 1, cells[:, named]).astype(np.int64)
    places = (codes + np.cumsum([0, *sizes[:-1]])).ravel()
    shape = len(cells), sum(sizes)
    values = np.full(len(places), np.sqrt(0.5), np.float32)
    starts = np.arange(0, len(places) + 1, len(sizes))
    return csr_matrix(hstack([csr_matrix(numbers), csr_matrix((values, places, starts), shape=shape)], format="csr"))


def weigh_words(texts: pd.Series) -> Views:
    """Return the words that texts are made of, upper case as lower case, as rows of length 1.

    For near duplicates rare words weigh more (TF-IDF), so that it counts little whether a text says "my card" or "the
    card". For outliers words weigh the same: a strange text is made of rare words, which would bring its distance,
    and that of every text with one rare word, so close to the highest there is that nothing stands out.
    """
    alike, apart = (
        csr_matrix(TfidfVectorizer(token_pattern=WORD, use_idf=weighed, dtype=np.float32).fit_transform(texts))
        for weighed in (True, False)
    )
    return Views(alike, apart, "cosine")


def _standardise(numbers: np.ndarray) -> np.ndarray:
    """Bring each column to mean 0 and standard deviation 1; one that is the same everywhere becomes 0."""
    return np.stack(list(_standardise_columns(numbers)), axis=1) if numbers.shape[1] else numbers


def _standardise_columns(numbers: np.ndarray) -> Iterator[np.ndarray]:
    for column in numbers.T:
        present = np.isfinite(column)
        filled = np.where(present, column, np.median(column[present]) if present.any() else 0)
        # divided by the largest number, whose square could be too large for a float
        largest = np.abs(filled).max()
        filled = filled / largest if largest > 0 else filled
        yield (filled - filled.mean()) / filled.std() if np.ptp(filled) > 0 else np.zeros(len(filled))
