"""Fits a scikit-learn classifier on a fold, with the same bytes wherever it runs."""

import inspect
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from threadpoolctl import threadpool_limits

from stages.command.errors import InputError
from stages.crossval_predict.models.encoders import Columns, make_own_encoder
from stages.crossval_predict.models.fold import Fold
from stages.crossval_predict.models.inputs import Inputs
from stages.crossval_predict.models.own import ARGUMENTS, MODEL, check_arguments, find_class, naming
from stages.crossval_predict.models.registry import VIEWS, load_model
from stages.crossval_predict.settings import Settings

NO_PROBABILITIES = (
    "has no predict_proba, and label errors are found by probabilities; choose a classifier that has one, for instance "
    "sklearn.ensemble:ExtraTreesClassifier"
)
# What rounding may do to the sum of a row's probabilities.
TOLERANCE = 1e-3


def predict_fold(inputs: Inputs, labels: np.ndarray, fold: Fold, settings: Settings) -> np.ndarray:
    """Fit a classifier on a fold's training rows and predict those that it holds out.

    Parameters
    ----------
    inputs : Inputs
        The content of all n rows.
    labels : ndarray of shape (n,), int64
        What is trained on.
    fold : Fold
        The rows; its numbers and ``settings.seed`` fix every random choice.
    settings : Settings
        Which classifier, and its arguments.

    Returns
    -------
    ndarray of shape (n_held_out, K), float32
        The probabilities; 0 for a class that is left out of the training.
    """
    # from 0 without a gap if a class is left out: not every classifier can handle one
    present, targets = np.unique(labels[fold.train], return_inverse=True)
    encoder = make_encoder(settings, inputs)
    classifier = make_classifier(settings, (fold.repeat, fold.fold), inputs.columns, targets)
    # sums depend on how many threads share them
    with threadpool_limits(1):
        classifier.fit(encode_training(encoder, inputs, fold), targets)
        predicted = classifier.predict_proba(encoder.transform(inputs.take(fold.test)))
    known = np.asarray(getattr(classifier, "classes_", range(len(present))))
    check_predicted(settings.model, predicted, known, (len(fold.test), len(present)))
    pred_probs = np.zeros((len(fold.test), fold.n_classes), dtype=np.float32)
    pred_probs[:, present[known]] = predicted
    return pred_probs


def make_encoder(settings: Settings, inputs: Inputs) -> Any:
    """Return the transformer, not yet fitted, that comes before the classifier."""
    if settings.model not in VIEWS:
        return make_own_encoder(inputs.view, inputs.columns)
    return load_model(settings.model).make_encoder(inputs.columns, settings.arguments)


def encode_training(encoder: Any, inputs: Inputs, fold: Fold) -> Any:
    """Fit the encoder on a fold's training rows and return what it makes of them."""
    taken = inputs.take(fold.train)
    if inputs.view != "text":
        return encoder.fit_transform(taken)
    with naming("prepared/rows.csv: the texts have no words, or no letters of one are in two of them"):
        return encoder.fit_transform(taken)


def make_classifier(settings: Settings, seeds: tuple[int, int], columns: Columns, targets: np.ndarray) -> Any:
    """Build the classifier that ``settings`` name, its random choices fixed by the seed, the repeat and the fold.

    Raises
    ------
    InputError
        If its class cannot be built with the arguments, or cannot fit or give probabilities.
    """
    called, defaults = find_classifier(settings.model, columns, targets)
    with naming(f"{MODEL}: {settings.model} does not say what it takes"):
        check_arguments(settings, called)
    random_state = draw_random_state(settings.seed, *seeds)
    arguments = {**defaults, **settings.arguments}
    if "random_state" in inspect.signature(called).parameters:
        arguments = {"random_state": random_state, **arguments}
    with naming(f"{ARGUMENTS}: {settings.model} cannot be built with these"):
        classifier = called(**arguments)
        seed_parts(classifier, random_state)
    if isinstance(classifier, RegressorMixin):
        raise InputError(f"{MODEL}: {settings.model} is a regressor; give a classifier")
    for method in ("fit", "predict_proba"):
        if not hasattr(classifier, method):
            reason = NO_PROBABILITIES if method != "fit" else "has no fit, so it is not a scikit-learn classifier"
            raise InputError(f"{MODEL}: {settings.model} {reason}")
    return classifier


def find_classifier(name: str, columns: Columns, targets: np.ndarray) -> tuple[type[Any], dict[str, Any]]:
    """Return the class of a name or an import path, and the arguments that ``settings.arguments`` may change."""
    if name not in VIEWS:
        return find_class(name), {}
    module = load_model(name)
    return module.Classifier, module.make_defaults(columns, targets)


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
    """Raise InputError if an output is not probabilities, or not of the classes that were trained on."""
    if not np.isin(known, np.arange(shape[1])).all() or np.shape(predicted) != (shape[0], len(known)):
        raise InputError(
            f"{MODEL}: {model}: predict_proba gives {np.shape(predicted)} for the classes {known.tolist()[:5]}…, where "
            f"there must be {shape[0]} rows and a column for each of its classes_, of the numbers that fit was given"
        )
    if not np.isfinite(predicted).all() or np.min(predicted) < 0 or abs(np.sum(predicted, 1) - 1).max() > TOLERANCE:
        raise InputError(
            f"{MODEL}: {model}: predict_proba gives numbers that are not probabilities; they must be "
            "from 0 to 1, and those of a row must sum to 1"
        )
