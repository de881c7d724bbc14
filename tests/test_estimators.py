"""Tables, texts and pictures are predicted by classifiers that are fitted on the other folds, with the same bytes."""

import re
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stages.command.errors import InputError
from tests.data_sets import (
    finish,
    forget,
    make_digits,
    make_table,
    start_training,
    train,
    write_data,
    write_params,
)

LABELS = np.arange(120) % 2
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=120)
FOREST = "sklearn.ensemble:RandomForestClassifier"
ON_TABLES = ("logistic_regression", "gradient_boosting", "extra_trees", FOREST)

COLUMNS: dict[str, dict[str, Any]] = {
    "numbers": {"a": LABELS * 2 + NOISE * 0.3},
    "numbers with gaps": {"a": [None if row % 7 == 0 else LABELS[row] * 3 + NOISE[row] * 0.2 for row in range(120)]},
    "gaps that tell": {"a": [None if label else 1.5 for label in LABELS], "b": NOISE},
    "categories": {"a": ["red" if label else "blue" for label in LABELS]},
    "categories with gaps": {"a": [("blue", "red")[row % 2] if row % 9 else None for row in range(120)]},
    "missing categories that tell": {"a": [None if label else "blue" for label in LABELS]},
    "a category in one fold alone": {"a": [f"{label} {row == 3}" for row, label in enumerate(LABELS)]},
    "ids": {"id": [f"{row:03}" for row in range(120)], "a": LABELS + NOISE * 0.1},
    "constants": {"one": [1.0] * 120, "same": ["same"] * 120, "a": LABELS + NOISE * 0.1},
    "nothing at all": {"none": [None] * 120, "category": [None] * 120, "a": LABELS + NOISE * 0.1},
    "missing in one fold alone": {"a": LABELS + NOISE * 0.1, "b": [1.0, None, 1.0] * 40},
    "there in one fold alone": {"a": LABELS + NOISE * 0.1, "b": [None, 1.0, None] * 40},
    "infinite values": {"a": LABELS * 1.0, "b": [(np.inf, -np.inf, 1.0)[row % 3] for row in range(120)]},
    "very large values": {"a": LABELS * 1e12, "b": NOISE * 1e100},
}  # fmt: skip


def accuracy(pred_probs: np.ndarray, labels: Any) -> float:
    return float((pred_probs.argmax(axis=1) == labels).mean())


@pytest.mark.parametrize("model", ON_TABLES)
@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_every_sort_are_learnt_from(
    name: str, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_data(tmp_path, LABELS, make_table(COLUMNS[name]))
    pred_probs = train(tmp_path, monkeypatch, model=model, arguments={"n_estimators": 20} if model == FOREST else {})
    assert pred_probs.dtype == np.float32
    np.testing.assert_allclose(pred_probs.sum(axis=1), 1, atol=1e-6)
    assert accuracy(pred_probs, LABELS) > (0.8 if "gaps" in name else 0.95)


def test_a_column_of_ids_is_no_burden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.arange(3000) % 2
    ids = [f"{row // 2:05}" for row in range(3000)]
    write_data(tmp_path, labels, make_table({"id": ids, "a": labels + RNG.normal(size=3000)}))
    for model in ("logistic_regression", "gradient_boosting"):
        assert accuracy(train(tmp_path, monkeypatch, model=model), labels) > 0.6


@pytest.mark.parametrize("model", ["logistic_regression", "gradient_boosting", "extra_trees"])
def test_three_hundred_classes(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.arange(1200) % 300
    write_data(
        tmp_path, labels, make_table({"a": labels % 20, "b": labels // 20}), folds=np.arange(1200)[:, None] // 400
    )
    # two trees for each class are enough to beat guessing, 100 are as many times slower
    arguments = {"max_iter": 2} if model == "gradient_boosting" else {}
    pred_probs = train(tmp_path, monkeypatch, model=model, arguments=arguments)
    assert pred_probs.shape == (1200, 300)
    assert accuracy(pred_probs, labels) > 1 / 300


@pytest.mark.parametrize("model", ["logistic_regression", "gradient_boosting", "extra_trees", FOREST])
def test_a_class_that_is_left_out_has_no_probability(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = np.arange(120) % 4
    trained = np.where(given == 1, -1, given)
    write_data(tmp_path, given, make_table({"a": given + NOISE * 0.05}), labels=trained)
    pred_probs = train(tmp_path, monkeypatch, model=model)
    assert pred_probs.shape == (120, 4)
    assert (pred_probs[:, 1] == 0).all()
    assert accuracy(pred_probs[trained >= 0], trained[trained >= 0]) > 0.95


TEXTS = [
    "where is my card",
    "the card has not come",
    "a card please",
    "change the pin",
    "my pin is wrong",
    "pin blocked",
]


def test_texts_are_told_apart_by_their_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.repeat([0, 1], 3)
    texts = [f'{text}, "said" {number}\nbye' for number in range(10) for text in TEXTS]
    write_data(tmp_path, np.tile(labels, 10), {"texts": texts}, folds=np.arange(60)[:, None] // 6 % 3)
    assert accuracy(train(tmp_path, monkeypatch), np.tile(labels, 10)) == 1
    assert accuracy(train(tmp_path, monkeypatch, model=FOREST), np.tile(labels, 10)) == 1


DIFFERENT = [f"{'ai'[row % 2]}{'bcdfg'[row % 5]}" * 3 + str(row) for row in range(60)]


@pytest.mark.parametrize("texts", [DIFFERENT, ["???", "!!!"] * 30])
def test_words_that_are_all_different_or_none_are_told_apart_by_their_letters(
    texts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_data(tmp_path, np.arange(60) % 2, {"texts": texts})
    assert accuracy(train(tmp_path, monkeypatch), np.arange(60) % 2) == 1


def test_texts_without_a_word_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_data(tmp_path, np.arange(6) % 2, {"texts": [" ", "  ", "   ", " ", "  ", "   "]})
    with pytest.raises(InputError, match=r"^prepared/rows.csv: the texts have no words, or no letters of one are in"):
        train(tmp_path, monkeypatch)


def test_pictures_are_rows_of_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels, content = make_digits(300)
    write_data(tmp_path, labels, content)
    assert accuracy(train(tmp_path, monkeypatch, model="sklearn.linear_model.LogisticRegression"), labels) > 0.85
    assert (tmp_path / "data/toy/predictions/curves.csv").read_text().count("\n") == 1


@pytest.mark.parametrize("model", ["cnn", *ON_TABLES])
def test_shuffled_rows_are_predicted_bit_for_bit_alike(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels, content = make_digits(300)
    if model != "cnn":
        features = content["images"].reshape(300, -1)[:, 20:30]
        content = make_table({str(number): column.tolist() for number, column in enumerate(features.T)})
        content["columns"][0] = {"name": "0", "kind": "categorical", "categories": []}
    folds, arguments = np.arange(300)[:, None] // 7 % 3, {"max_iter": 5} if model == "gradient_boosting" else {}
    shuffled = np.random.default_rng(1).permutation(300)
    key = next(key for key in content if key != "columns")
    for name, rows, order in (("plain", np.arange(300), np.arange(300)), ("shuffled", shuffled, np.argsort(shuffled))):
        write_data(tmp_path / name, labels[rows], {**content, key: content[key][rows]}, folds=folds[rows], order=order)
    section: dict[str, Any] = {"model": model, "arguments": arguments}
    section |= {"max_epochs": 2, "batch_size": 32} if model == "cnn" else {}
    plain = train(tmp_path / "plain", monkeypatch, **section)
    assert train(tmp_path / "shuffled", monkeypatch, **section).tobytes() == plain[shuffled].tobytes()


def test_random_choices_follow_the_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_data(tmp_path, LABELS, make_table({"a": NOISE}), folds=np.repeat(np.arange(120)[:, None] % 3, 2, axis=1))
    made = {}
    sections: dict[str, dict[str, Any]] = {
        "plain": {},
        "again": {},
        "seed": {"seed": 1},
        "own": {"arguments": {"n_estimators": 5, "random_state": 3}},
        "own, seed": {"seed": 1, "arguments": {"n_estimators": 5, "random_state": 3}},
    }
    for name, section in sections.items():
        chosen = {"model": FOREST, "arguments": {"n_estimators": 5}, **section}
        made[name] = train(tmp_path, monkeypatch, **chosen).tobytes()
        forget(tmp_path)
    assert made["plain"] == made["again"] != made["seed"]
    assert made["own"] == made["own, seed"] != made["plain"]


NESTED = """
from sklearn.ensemble import BaggingClassifier, ExtraTreesClassifier
class Bag(BaggingClassifier):
    def __init__(self, random_state=None):
        super().__init__(ExtraTreesClassifier(3), n_estimators=2, random_state=random_state)
    def get_params(self, deep=True):
        return {"estimator__random_state": self.estimator.random_state} if deep else {}
    def set_params(self, estimator__random_state):
        self.estimator.random_state = estimator__random_state
"""


def test_the_random_choices_of_a_part_are_fixed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stages.crossval_predict.models.estimators import seed_parts

    (tmp_path / "nested_bag.py").write_text(NESTED)
    monkeypatch.syspath_prepend(str(tmp_path))
    import nested_bag  # type: ignore[import-not-found]

    bag = nested_bag.Bag()
    seed_parts(bag, 7)
    assert bag.estimator.random_state == 7


SLOW = """
import time
from sklearn.linear_model import LogisticRegression
class Slow(LogisticRegression):
    def fit(self, X, y):
        time.sleep(0.5)
        return super().fit(X, y)
"""


def test_folds_that_are_finished_before_a_kill_are_kept_until_the_class_changes(tmp_path: Path) -> None:
    write_data(tmp_path, LABELS, make_table(COLUMNS["numbers"]))
    write_params(tmp_path, model="slow_model:Slow")
    (tmp_path / "slow_model.py").write_text(SLOW)
    for edited in (False, True):
        process = start_training(tmp_path)
        assert process.stdout is not None
        assert any("fold 1 of 3: accuracy" in line for line in process.stdout)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        if edited:
            (tmp_path / "slow_model.py").write_text(SLOW.replace("0.5", "0"))
        printed = finish(start_training(tmp_path))
        assert bool(re.search("[12] of 3 folds kept from an earlier run", printed)) is not edited
        forget(tmp_path)


def test_the_number_of_workers_changes_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_data(tmp_path, LABELS, make_table({**COLUMNS["numbers with gaps"], "b": NOISE, "c": COLUMNS["ids"]["id"]}))
    for model in ("logistic_regression", "gradient_boosting"):
        alone = train(tmp_path, monkeypatch, model=model)
        forget(tmp_path)
        printed = finish(start_training(tmp_path, workers=2))
        assert f"training {model} on cpu: 3 folds, 2 at a time" in printed
        assert len(re.findall("fold . of 3: accuracy [01].[0-9]{4}, trained in ", printed)) == 3
        np.testing.assert_array_equal(np.load(tmp_path / "data/toy/predictions/pred_probs.npy"), alone)
    assert list(pd.read_csv(tmp_path / "data/toy/predictions/curves.csv").columns)[:3] == ["repeat", "fold", "epoch"]


@pytest.mark.parametrize(
    ("model", "arguments"),
    [
        ("sklearn.calibration:CalibratedClassifierCV", {}),
        ("sklearn.naive_bayes:GaussianNB", {}),
        ("sklearn.neighbors:KNeighborsClassifier", {"n_neighbors": 3}),
        pytest.param(
            "sklearn.svm:SVC", {"probability": True}, marks=pytest.mark.filterwarnings("ignore:.*probability")
        ),
    ],
)
def test_other_classifiers_are_fitted_too(
    model: str, arguments: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_data(tmp_path, LABELS, make_table({**COLUMNS["numbers with gaps"], **COLUMNS["categories"]}))
    assert accuracy(train(tmp_path, monkeypatch, model=model, arguments=arguments), LABELS) > 0.95
