"""Models for `benchmarks.known_errors`, from strong ones to ones that have learnt next to nothing."""

from collections.abc import Callable
from typing import Any

from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

Maker = Callable[[], Any]
OF_TEXTS: dict[str, Maker] = {
    "lr": lambda: make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10, max_iter=300)
    ),
    "lrweak": lambda: make_pipeline(TfidfVectorizer(max_features=150), LogisticRegression(C=1, max_iter=300)),
    "nb": lambda: make_pipeline(TfidfVectorizer(), MultinomialNB(alpha=0.01)),
}
OF_NUMBERS: dict[str, Maker] = {
    "lr": lambda: make_pipeline(StandardScaler(), LogisticRegression(C=1, max_iter=500)),
    "lroverfit": lambda: make_pipeline(StandardScaler(), LogisticRegression(C=1e4, max_iter=300)),
    "gb": lambda: HistGradientBoostingClassifier(max_iter=50, early_stopping=False, l2_regularization=1.0),
    "et": lambda: ExtraTreesClassifier(200, n_jobs=1, random_state=0),
    "gnb": lambda: make_pipeline(StandardScaler(), GaussianNB(var_smoothing=1e-3)),
    "mlp": lambda: make_pipeline(StandardScaler(), MLPClassifier((64,), max_iter=80, random_state=0, alpha=1e-5)),
    "mlpshort": lambda: make_pipeline(StandardScaler(), MLPClassifier((64,), max_iter=3, random_state=0)),
    "tree": lambda: DecisionTreeClassifier(min_samples_leaf=3, random_state=0),
}


def list_models(form: str) -> dict[str, Maker]:
    """Return the models for a form of rows, by name."""
    return OF_TEXTS if form == "text" else OF_NUMBERS
