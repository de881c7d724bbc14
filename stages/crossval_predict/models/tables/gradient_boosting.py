"""Gradient boosting of trees over histograms."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from stages.crossval_predict.models.encoders import Columns, split_columns

Classifier = HistGradientBoostingClassifier
# The histograms have 255 bins, one of them for what is missing.
MOST_BINS = 255


class EmptyFiller(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Fill columns that hold no value with 0: gradient boosting cannot make a histogram of nothing."""

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Find these columns among those of X, (n, d) float64."""
        self.empty_ = np.isnan(X).all(axis=0)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Fill them, whatever X has there."""
        return np.where(self.empty_, 0, X)


def make_defaults(columns: Columns) -> dict[str, Any]:
    """Return the arguments of the classifier.

    Trees that stop early, as they do by themselves on many rows, ranked flipped labels worse.
    """
    categorical, _ = split_columns(columns)
    # the encoder puts the categories first
    return {"categorical_features": list(range(len(categorical))), "l2_regularization": 1.0, "early_stopping": False}


def make_encoder(columns: Columns, arguments: dict[str, Any]) -> Any:
    """Number the categories, which come first, the rare ones together; what is unknown or missing is NaN."""
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        max_categories=min(arguments.get("max_bins", MOST_BINS), MOST_BINS) - 1,
    )
    categorical, numbers = split_columns(columns)
    parts = [("categories", codes, categorical), ("numbers", "passthrough", numbers)]
    return make_pipeline(ColumnTransformer(parts), EmptyFiller())
