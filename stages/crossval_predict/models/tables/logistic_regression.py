"""Logistic regression on scaled numbers and a column for each category."""

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from stages.crossval_predict.models.encoders import Columns, make_table_encoder

Classifier = LogisticRegression


def make_defaults(columns: Columns, targets: np.ndarray) -> dict[str, Any]:
    """Return the arguments of the classifier: 100 steps, scikit-learn's own, are often too few."""
    return {"max_iter": 1000}


def make_encoder(columns: Columns, arguments: dict[str, Any]) -> Any:
    """Return the encoder of a table, which may give a sparse matrix."""
    return make_table_encoder(columns, dense=False)
