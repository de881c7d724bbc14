"""Logistic regression on standardised vectors, as strongly regularised as predicts best within the training rows."""

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import KFold, StratifiedKFold

from stages.crossval_predict.models.encoders import Columns, make_vector_encoder

Classifier = LogisticRegressionCV
# Pretrained features are hundreds of numbers: scikit-learn's own C of 1 fits their noise. Pictures do best with
# 1e-4 to 1e-2, texts with more.
CS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 1.0)
PARTS = 3
# a row's class counts as no less likely, as scikit-learn's log_loss has it
LEAST = np.finfo(np.float32).eps


def make_defaults(columns: Columns, targets: np.ndarray) -> dict[str, Any]:
    """Return the arguments of the classifier: C is chosen by log loss, on parts of the training rows."""
    return {
        "Cs": CS,
        "l1_ratios": (0.0,),
        "cv": make_parts(targets),
        "scoring": score,
        "use_legacy_attributes": False,
        "max_iter": 1000,
        "tol": 1e-3,
    }


def make_encoder(columns: Columns, arguments: dict[str, Any]) -> Any:
    """Return the encoder of vectors."""
    return make_vector_encoder()


def make_parts(targets: np.ndarray) -> KFold | StratifiedKFold:
    """Return how the training rows are dealt into parts: by class, where each class has as many rows."""
    fewest = int(np.bincount(targets).min()) if len(targets) else PARTS
    deal = StratifiedKFold if fewest >= PARTS else KFold
    return deal(PARTS, shuffle=True, random_state=0)


def score(classifier: Any, X: Any, y: np.ndarray) -> float:
    """Return the mean log-likelihood of the labels; scikit-learn's own fails where a part lacks a class."""
    probs = classifier.predict_proba(X)
    return float(np.log(np.maximum(probs[np.arange(len(y)), y], LEAST)).mean())
