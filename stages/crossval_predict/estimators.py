"""Fits a scikit-learn classifier on a fold, the same bytes wherever it runs."""

import inspect
import time
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import RegressorMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from stages.command.errors import InputError
from stages.crossval_predict.curves import no_curves
from stages.crossval_predict.encoders import count_categorical, make_encoder
from stages.crossval_predict.imports import ARGUMENTS, MODEL, check_arguments, find_class, naming
from stages.crossval_predict.inputs import load_columns, take_inputs
from stages.crossval_predict.plan import Piece
from stages.crossval_predict.prepared import Prepared, open_arrays
from stages.crossval_predict.rows import Fold, take_fold
from stages.crossval_predict.run import Run, check_code
from stages.crossval_predict.settings import Settings

CLASSES: dict[str, type[Any]] = {
    "gradient_boosting": HistGradientBoostingClassifier,
    "logistic_regression": LogisticRegression,
    "tfidf": LogisticRegression,
}
# What `arguments` may change. 100 steps, scikit-learn's own, are often too few. On texts saga ranks best long before it
# has converged. Trees that stop early, as they do by themselves on many rows, ranked flipped labels worse.
DEFAULTS: dict[str, dict[str, Any]] = {
    "gradient_boosting": {"l2_regularization": 1.0, "early_stopping": False},
    "logistic_regression": {"max_iter": 1000},
    "tfidf": {"C": 10.0, "solver": "saga", "tol": 1e-2},
}
NO_PROBABILITIES = (
    "has no predict_proba, and label errors are found by probabilities; choose a classifier that has one, for instance "
    "sklearn.ensemble:ExtraTreesClassifier"
)
# What rounding may do to the sum of a row's probabilities.
TOLERANCE = 1e-3


def fit_piece(run: Run, piece: Piece) -> tuple[np.ndarray, pd.DataFrame, float]:
    """Fit and predict a fold.

    Returns
    -------
    pred_probs : ndarray of shape (n_held_out, K), float32
        0 for a class that is left out of the training.
    curves : DataFrame
        Without a row: there are no epochs.
    seconds : float
        How long it took.
    """
    check_code(run)
    start = time.perf_counter()
    fold = take_fold(open_arrays(run.prepared), *run.seeds(piece.index))
    settings = run.settings
    where = f"{ARGUMENTS}: {settings.model} with these" if settings.arguments else f"{MODEL}: {settings.model}"
    with naming(f"{where} cannot be fitted in {run.name(piece.index)}"):
        pred_probs = predict_fold(settings, run.prepared, fold)
    return pred_probs, no_curves(), time.perf_counter() - start


def predict_fold(settings: Settings, prepared: Prepared, fold: Fold) -> np.ndarray:
    """Return the probabilities of a fold's held-out rows, (m, K) float32."""
    labels = open_arrays(prepared).labels[fold.train]
    # from 0 without a gap where a class is left out: not every classifier can do with one
    present, targets = np.unique(labels, return_inverse=True)
    columns = load_columns(prepared)
    encoder = make_encoder(settings.model, prepared.kind, columns, settings.arguments)
    classifier = make_classifier(settings, (fold.repeat, fold.fold), columns)
    # sums depend on how many threads share them
    with threadpool_limits(1):
        classifier.fit(encode_training(encoder, prepared, fold), targets)
        predicted = classifier.predict_proba(encoder.transform(take_inputs(prepared, fold.test)))
    known = np.asarray(getattr(classifier, "classes_", range(len(present))))
    check_predicted(settings.model, predicted, known, (len(fold.test), len(present)))
    pred_probs = np.zeros((len(fold.test), fold.n_classes), dtype=np.float32)
    pred_probs[:, present[known]] = predicted
    return pred_probs


def encode_training(encoder: Any, prepared: Prepared, fold: Fold) -> Any:
    """Fit the encoder on a fold's training rows and return what it makes of them."""
    inputs = take_inputs(prepared, fold.train)
    if prepared.kind != "text":
        return encoder.fit_transform(inputs)
    with naming("prepared/rows.csv: the texts have no words, or no letters of one are in two of them"):
        return encoder.fit_transform(inputs)


def make_classifier(settings: Settings, seeds: tuple[int, int], columns: tuple[dict[str, Any], ...]) -> Any:
    """Build the classifier that ``settings`` name, its random choices fixed by the seed, the repeat and the fold.

    Raises
    ------
    InputError
        When its class cannot be built with the arguments, or can neither fit nor give probabilities.
    """
    called = CLASSES.get(settings.model) or find_class(settings.model)
    with naming(f"{MODEL}: {settings.model} does not say what it takes"):
        check_arguments(settings, called)
    random_state = draw_random_state(settings.seed, *seeds)
    arguments = {**DEFAULTS.get(settings.model, {}), **settings.arguments}
    if "random_state" in inspect.signature(called).parameters:
        arguments = {"random_state": random_state, **arguments}
    if settings.model == "gradient_boosting":
        arguments = {"categorical_features": list(range(count_categorical(columns))), **arguments}
    with naming(f"{ARGUMENTS}: {settings.model} cannot be built with these"):
        classifier = called(**arguments)
        seed_parts(classifier, random_state)
    if isinstance(classifier, RegressorMixin):
        raise InputError(f"{MODEL}: {settings.model} is a regressor; give a classifier")
    for method in ("fit", "predict_proba"):
        if not hasattr(classifier, method):
            reason = NO_PROBABILITIES if method != "fit" else "has no fit, so it is no scikit-learn classifier"
            raise InputError(f"{MODEL}: {settings.model} {reason}")
    return classifier


def seed_parts(classifier: Any, random_state: int) -> None:
    """Fix the random choices of the estimators within an estimator."""
    parameters = classifier.get_params() if hasattr(classifier, "get_params") else {}
    unset = [name for name, value in parameters.items() if name.endswith("__random_state") and value is None]
    if unset:
        classifier.set_params(**dict.fromkeys(unset, random_state))


def draw_random_state(*entropy: int) -> int:
    """Return a number below 2**31, which every library takes."""
    return int(np.random.SeedSequence(entropy).generate_state(1)[0]) >> 1


def check_predicted(model: str, predicted: Any, known: np.ndarray, shape: tuple[int, int]) -> None:
    """Refuse what are no probabilities, or not of the classes that were trained on."""
    if not np.isin(known, np.arange(shape[1])).all() or np.shape(predicted) != (shape[0], len(known)):
        raise InputError(
            f"{MODEL}: {model}: predict_proba gives {np.shape(predicted)} for the classes {known.tolist()[:5]}…, where "
            f"there must be {shape[0]} rows and a column for each of its classes_, of the numbers that fit was given"
        )
    if not np.isfinite(predicted).all() or np.min(predicted) < 0 or abs(np.sum(predicted, 1) - 1).max() > TOLERANCE:
        raise InputError(
            f"{MODEL}: {model}: predict_proba gives numbers that are no probabilities, from 0 to 1 and 1 together"
        )
