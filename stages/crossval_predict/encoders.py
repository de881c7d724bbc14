"""Turns columns and texts into the numbers that an estimator takes; each is fitted within a fold."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

# The histograms of gradient boosting have 255 bins, one of them for what is missing.
MOST_BINS = 255
# Categories with fewer rows are one together, and no more of a column than this are told apart: a column of a million
# ids must not become a million columns.
RARE_ROWS = 5
MOST_CATEGORIES = 256
# A word or a piece of one that a single text has cannot help with another.
FEWEST_TEXTS = 2


class EmptyFiller(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Fills columns in which all is missing with 0: gradient boosting makes no histogram of nothing."""

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Find these columns among those of X, (n, d) float64."""
        self.empty_ = np.isnan(X).all(axis=0)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Fill them, whatever X has there."""
        return np.where(self.empty_, 0, X)


def make_encoder(model: str, kind: str, columns: tuple[dict[str, Any], ...], arguments: dict[str, Any]) -> Any:
    """Return the transformer, not yet fitted, that comes before a classifier.

    Parameters
    ----------
    model : str
        The classifier's name, which for tables decides how categories become numbers.
    kind : str
        picture, table or text.
    columns : tuple of dict
        Of a table, as columns.json has them.
    arguments : dict
        Those of the classifier: ``max_bins`` bounds the categories that gradient boosting tells apart.
    """
    if kind == "picture":
        return FunctionTransformer()
    if kind == "text":
        return make_text_encoder()
    if model == "gradient_boosting":
        return make_code_encoder(columns, arguments.get("max_bins", MOST_BINS))
    return make_table_encoder(columns, dense=model != "logistic_regression")


def make_text_encoder() -> Any:
    """Weigh words, pairs of them, and their pieces of two to four letters by tf-idf."""
    # the end of a text counts as a word, so that there is one where no other is in two texts
    words = make_weights(analyzer="word", ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b|\Z")
    return make_union(words, make_weights(analyzer="char_wb", ngram_range=(2, 4)))


def make_weights(**options: Any) -> TfidfVectorizer:
    """Return a vectorizer whose weights grow with the logarithm of a term's count."""
    return TfidfVectorizer(min_df=FEWEST_TEXTS, sublinear_tf=True, dtype=np.float32, **options)


def make_table_encoder(columns: tuple[dict[str, Any], ...], *, dense: bool) -> ColumnTransformer:
    """Fill and scale numbers, and give each category a column, what is missing among them."""
    # a column in which all is missing is filled with 0
    filled = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    one_hot = OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=RARE_ROWS, max_categories=MOST_CATEGORIES
    )
    categories, numbers = _split_columns(columns)
    parts = [("numbers", make_pipeline(filled, StandardScaler()), numbers), ("categories", one_hot, categories)]
    return ColumnTransformer(parts, sparse_threshold=0 if dense else 0.3)


def make_code_encoder(columns: tuple[dict[str, Any], ...], max_bins: int) -> Any:
    """Number the categories, which come first, the rare ones together; what is unknown or missing is NaN."""
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=min(max_bins, MOST_BINS) - 1
    )
    categories, numbers = _split_columns(columns)
    parts = [("categories", codes, categories), ("numbers", "passthrough", numbers)]
    return make_pipeline(ColumnTransformer(parts), EmptyFiller())


def count_categorical(columns: tuple[dict[str, Any], ...]) -> int:
    """Return how many of a table's columns hold categories."""
    return len(_split_columns(columns)[0])


def _split_columns(columns: tuple[dict[str, Any], ...]) -> tuple[list[int], list[int]]:
    categorical = [column["kind"] == "categorical" for column in columns]
    return list(np.flatnonzero(categorical)), list(np.flatnonzero(np.logical_not(categorical)))
