"""A column that tells the labels by itself is named; honest ones, however strong, are not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

from stages.artifacts.files import read_table
from stages.preprocess.classes import encode_labels
from stages.preprocess.leakage import count_wrong, find_telling
from stages.preprocess.settings import Settings
from stages.preprocess.tables import read_cells
from tests.tables import Preparing

N_ROWS, RNG = 60, np.random.default_rng(0)
LABELS = np.arange(N_ROWS) * 7 % 60 // 20
NAMES = np.array(["no", "yes", "maybe"], dtype=object)
NOISE = [f"{value:.2f}" for value in RNG.normal(size=N_ROWS)]
TELLING: dict[str, Callable[[np.ndarray], list[str]]] = {
    "the label in numbers": lambda labels: [str(label) for label in labels],
    "the label in words": lambda labels: [f"is {label}" for label in labels],
    "several values for a label": lambda labels: [f"batch {label}{row % 2}" for row, label in enumerate(labels)],
    "ids of a sorted file": lambda labels: [str(1000 + row) for row in np.argsort(np.argsort(labels, kind="stable"))],
    "ids with gaps": lambda labels: [str(label * 500 + row * 7) for row, label in enumerate(labels)],
    "days of a sorted file": lambda labels: [
        f"20{10 + label}-03-{row % 28 + 1:02}" for row, label in enumerate(labels)
    ],
    "what the label was cut from": lambda labels: [f"{label + RNG.random():.4f}" for label in labels],
}


@pytest.mark.parametrize("name", TELLING)
def test_a_column_that_tells_the_labels_is_named(name: str, prepare: Preparing) -> None:
    done = prepare({"a": NOISE, "code": TELLING[name](LABELS)}, list(NAMES[LABELS]))
    said = "preprocess: toy: 'code': this column alone tells 60 of 60 labels; if it was made from them, or numbers the"
    assert said in done.out
    assert "'a': this column" not in done.out
    assert done.remarks[0]["column"] == "code"
    assert "tells" not in prepare({"a": NOISE, "code": NOISE}, list(NAMES[LABELS])).out


def test_a_column_that_is_there_for_one_class_alone_is_named(prepare: Preparing) -> None:
    left = [f"2020-{row % 12 + 1:02}-{row % 28 + 1:02}" if row % 2 else "" for row in range(N_ROWS)]
    said = prepare({"a": NOISE, "left on": left}, ["ab"[row % 2] for row in range(N_ROWS)]).out
    assert "'left on': this column alone tells 60 of 60 labels" in said


def test_a_column_that_tells_nearly_all_is_named_with_how_many(prepare: Preparing) -> None:
    labels = np.arange(600) % 2
    code = labels.copy()
    code[[3, 100]] ^= 1
    said = prepare({"code": [str(each) for each in code]}, list(NAMES[labels])).out
    assert "'code': this column alone tells 598 of 600 labels" in said


@pytest.mark.parametrize("n_rows", [20, 2000])
def test_chance_names_no_column(n_rows: int) -> None:
    rng = np.random.default_rng(1)
    labels = (rng.random(n_rows) < 0.1).astype(np.int64)
    features = np.column_stack([rng.normal(size=(n_rows, 200)), rng.integers(0, n_rows // 3, (n_rows, 200))])
    assert list(find_telling(features, labels)) == []


def test_a_strong_column_is_not_named() -> None:
    labels = np.arange(2000) % 2
    values = labels * 4 + np.random.default_rng(2).normal(size=2000)
    assert count_wrong(values, labels) < 150
    assert list(find_telling(values[:, None], labels)) == []


def test_a_column_that_is_left_out_is_not_named(prepare: Preparing) -> None:
    table = {"a": NOISE, "code": [str(label) for label in LABELS]}
    assert "tells" not in prepare(table, list(NAMES[LABELS]), columns={"code": "leave_out"}).out


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits"])
def test_no_column_of_shipped_data_is_named(name: str) -> None:
    features, labels = getattr(datasets, f"load_{name}")(return_X_y=True)
    assert list(find_telling(features, labels)) == []


def test_no_column_of_real_tables_is_named(real_data: Path) -> None:
    paths = sorted((real_data / "tables").glob("*.csv"))
    if not paths:
        pytest.skip("REAL_DATA has no tables/")
    for path in paths:
        table = read_table(path)
        labels, _ = encode_labels(table)
        read = read_cells(table.drop(columns="label"), Settings())
        assert read.find_telling(labels) == [], path.name
        assert read.remarks() == [], path.name


def test_missing_cells_are_one_value() -> None:
    column = np.array([np.nan] * 5 + [1.0] * 5)
    assert count_wrong(column, np.repeat([0, 1], 5)) == 0
    assert count_wrong(pd.Series(column).fillna(1).to_numpy(), np.repeat([0, 1], 5)) == 5
