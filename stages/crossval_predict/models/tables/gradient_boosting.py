"""Gradient boosting of trees over histograms."""

from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from stages.crossval_predict.models.encoders import Columns, EmptyFiller, split_columns

Classifier = HistGradientBoostingClassifier
# The histograms have 255 bins, one of them for what is missing.
MOST_BINS = 255
# The fewest rows of a leaf. With scikit-learn's 20, few rows are not parted at all and nothing is learnt; a class's
# share of the rows is parted once at least.
LARGE_LEAF, LEAVES_A_CLASS = 20, 2


def make_defaults(columns: Columns, targets: np.ndarray) -> dict[str, Any]:
    """Return the arguments of the classifier.

    Trees that stop early, as they do by themselves on many rows, ranked flipped labels worse.
    """
    categorical, _ = split_columns(columns)
    return {
        # the encoder puts the categories first
        "categorical_features": list(range(len(categorical))),
        "l2_regularization": 1.0,
        "early_stopping": False,
        "min_samples_leaf": find_leaf(targets),
    }


def find_leaf(targets: np.ndarray) -> int:
    """Return the fewest rows that a leaf may have, given the (n,) targets to train on."""
    n_classes = max(1, len(np.unique(targets)))
    return min(LARGE_LEAF, max(1, len(targets) // (LEAVES_A_CLASS * n_classes)))


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
