"""How steady the flags are is told from each repeat, or each of several models, by itself."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stages.artifacts.files import read_json
from stages.find_issues.confident import describe_rows
from stages.find_issues.judge import judge_rows
from stages.find_issues.settings import Settings
from stages.find_issues.steadiness import Steadiness, compare_runs
from stages.find_issues.votes import no_neighbours
from tests.conftest import ROOT, Clone
from tests.data_sets import make_table, train, write_data
from tests.kinds import make_kind
from tests.test_report import Page

WEAK: dict[str, Any] = {"model": "logistic_regression", "arguments": {"C": 0.01}}
N_ROWS = 120
LABELS = np.arange(N_ROWS) % 2
FOLDS = np.column_stack([np.arange(N_ROWS) % 3, np.arange(N_ROWS) // 5 % 3])


def write_noisy(folder: Path, **arrays: Any) -> None:
    noise = np.random.default_rng(0).normal(size=(2, N_ROWS))
    write_data(folder, LABELS, make_table({"a": LABELS + noise[0], "b": noise[1]}), **arrays)


def read_runs(folder: Path) -> np.ndarray:
    runs: np.ndarray = np.load(folder / "data/toy/predictions/pred_probs_by_run.npy")
    return runs


def test_each_repeat_is_kept_beside_their_mean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both, *alone = (tmp_path / name for name in ("both", "first", "second"))
    write_noisy(both, folds=FOLDS)
    mean = train(both, monkeypatch, model="logistic_regression")
    runs = read_runs(both)
    assert runs.shape == (2, N_ROWS, 2)
    assert runs.dtype == np.float32
    np.testing.assert_array_equal(mean, runs[0] / np.float32(2) + runs[1] / np.float32(2))
    for repeat, folder in enumerate(alone):
        write_noisy(folder, folds=FOLDS[:, [repeat]])
        np.testing.assert_array_equal(train(folder, monkeypatch, model="logistic_regression"), runs[repeat])
        assert not (folder / "data/toy/predictions/pred_probs_by_run.npy").exists()


def test_the_mean_of_many_repeats_is_no_more_than_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_data(tmp_path, LABELS, make_table({"a": 1e6 * LABELS}), folds=np.tile(FOLDS[:, [0]], 10))
    mean = train(tmp_path, monkeypatch, model="sklearn.tree:DecisionTreeClassifier")
    assert mean.max() == 1
    assert read_runs(tmp_path).max() == 1


def test_each_model_is_kept_if_there_is_one_repeat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_noisy(tmp_path)
    alone = [train(tmp_path, monkeypatch, model=[model]) for model in ("logistic_regression", WEAK)]
    train(tmp_path, monkeypatch, model=["logistic_regression", WEAK])
    np.testing.assert_array_equal(read_runs(tmp_path), alone)
    assert not list((tmp_path / "data/toy/predictions").glob("member-*"))


def test_a_repeat_of_several_models_is_their_mean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_noisy(tmp_path, folds=FOLDS)
    alone = []
    for model in ("logistic_regression", WEAK):
        train(tmp_path, monkeypatch, model=[model])
        alone.append(read_runs(tmp_path))
    mean = train(tmp_path, monkeypatch, model=["logistic_regression", WEAK])
    np.testing.assert_allclose(read_runs(tmp_path), np.mean(alone, axis=0), rtol=1e-6)
    np.testing.assert_allclose(read_runs(tmp_path).mean(axis=0), mean, rtol=1e-6)
    assert not list((tmp_path / "data/toy/predictions").glob("member-*"))


def test_each_run_is_judged_by_itself(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 4
    runs = (0.5 * rng.dirichlet(np.ones(4), (3, 200)) + 0.5 * np.eye(4)[labels]).astype(np.float32)
    np.save(tmp_path / "pred_probs_by_run.npy", runs)
    trained, decided = np.where(np.arange(200) < 5, -1, labels), np.arange(200) % 10 == 7
    order, settings = np.arange(200)[::-1], Settings(flag="budget", budget=20)
    alone, nothing = no_neighbours(200), np.full(200, np.nan)
    found = compare_runs(tmp_path, labels, trained, decided, order, settings, alone, nothing)
    for run, flags in zip(runs, found.flags, strict=True):
        judged = judge_rows(trained, run, describe_rows(labels, run), decided, order, settings)
        assert set(np.flatnonzero(flags)) == set(judged.kept[judged.flagged])
    assert found.flags.sum(axis=1).tolist() == [20, 20, 20]
    assert not found.flags[:, (trained < 0) | decided].any()


def test_steadiness_is_the_mean_jaccard_of_the_pairs(tmp_path: Path) -> None:
    found = Steadiness(np.array([[1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0]], dtype=bool))
    assert found.jaccard == pytest.approx((2 / 3 + 1 / 2 + 1 / 3) / 3)
    assert found.count_of(np.array([3, 0, 1])) == ["0 of 3", "3 of 3", "2 of 3"]
    assert Steadiness(np.zeros((2, 4), dtype=bool)).jaccard == 1
    none = compare_runs(tmp_path, *(np.zeros(4, dtype=int),) * 4, Settings(), no_neighbours(4), np.full(4, np.nan))
    assert none.describe() == {"runs": 1, "jaccard": None}


def test_the_report_says_how_steady_the_flags_are(tmp_path: Path) -> None:
    clone = Clone(make_kind(tmp_path, "text"))
    data = clone.path("data/digits")
    mean = np.load(data / "predictions/pred_probs.npy")
    given = np.load(data / "training/labels.npy")
    doubting = mean.copy()
    # in the second run the first of the five wrong labels looks right
    doubting[0] = np.where(np.arange(mean.shape[1]) == given[0], 0.96, 0.02)
    np.save(data / "predictions/pred_probs_by_run.npy", np.stack([mean, doubting]))
    np.save(data / "predictions/folds.npy", np.zeros((len(given), 2), dtype=int))
    clone.set_param("find_issues", "flag", "disagree")
    report(clone)
    assert read_json(data / "quality/steadiness.json") == {"runs": 2, "jaccard": 0.8}
    issues = pd.read_csv(data / "issues.csv").set_index("id")
    assert issues["flagged_runs"].head(6).to_dict() == {
        f"row-{row}": said for row, said in enumerate(["1 of 2", *["2 of 2"] * 4, "0 of 2"])
    }
    assert json.loads(clone.path("reports/digits/metrics.json").read_text())["flag_steadiness"] == 0.8
    page = Page(clone.path("reports/digits/index.html"))
    assert "any two of the 2 repeats, each by itself, share 80 % of the rows that they flag" in page.text
    assert page.text.count("flagged in 2 of 2 repeats") == 4
    assert page.text.count("flagged in ") == 5


def test_with_one_repeat_the_report_says_that_nothing_is_known(tmp_path: Path) -> None:
    clone = Clone(make_kind(tmp_path, "text"))
    data = clone.path("data/digits")
    (data / "predictions/made_on.json").write_text('{"processor": "a", "devices": ["cpu"]}')
    report(clone)
    assert read_json(data / "quality/steadiness.json") == {"runs": 1, "jaccard": None}
    assert "flagged_runs" not in pd.read_csv(data / "issues.csv")
    assert json.loads(clone.path("reports/digits/metrics.json").read_text())["flag_steadiness"] is None
    page = Page(clone.path("reports/digits/index.html"))
    assert "One repeat: whether these flags are steady is not known. Set split.repeats to 3 to see." in page.text


def report(clone: Clone) -> None:
    for stage in ("find_issues", "clean", "certify", "report"):
        clone.stage(stage, PYTHONPATH=str(ROOT))
