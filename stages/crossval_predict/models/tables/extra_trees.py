"""Trees whose cuts are drawn at random, averaged."""

from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

from stages.crossval_predict.models.encoders import Columns, EmptyFiller, split_columns

Classifier = ExtraTreesClassifier


def make_defaults(columns: Columns, targets: np.ndarray) -> dict[str, Any]:
    """Return the arguments of the classifier.

    A leaf of one row would learn a wrong label by heart, and trees without a bound on their leaves take gigabytes on a
    million rows.
    """
    return {"n_estimators": 100, "min_samples_leaf": 2, "max_leaf_nodes": 4096}


def make_encoder(columns: Columns, arguments: dict[str, Any]) -> Any:
    """Number the categories, and scale numbers, which may be too large for 32 bits; what is missing is NaN."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    categorical, numbers = split_columns(columns)
    parts = [("categories", codes, categorical), ("numbers", StandardScaler(), numbers)]
    return make_pipeline(EmptyFiller(), ColumnTransformer(parts))
