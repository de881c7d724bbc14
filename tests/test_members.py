"""Several models are averaged over the same folds, and what each of them adds is told."""

import os
import re
import signal
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, log_loss

from stages.crossval_predict.choice import choose_models, name_models, resolve_auto
from stages.crossval_predict.folds import gather
from stages.crossval_predict.folds.gather import average_members
from stages.crossval_predict.settings import SectionSettings
from stages.report.sections.curves import draw_curves
from stages.workers.keeping import KEEP_S
from tests.conftest import Clone
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
from tests.test_report import Page

SHARED: dict[str, Any] = {"batch_size": 16}
SHORT: dict[str, Any] = {"model": "cnn", "max_epochs": 1}
WIDE: dict[str, Any] = {"model": "wide_cnn", "max_epochs": 2, "train_shift": 1}
FOREST: dict[str, Any] = {"model": "sklearn.ensemble:RandomForestClassifier", "arguments": {"n_estimators": 9}}
LABELS = np.arange(120) % 2


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "data/toy/predictions" / name)


def test_the_average_is_of_what_each_gives_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels, content = make_digits(240)
    folds = np.column_stack([np.arange(240) % 3, np.arange(240) // 5 % 3])
    write_data(tmp_path, labels, content, folds=folds)
    alone, curves = [], []
    for member in (SHORT, WIDE, FOREST):
        keys = SHARED if member is not FOREST else {}
        alone.append(train(tmp_path, monkeypatch, **keys, **member))
        curves.append(read(tmp_path, "curves.csv"))
        assert not (tmp_path / "data/toy/predictions/members.csv").exists()
    assert train(tmp_path, monkeypatch, **SHARED, model=[SHORT]).tobytes() == alone[0].tobytes()
    assert "member" not in read(tmp_path, "curves.csv")
    together = train(tmp_path, monkeypatch, **SHARED, model=[SHORT, WIDE, FOREST])
    np.testing.assert_allclose(together, np.mean(alone, axis=0), rtol=1e-6)
    assert together.dtype == np.float32
    told = read(tmp_path, "members.csv").set_index("member")
    assert list(told.index) == ["cnn", "wide_cnn", FOREST["model"]]
    for number, name in enumerate(told.index):
        others = np.mean([probs for other, probs in enumerate(alone) if other != number], axis=0)
        for probs, without in ((alone[number], ""), (others, "_without")):
            assert told.loc[name, f"accuracy{without}"] == pytest.approx(accuracy_score(labels, probs.argmax(1)))
            assert told.loc[name, f"log_loss{without}"] == pytest.approx(log_loss(labels, probs), rel=1e-5)
    of_all = read(tmp_path, "curves.csv")
    assert list(of_all.columns)[:2] == ["member", "repeat"]
    for name, of_one in zip(("cnn", "wide_cnn"), curves, strict=False):
        pd.testing.assert_frame_equal(of_all[of_all["member"] == name].iloc[:, 1:].reset_index(drop=True), of_one)
    assert len(of_all) == 2 * 3 * (1 + 2)


def test_a_table_takes_several_estimators(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(size=(2, 120))
    write_data(tmp_path, LABELS, make_table({"a": LABELS + noise[0], "b": noise[1]}))
    weak = {"model": "logistic_regression", "arguments": {"C": 0.01}}
    write_params(tmp_path, model=["logistic_regression", weak, "gradient_boosting"])
    printed = finish(start_training(tmp_path))
    names = ["logistic_regression", "logistic_regression (arguments: {C: 0.01})", "gradient_boosting"]
    told = read(tmp_path, "members.csv")
    assert list(told["member"]) == names
    each = ", ".join(f"{name} {accuracy:.4f}" for name, accuracy in zip(names, told["accuracy"], strict=True))
    assert re.search(rf"accuracy 0\.\d{{4}} over 3 folds, the average of {re.escape(each)}$", printed.strip())
    curves = "member,repeat,fold,epoch,train_loss,valid_loss,valid_accuracy\n"
    assert (tmp_path / "data/toy/predictions/curves.csv").read_text() == curves


def test_a_member_that_was_finished_before_a_kill_is_not_trained_again(tmp_path: Path) -> None:
    labels, content = make_digits(240)
    write_data(tmp_path, labels, content)
    write_params(tmp_path, model=[SHORT, WIDE | {"max_epochs": 4}])
    process = start_training(tmp_path)
    assert process.stdout is not None
    assert any(line.startswith("training wide_cnn") for line in process.stdout)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    kept = sorted((tmp_path / "data/toy/kept").glob("*.npz"))
    assert len(kept) >= 3
    week_ago = time.time() - KEEP_S - 60
    for path in kept:
        os.utime(path, (week_ago, week_ago))
    printed = finish(start_training(tmp_path))
    assert "3 of 3 folds kept from an earlier run\ntraining cnn on cpu: 0 folds" in printed
    resumed = (tmp_path / "data/toy/predictions/pred_probs.npy").read_bytes()
    forget(tmp_path)
    assert "kept" not in finish(start_training(tmp_path, workers=2))
    assert (tmp_path / "data/toy/predictions/pred_probs.npy").read_bytes() == resumed


@pytest.mark.parametrize("block_bytes", [1, 100, 1 << 20])
def test_members_are_averaged_block_by_block(block_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "BLOCK_BYTES", block_bytes)
    drawn = np.random.default_rng(0).dirichlet(np.ones(4), (2, 50)).astype(np.float32)
    # what one is sure of and wrong must not be lost beside what the other says
    drawn[0, 0] = [1e-6, 1 - 1e-6, 0, 0]
    labels = np.arange(50) % 4
    labels[7:12] = -1
    mean = np.zeros((50, 4), np.float32)
    told = average_members(list(drawn), labels, mean)
    np.testing.assert_array_equal(mean, (drawn[0] + drawn[1]) / 2)
    known = labels >= 0
    for number, probs in enumerate(drawn[:, known]):
        row = told.iloc[number]
        assert row["accuracy"] == told["accuracy_without"][1 - number] == (probs.argmax(1) == labels[known]).mean()
        assert row["log_loss"] == told["log_loss_without"][1 - number] == pytest.approx(log_loss(labels[known], probs))


def test_the_report_tells_the_members_apart(clone: Clone) -> None:
    clone.set_param("crossval_predict", "model", [SHORT, WIDE])
    clone.set_param("split", "folds", 2)
    for stage in ("split", "crossval_predict", "report"):
        clone.stage(stage)
    told = pd.read_csv(clone.path("data/digits/predictions/members.csv"))
    page = Page(clone.path("reports/digits/index.html"))
    for member, *numbers in told.to_numpy().tolist():
        assert f"{member} {' '.join(f'{number:.4f}' for number in numbers)}" in page.text
    assert list(pd.read_csv(clone.path("reports/digits/plots/curves.csv"))["epoch"]) == [1, 2]
    curves = pd.read_csv(clone.path("data/digits/predictions/curves.csv"))
    figure = draw_curves(SimpleNamespace(curves=curves))  # type: ignore[arg-type]
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]  # type: ignore[union-attr]
    assert legend == [f"{name}, {part}" for name in ("cnn", "wide_cnn") for part in ("training", "held out")]


def test_a_models_name_is_its_own_where_no_other_has_it() -> None:
    models = ["auto", WIDE, {"model": "cnn", "arguments": {}, "lr": 0.02}]
    section = resolve_auto(SectionSettings.model_validate({"model": models}), lambda: ("cnn",))
    names = name_models(section, choose_models(section, "picture"))
    assert names == ["cnn", "wide_cnn", "cnn (arguments: {}, lr: 0.02)"]
