"""Probabilities from elsewhere take the place of training, when they are those of these rows and classes."""

import html
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from stages.command.errors import InputError
from stages.crossval_predict.__main__ import main
from stages.crossval_predict.external import read_pred_probs
from stages.crossval_predict.folds.gather import compare_with_guessing
from tests.conftest import Clone
from tests.data_sets import write_data, write_params

IDS = pd.Series(["b/1", "7", "007"])
CLASSES = ["cat", "dog, small"]
PROBS = np.array([[0.25, 0.75], [1, 0], [0.5, 0.5]])


def table(**changed: Any) -> pd.DataFrame:
    return pd.DataFrame({"dog, small": PROBS[:, 1], "id": IDS, "cat": PROBS[:, 0]}).assign(**changed)


def test_an_array_is_in_the_order_of_the_rows(tmp_path: Path) -> None:
    np.save(tmp_path / "probs.npy", PROBS)
    read = read_pred_probs(str(tmp_path / "probs.npy"), IDS, CLASSES)
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, PROBS)


def test_a_table_is_put_in_order_by_its_ids_and_columns(tmp_path: Path) -> None:
    table().iloc[[2, 0, 1]].to_csv(tmp_path / "probs.csv", index=False)
    np.testing.assert_array_equal(read_pred_probs(str(tmp_path / "probs.csv"), IDS, CLASSES), PROBS)


def test_what_rounding_did_to_the_sums_is_mended(tmp_path: Path) -> None:
    np.save(tmp_path / "probs.npy", PROBS * 0.999)
    np.testing.assert_allclose(read_pred_probs(str(tmp_path / "probs.npy"), IDS, CLASSES), PROBS, rtol=1e-6)


ARRAYS = [
    (PROBS[:2], r"holds float64 of shape \(2, 2\); there must be a number for each of 3 rows and 2 classes"),
    (PROBS.astype(str), r"holds <U32 of shape \(3, 2\); there must be a number"),
    (PROBS * 2, r"3 row\(s\) are not probabilities from 0 to 1 that sum to 1 \(id b/1, 7, 007\)"),
    (PROBS - [[0, 0], [0, 0], [1, -1]], r"1 row\(s\) are not probabilities.* \(id 007\)"),
    (np.where(PROBS == 1, np.nan, PROBS), r"1 row\(s\) are not probabilities.* \(id 7\)"),
]


@pytest.mark.parametrize(("array", "message"), ARRAYS)
def test_an_array_that_does_not_fit_is_named(tmp_path: Path, array: np.ndarray, message: str) -> None:
    np.save(tmp_path / "probs.npy", array)
    with pytest.raises(InputError, match=message):
        read_pred_probs(str(tmp_path / "probs.npy"), IDS, CLASSES)


TABLES = [
    (table(horse=0), "there must be a column id and one for each class; wrong or missing: horse"),
    (table().drop(columns="cat"), "wrong or missing: cat"),
    (table().rename(columns={"id": "row"}), "wrong or missing: id, row"),
    (table(id=["b/1", "7", "7"]), r"1 id\(s\) named twice: 7"),
    (table(id=["b/1", "7", "8"]), r"1 id\(s\) not in the data set: 8"),
    (table().head(2), r"1 id\(s\) missing: 007"),
    (table(cat="much"), "holds object of shape"),
]


@pytest.mark.parametrize(("frame", "message"), TABLES)
def test_a_table_that_does_not_fit_is_named(tmp_path: Path, frame: pd.DataFrame, message: str) -> None:
    frame.to_csv(tmp_path / "probs.csv", index=False)
    with pytest.raises(InputError, match=message):
        read_pred_probs(str(tmp_path / "probs.csv"), IDS, CLASSES)


FILES = [
    ("probs.txt", b"x", "must end in .npy, .csv or .parquet"),
    ("probs.csv", None, "probs.csv is not there"),
    ("probs.csv", b"", "cannot be read"),
    ("probs.npy", b"x", "cannot be read"),
]


@pytest.mark.parametrize(("name", "content", "message"), FILES)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_pred_probs(str(tmp_path / name), IDS, CLASSES)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([1, 1, 0, 0], ""),
        ([1, 1, 1, 0], ", no better than guessing the commonest class (0.75)"),
        ([0, 0, 1, 0], ", no better than guessing the commonest class (0.75)"),
        ([1, 1, 0, -1], ""),
        ([1, 1, -1, -1], ", no better than guessing the commonest class (1.00)"),
        ([-1, -1, -1, -1], ""),
    ],
)
@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:invalid value")
def test_what_is_no_better_than_guessing_is_said(labels: list[int], said: str) -> None:
    likeliest = np.eye(2)[[1, 1, 0, 0]]
    assert compare_with_guessing(likeliest, np.array(labels)) == said


def test_the_stage_says_so_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_data(tmp_path, [1, 1, 1, 0], {"texts": list("abcd")})
    pd.DataFrame({"id": range(4)}).to_csv(tmp_path / "data/toy/prepared/ids.csv", index=False)
    np.save(tmp_path / "p.npy", np.eye(2)[[1, 1, 0, 0]])
    write_params(tmp_path, pred_probs="p.npy")
    monkeypatch.chdir(tmp_path)
    said = "0.7500, from p.npy, no better than guessing the commonest class (0.75); nothing was trained"
    assert main("toy") == f"out-of-sample accuracy {said}"


def test_the_pipeline_trains_nothing_then(clone: Clone) -> None:
    folder = clone.path("data/digits")
    probs = pd.DataFrame(np.load(folder / "predictions/pred_probs.npy"), columns=list("0123456789"))
    probs.insert(0, "id", range(1797))
    probs.sample(frac=1, random_state=0).to_csv(clone.path("probs.csv"), index=False)
    trained = pd.read_csv(folder / "issues.csv")
    accuracy = json.loads(clone.path("reports/digits/metrics.json").read_text())["accuracy"]
    params = yaml.safe_load(clone.path("params.yaml").read_text())
    params["digits"] |= {"split": {"folds": 0}, "crossval_predict": {"pred_probs": "probs.csv"}}
    clone.path("params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    printed = clone.repro()
    assert f"out-of-sample accuracy {accuracy:.4f}, from probs.csv; nothing was trained" in printed
    taken = pd.read_csv(folder / "issues.csv")
    assert list(taken["id"]) == list(trained["id"])
    np.testing.assert_allclose(taken["label_quality"], trained["label_quality"], rtol=1e-4)
    page = html.unescape(clone.path("reports/digits/index.html").read_text())
    assert "Training curves" not in page
    assert not clone.path("reports/digits/figures/curves.png").exists()
