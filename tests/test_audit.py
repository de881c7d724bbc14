"""Labels flipped on purpose, and what the audit says of how well they are found."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.artifacts.quality import read_quality
from stages.audit.__main__ import describe
from stages.audit.curve import tabulate_curve
from stages.audit.measure import measure_detection
from stages.find_issues.settings import Settings
from stages.flip.__main__ import SUSPECT
from stages.flip.noise import KINDS, MOST_OF_A_CLASS, Kind, flip_labels
from tests.conftest import Clone
from tests.data_sets import make_neighbours
from tests.test_report import Page

PARTS = st.lists(st.integers(8, 60), min_size=2, max_size=12)


@settings(deadline=None, max_examples=60)
@given(PARTS, st.sampled_from(KINDS), st.sampled_from([0.03, 0.05, 0.1, 0.2]), st.integers(0, 1000))
def test_as_many_as_asked_for_get_another_label(sizes: list[int], kind: Kind, share: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    pred_probs = np.random.default_rng(seed).dirichlet(np.ones(len(sizes)), len(labels)).astype(np.float32)
    noisy, flipped = flip_labels(labels, kind, share, seed, pred_probs)
    assert flipped.sum() == round(share * len(labels))
    np.testing.assert_array_equal(noisy != labels, flipped)
    assert set(noisy) <= set(labels)
    np.testing.assert_array_equal(flip_labels(labels, kind, share, seed, pred_probs)[0], noisy)


def test_each_kind_of_noise_is_what_it_is_called() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 20_000)
    pred_probs = rng.dirichlet(np.ones(10), len(labels)).astype(np.float32)
    flips = {}
    for kind in KINDS:
        noisy, flipped = flip_labels(labels, kind, 0.1, 0, pred_probs)
        flips[kind] = np.zeros((10, 10), dtype=int)
        np.add.at(flips[kind], (noisy[flipped], labels[flipped]), 1)
    assert np.count_nonzero(flips["uniform"]) == 90
    # half of the classes, each taken for one other, and none for more of its rows than can be told from the truth
    assert np.count_nonzero(flips["class_dependent"]) == 5
    assert (flips["class_dependent"].sum(axis=0) <= MOST_OF_A_CLASS * np.bincount(labels)).all()
    others = pred_probs.copy()
    others[np.arange(len(labels)), labels] = -1
    np.testing.assert_array_equal(noisy[flipped], others.argmax(axis=1)[flipped])
    given_prob = pred_probs[np.arange(len(labels)), labels]
    hard = given_prob < np.median(given_prob)
    assert (flipped & hard).sum() / flipped.sum() == pytest.approx(0.75, abs=0.02)


def test_a_perfect_detector_is_measured_as_one() -> None:
    true = np.arange(200) % 4
    labels, flipped = np.where(np.arange(200) < 20, (true + 1) % 4, true), np.arange(200) < 20
    pred_probs = np.full((200, 4), 0.01, np.float32) + 0.96 * np.eye(4, dtype=np.float32)[true]
    measured, _ = measure_detection(labels, pred_probs, flipped, Settings(), neighbours=make_neighbours(true))
    assert measured["scores"]["self_confidence"] == {"average_precision": 1, "precision_at_flips": 1}
    assert measured["flags"]["yield"] == {"flagged": 20, "precision": 1, "recall": 1}
    assert measured["yield"]["found"] == 20
    # that it is perfect is not known, so that a little less is expected
    assert measured["yield"]["expected"] == pytest.approx(18, rel=0.15)
    assert measured["yield"]["low"] <= 20 <= measured["yield"]["high"]


def test_rows_that_do_not_count_are_neither_found_nor_false_alarms() -> None:
    true = np.arange(200) % 4
    wrong, flipped = np.arange(200) < 20, (np.arange(200) >= 20) & (np.arange(200) < 30)
    labels = np.where(wrong | flipped, (true + 1) % 4, true)
    pred_probs = np.full((200, 4), 0.01, np.float32) + 0.96 * np.eye(4, dtype=np.float32)[true]
    alike = make_neighbours(true)
    measured, judged = measure_detection(labels, pred_probs, flipped, Settings(), ~wrong, alike)
    assert measured["flags"]["yield"] == {"flagged": 10, "precision": 1, "recall": 1}
    # a model that contradicts 15 % of all labels is taken for weak
    assert 5 < measured["yield"]["expected"] < 10
    assert measured["yield"]["low"] <= 10 <= measured["yield"]["high"]
    assert set(judged.kept[judged.ranked[:10]]) == set(np.flatnonzero(flipped))
    counting_all, _ = measure_detection(labels, pred_probs, flipped, Settings(), neighbours=alike)
    assert counting_all["flags"]["yield"]["precision"] == pytest.approx(1 / 3)


@pytest.mark.parametrize("n_rows", [30, 200])
def test_of_a_worthless_model_nothing_is_expected(n_rows: int) -> None:
    rng = np.random.default_rng(0)
    labels, flipped = rng.integers(0, 2, n_rows), np.arange(n_rows) < 5
    pred_probs = rng.dirichlet(np.ones(2), n_rows).astype(np.float32)
    measured, judged = measure_detection(labels, pred_probs, flipped, Settings())
    assert list(measured["yield"]) == ["found"]
    curve = tabulate_curve(flipped, judged)
    assert curve[["expected", "low", "high"]].isna().all(axis=None)
    assert curve["found"].iloc[-1] <= 5
    about = {"rows": n_rows, "flipped": 5, "noise": "uniform", "rank_by": "noise_posterior", "flag": "yield"}
    assert f"of the worst 5 rows, {measured['yield']['found']} are flips" in describe({**about, **measured})


def set_audited(clone: Clone, audited: object) -> None:
    params = yaml.safe_load(clone.path("params.yaml").read_text())
    params["digits"]["split"]["repeats"] = 1
    params["digits"]["crossval_predict"]["max_epochs"] = 3
    params["audited"] = audited
    clone.path("params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))


def test_the_digits_are_audited_where_they_are_listed(clone: Clone) -> None:
    assert json.loads(clone.path("reports/digits/audit.json").read_text()) == {}
    assert clone.path("data/digits/audited/curve.csv").read_text() == "rows,expected,low,high,found\n"
    labels = clone.path("data/digits/prepared/labels.npy").read_bytes()
    set_audited(clone, [{"digits": {"noise": "class_dependent", "share": 0.1}}, "mnist"])
    printed = clone.repro("--single-item", "check@digits", "flip@digits", "audit@digits")
    assert printed.index("flip: digits: 180 labels flipped on purpose") < printed.index("fold 1 of 5")
    assert "audit: digits: 180 of 1,797 labels flipped (class-dependent): average precision 0." in printed
    audit = json.loads(clone.path("reports/digits/audit.json").read_text())
    assert (
        audit["scores"]["noise_posterior"]["average_precision"]
        > audit["scores"]["self_confidence"]["average_precision"]
    )
    assert audit["flags"]["yield"]["recall"] > audit["flags"]["budget"]["recall"]
    assert audit["yield"]["low"] <= audit["yield"]["expected"] <= audit["yield"]["high"]
    assert clone.path("data/digits/prepared/labels.npy").read_bytes() == labels
    curve = pd.read_csv(clone.path("data/digits/audited/curve.csv"))
    assert (list(curve.iloc[0]), curve["rows"].iloc[-1]) == ([0] * 5, 450)
    assert curve.set_index("rows")["found"].at[180] == pytest.approx(audit["yield"]["found"], abs=2)
    assert "reports/digits/audit.json" in clone.run("dvc", "metrics", "show")
    assert "Add digits to the list audited" in Page(clone.path("reports/digits/index.html")).text
    clone.stage("report")
    report = Page(clone.path("reports/digits/index.html"))
    assert "Errors expected among the worst rows, and flips found there" in report.pictures
    assert clone.path("reports/digits/figures/audit.png").exists()
    assert "180 of the 1,797 labels were flipped on purpose (class-dependent noise, seed 0)" in report.text
    precision = audit["scores"]["noise_posterior"]["average_precision"]
    assert f"Average precision {precision:.3f} of the ranking" in report.text
    assert "of 10 % that a budget of 18 rows could hold Flags that are flips" in report.text
    assert f"noise posterior {precision:.3f} " in report.text
    assert f"budget 18 {100 * audit['flags']['budget']['precision']:.1f} % " in report.text


def test_a_changed_message_trains_no_fold_and_a_changed_network_trains_all(clone: Clone) -> None:
    set_audited(clone, ["digits"])
    clone.set_param("crossval_predict", "max_epochs", 1)
    clone.set_param("split", "folds", 2)
    kept = len(list(clone.path("data/digits/kept").glob("*.npz")))
    targets = ("find_issues@digits", "audit@digits")
    clone.repro(*targets)
    # the audit's folds are kept beside those of the data set
    assert len(list(clone.path("data/digits/kept").glob("*.npz"))) == kept + 4
    names = ("predictions/pred_probs.npy", "predictions/curves.csv", "flipped/pred_probs.npy", "issues.csv")
    before = [clone.path(f"data/digits/{name}").read_bytes() for name in names]
    message = clone.path("stages/workers/progress.py")
    message.write_text(message.read_text().replace("{minutes} min", "{minutes} minutes"))
    printed = clone.repro(*targets)
    assert "2 of 2 folds kept from an earlier run" in printed
    assert "trained in" not in printed
    printed = clone.run(sys.executable, "-m", "stages.flip", "digits")
    assert "2 of 2 folds kept from an earlier run" in printed
    assert "trained in" not in printed
    assert [clone.path(f"data/digits/{name}").read_bytes() for name in names] == before
    network = clone.path("stages/crossval_predict/models/networks/cnn.py")
    network.write_text(network.read_text().replace("nn.Conv2d(24, 48, 3", "nn.Conv2d(24, 40, 3").replace(
        "pool_normalise(48", "pool_normalise(40").replace("nn.Conv2d(48, 32", "nn.Conv2d(40, 32"))  # fmt: skip
    printed = clone.repro(*targets)
    assert printed.count("trained in") == 4
    assert "kept from an earlier run" not in printed


@pytest.mark.parametrize(
    ("audited", "message"),
    [
        ("digits", "params.yaml: audited: must be a list of data sets such as [digits], not 'digits'"),
        ([3], "params.yaml: audited: must hold names of data sets, not 3"),
        (
            ["digits", "mnits"],
            "params.yaml: audited: no block for the data set 'mnits' (did you mean 'mnist'?); there are:",
        ),
        ([{"digits": {"share": 5}}], "params.yaml: audited.digits.share: 5 is not allowed: give the share of labels"),
        ([{"digits": {"share": 0.4}}], "audited.digits.share: 0.4 is not allowed: give the share of labels to flip"),
        ([{"digits": {"shares": 0.1}}], "audited.digits.shares: unknown key (did you mean 'share'?); allowed: noise,"),
        ([{"digits": {"noise": "some"}}], "audited.digits.noise: 'some' is not allowed: input should be 'uniform',"),
        ([{"digits": {"share": 0.0001}}], "audited.digits.share: 0.0001 of {kept} rows is none; raise it"),
        ([{"digits": 0.1}], "params.yaml: audited.digits: must hold keys and values, not 0.1"),
    ],
)
def test_a_mistake_is_named_and_nothing_touched(clone: Clone, audited: object, message: str) -> None:
    before = clone.path("data/digits/flipped/about.json").read_bytes()
    set_audited(clone, audited)
    printed = clone.stage("flip", code=2)
    assert len(printed.splitlines()) == 1
    # rows whose labels are probably wrong are not flipped
    kept = (read_quality(clone.path("data/digits"))["error_prob"] < SUSPECT).sum()
    assert message.replace("{kept}", str(kept)) in printed
    assert clone.path("data/digits/flipped/about.json").read_bytes() == before
