"""Logistic regression on the words of a text and their pieces, weighed by tf-idf."""

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from stages.crossval_predict.models.encoders import Columns, make_text_encoder

Classifier = LogisticRegression


def make_defaults(columns: Columns, targets: np.ndarray) -> dict[str, Any]:
    """Return the arguments of the classifier: saga ranks best long before it has converged."""
    return {"C": 10.0, "solver": "saga", "tol": 1e-2}


def make_encoder(columns: Columns, arguments: dict[str, Any]) -> Any:
    """Return the encoder of texts."""
    return make_text_encoder()
