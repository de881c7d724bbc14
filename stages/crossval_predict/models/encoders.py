"""Turns columns and texts into the numbers that an estimator takes; each encoder is fitted within a fold."""

from typing import Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from stages.artifacts.vectors import Vectors
from stages.crossval_predict.models.registry import View

# What columns.json says of a table's columns; of pictures and texts it is empty.
Columns = tuple[dict[str, Any], ...]
# Categories with fewer rows are one together, and no more of a column than this are told apart: a column of a million
# ids must not become a million columns.
RARE_ROWS = 5
MOST_CATEGORIES = 256
# A word or a piece of one that a single text has cannot help with another.
FEWEST_TEXTS = 2


class EmptyFiller(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Fill columns that hold no value with 0: trees cannot cut nothing."""

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Find these columns among those of X, (n, d) float64."""
        self.empty_ = np.isnan(X).all(axis=0)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Fill them, whatever X has there."""
        return np.where(self.empty_, 0, X)


def make_own_encoder(view: View, columns: Columns) -> Any:
    """Return the encoder that comes before a class of the user's own."""
    if view == "picture":
        return FunctionTransformer()
    if view == "vector":
        return make_vector_encoder()
    return make_text_encoder() if view == "text" else make_table_encoder(columns, dense=True)


class VectorScaler(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Bring each number of a vector to standard deviation 1 and, unless vectors are sparse, to mean 0."""

    def fit(self, X: Vectors, y: None = None) -> Self:
        """Find the means and deviations of X, (n, d)."""
        self.scaler_ = StandardScaler(with_mean=not issparse(X)).fit(X)
        return self

    def transform(self, X: Vectors) -> Any:
        """Scale X, (n, d)."""
        return self.scaler_.transform(X)


def make_vector_encoder() -> Any:
    """Return the encoder of vectors."""
    return VectorScaler()


def make_text_encoder() -> Any:
    """Weigh words, pairs of them, and their pieces of two to four letters by tf-idf."""
    # the end of a text counts as a word, so that there is one where no other is in two texts
    words = _make_weights(analyzer="word", ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b|\Z")
    return make_union(words, _make_weights(analyzer="char_wb", ngram_range=(2, 4)))


def make_table_encoder(columns: Columns, *, dense: bool) -> ColumnTransformer:
    """Fill and scale numbers, and give each category a column, and a missing one too."""
    # a column that holds no value is filled with 0
    filled = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    one_hot = OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=RARE_ROWS, max_categories=MOST_CATEGORIES
    )
    categorical, numbers = split_columns(columns)
    parts = [("numbers", make_pipeline(filled, StandardScaler()), numbers), ("categories", one_hot, categorical)]
    return ColumnTransformer(parts, sparse_threshold=0 if dense else 0.3)


def split_columns(columns: Columns) -> tuple[list[int], list[int]]:
    """Return the numbers of a table's columns that hold categories, and of the others."""
    categorical = [column["kind"] == "categorical" for column in columns]
    return list(np.flatnonzero(categorical)), list(np.flatnonzero(np.logical_not(categorical)))


def _make_weights(**options: Any) -> TfidfVectorizer:
    """Return a vectorizer whose weights grow with the logarithm of a term's count."""
    return TfidfVectorizer(min_df=FEWEST_TEXTS, sublinear_tf=True, dtype=np.float32, **options)
