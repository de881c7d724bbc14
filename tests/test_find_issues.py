"""Flags and ranks are cleanlab's, in an order that ties do not shake."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cleanlab.count import compute_confident_joint
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from hypothesis import given, settings
from hypothesis import strategies as st

import stages.find_issues.blocks as blocks
from benchmarks.large_inputs import make_large, run_stage
from stages.artifacts.files import write_table
from stages.artifacts.issues import read_flagged
from stages.artifacts.quality import read_quality
from stages.audit.measure import measure_detection
from stages.command.errors import InputError
from stages.command.modules import list_names, load
from stages.command.params import read_section
from stages.find_issues import rules, scores
from stages.find_issues.blocks import PredProbs, split_rows
from stages.find_issues.confident import describe_rows
from stages.find_issues.judge import LISTED, Judged, judge_rows
from stages.find_issues.registry import list_audited
from stages.find_issues.rules.budget import count_rows
from stages.find_issues.settings import Settings
from stages.find_issues.tables import tabulate_rows
from tests.conftest import ROOT, Clone

# cleanlab's names for those that have plainer ones here
CLEANLAB = {"noise_rate": "prune_by_noise_rate", "disagree": "predicted_neq_given"}
FILTERS = [name for name in list_names(rules) if name not in ("yield", "budget")]
SCORES = [name for name in list_names(scores) if name != "noise_posterior"]


def judge(labels: np.ndarray, pred_probs: np.ndarray | PredProbs, settings: Settings) -> Judged:
    rows = describe_rows(labels, pred_probs)
    return judge_rows(labels, pred_probs, rows, np.zeros(len(labels), dtype=bool), np.arange(len(labels)), settings)


def flag(labels: np.ndarray, pred_probs: np.ndarray | PredProbs, settings: Settings) -> np.ndarray:
    judged = judge(labels, pred_probs, settings)
    flagged: np.ndarray = judged.ranked[judged.flagged[judged.ranked]]
    return flagged


@pytest.fixture(scope="module")
def noisy() -> tuple[np.ndarray, np.ndarray]:
    """Labels of 600 rows in 4 classes, 30 of them flipped, and probabilities that mostly know the true ones."""
    rng = np.random.default_rng(3)
    true = rng.integers(0, 4, 600)
    pred_probs = rng.dirichlet(np.full(4, 0.3), 600) * 0.4 + 0.6 * np.eye(4)[true]
    flipped = rng.choice(600, 30, replace=False)
    labels = true.copy()
    labels[flipped] = (labels[flipped] + 1) % 4
    return labels, pred_probs.astype(np.float32)


@pytest.mark.parametrize("filter_by", FILTERS)
@pytest.mark.parametrize("rank_by", SCORES)
def test_flags_and_their_order_are_cleanlabs(
    noisy: tuple[np.ndarray, np.ndarray], filter_by: str, rank_by: str
) -> None:
    labels, pred_probs = noisy
    flagged = flag(labels, pred_probs, Settings(flag=filter_by, rank_by=rank_by))
    named = CLEANLAB.get(filter_by, filter_by)
    expected = find_label_issues(labels, pred_probs, filter_by=named, return_indices_ranked_by=rank_by, n_jobs=1)
    assert list(flagged) == list(expected)
    assert len(flagged) > 0


def test_the_files_are_all_there_is_to_a_score_and_a_rule() -> None:
    for package, function in ((scores, "score"), (rules, "flag")):
        for name in list_names(package):
            module = load(package, name)
            assert callable(getattr(module, function)), name
            assert module.AUDIT_PLACE is None or module.AUDIT_PLACE > 0, name
    assert list_audited(scores)[0] == Settings().rank_by


def test_settings_are_read_without_cleanlab() -> None:
    code = "import sys, stages.find_issues.settings as s; s.Settings(flag='both'); assert 'cleanlab' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


TOY_SCORE = '''"""Ranks the rows in the order in which they come."""
import numpy as np
AUDIT_PLACE = 9
def score(evidence):
    return np.linspace(0, 1, len(evidence.labels))
'''
TOY_RULE = '''"""Flags the first rows of the ranking."""
import numpy as np
AUDIT_PLACE = 9
def flag(evidence, ranking, settings):
    return np.isin(np.arange(len(evidence.labels)), ranking.order[:7])
'''


@pytest.mark.usefixtures("workplace")
def test_a_score_and_a_rule_are_one_file_each(
    noisy: tuple[np.ndarray, np.ndarray],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    edit_params: Callable[..., None],
) -> None:
    for package, name, text in ((scores, "toy_score", TOY_SCORE), (rules, "toy_rule", TOY_RULE)):
        folder = tmp_path / package.__name__
        folder.mkdir()
        (folder / f"{name}.py").write_text(text)
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
        monkeypatch.delitem(sys.modules, f"{package.__name__}.{name}", raising=False)
    for key, value in (("rank_by", "toy_scor"), ("flag", "toy_rul")):
        edit_params("find_issues", key, value)
    with pytest.raises(InputError) as caught:
        read_section("digits", "find_issues", Settings)
    assert re.findall(r"did you mean '(\w+)'", str(caught.value)) == ["toy_score", "toy_rule"]
    settings = Settings(rank_by="toy_score", flag="toy_rule")
    labels, pred_probs = noisy
    assert list(flag(labels, pred_probs, settings)) == list(range(7))
    measured, _ = measure_detection(labels, pred_probs, np.arange(600) < 30, settings)
    assert (list(measured["scores"])[-1], next(iter(measured["flags"]))) == ("toy_score", "toy_rule")
    assert measured["scores"]["toy_score"]["average_precision"] == pytest.approx(1)
    assert list(measure_detection(labels, pred_probs, np.arange(600) < 30, Settings())[0]["flags"])[-1] == "toy_rule"


@st.composite
def labelled_probabilities(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw labels of up to 12 classes, some of one row, and probabilities, some of them equal and some saturated."""
    n_classes = draw(st.integers(2, 12))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    extra = rng.integers(0, draw(st.integers(1, n_classes)), draw(st.integers(0, 200)))
    labels = rng.permutation(np.concatenate([np.arange(n_classes), extra]))
    pred_probs = rng.dirichlet(np.full(n_classes, draw(st.sampled_from([0.05, 0.5, 5]))), len(labels))
    pred_probs = pred_probs * 0.6 + 0.4 * np.eye(n_classes)[labels] * rng.integers(0, 2, (len(labels), 1))
    if draw(st.booleans()):
        pred_probs = pred_probs.round(1) + 0.01
    return labels, (pred_probs / pred_probs.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.filterwarnings("ignore:May not flag all label issues")
@settings(deadline=None, max_examples=50)
@given(labelled_probabilities(), st.sampled_from(FILTERS), st.sampled_from(SCORES))
def test_in_blocks_every_figure_is_cleanlabs(
    drawn: tuple[np.ndarray, np.ndarray], filter_by: str, rank_by: str
) -> None:
    labels, pred_probs = drawn
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", 100 * pred_probs.shape[1])
        judged = judge(labels, pred_probs, Settings(flag=filter_by, rank_by=rank_by))
    np.testing.assert_array_equal(judged.scores, get_label_quality_scores(labels, pred_probs, method=rank_by))
    np.testing.assert_array_equal(judged.rows.suggested, pred_probs.argmax(axis=1))
    np.testing.assert_array_equal(judged.joint, compute_confident_joint(labels, pred_probs))
    expected = find_label_issues(labels, pred_probs, filter_by=CLEANLAB.get(filter_by, filter_by), n_jobs=1)
    np.testing.assert_array_equal(judged.flagged, expected)


@given(st.integers(1, 300), st.integers(1, 50), st.integers(4, 4000))
def test_blocks_hold_every_row_once_and_no_more_than_they_may(n_rows: int, n_classes: int, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", size)
        parts = [range(n_rows)[rows] for rows in split_rows((n_rows, n_classes))]
    assert [row for part in parts for row in part] == list(range(n_rows))
    assert all(len(part) == 1 or 4 * n_classes * len(part) <= size for part in parts)


def test_probabilities_of_other_rows_are_named(clone: Clone) -> None:
    path = clone.path("data/digits/predictions/pred_probs.npy")
    pred_probs = np.load(path)
    path.unlink()
    np.save(path, pred_probs[:-1])
    printed = clone.stage("find_issues", code=2)
    assert "pred_probs.npy: has shape (1796, 10), but there are 1797 labels of 10 classes; run `dvc repro`" in printed


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell a process its memory")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    # both are larger than a block
    n_classes, peaks = 1000, []
    for n_rows in (18_000, 36_000):
        folder = tmp_path / str(n_rows)
        make_large(folder / "data" / "large", n_rows, n_classes)
        peaks.append(run_stage(folder))
    assert peaks[1] - peaks[0] < 4 * 18_000 * n_classes / 2


def test_equal_scores_stay_in_the_order_of_rows() -> None:
    flagged = flag(np.arange(600) % 4, np.full((600, 4), 0.25, np.float32), Settings(flag="budget", budget=50))
    assert list(flagged) == list(range(50))


def test_the_order_of_ids_decides_between_equal_scores(tmp_path: Path) -> None:
    np.save(tmp_path / "pred_probs.npy", np.full((600, 4), 0.25, np.float32))
    pred_probs, labels, order = PredProbs(tmp_path / "pred_probs.npy"), np.arange(600) % 4, np.arange(600)[::-1]
    labels[590:] = -1
    rows = describe_rows(np.abs(labels), pred_probs)
    settings = Settings(flag="budget", budget=50)
    judged = judge_rows(labels, pred_probs, rows, np.zeros(600, dtype=bool), order, settings)
    assert list(judged.kept[judged.list_rows()]) == list(range(589, 289, -1))
    assert list(judged.kept[judged.flagged]) == list(range(589, 539, -1))
    # those that are left out rank last
    assert list(np.argsort(judged.rank_rows(order))) == [*range(589, -1, -1), *range(599, 589, -1)]


def test_confirmed_rows_rank_after_all_that_may_be_flagged() -> None:
    labels, pred_probs = np.zeros(4, np.int64), np.array([[0.4, 0.6], [0.1, 0.9], [0.2, 0.8], [0.3, 0.7]], np.float32)
    rows, decided = describe_rows(labels, pred_probs), np.array([True, True, False, False])
    judged = judge_rows(labels, pred_probs, rows, decided, np.arange(4), Settings(flag="disagree"))
    assert judged.rank_rows(np.arange(4)).tolist() == [4, 3, 1, 2]


def test_rows_rank_as_before_their_quality_is_rounded(tmp_path: Path) -> None:
    given_prob = 0.5 - np.arange(300, dtype=np.float32) * np.float32(1e-7)
    pred_probs, labels = np.stack([given_prob, 1 - given_prob], axis=1), np.zeros(300, np.int64)
    rows, order = describe_rows(labels, pred_probs), np.arange(300)
    judged = judge_rows(labels, pred_probs, rows, np.zeros(300, dtype=bool), order, Settings(rank_by="self_confidence"))
    ids = pd.Series(order).astype(str)
    (tmp_path / "quality").mkdir()
    quality = tabulate_rows(ids, labels, labels, rows, judged, order, ["a", "b"])
    write_table(tmp_path / "quality/label_quality.csv", quality)
    read = read_quality(tmp_path)
    assert read["label_quality"].nunique() < 300
    assert read["rank"].tolist() == list(range(300, 0, -1))


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_a_budget_in_rows_is_kept_or_refused(budget: int, n_rows: int) -> None:
    if budget <= n_rows:
        assert count_rows(budget, n_rows) == budget
    else:
        with pytest.raises(InputError, match=r"find_issues.budget: [\d,]+ is more than the [\d,]+ rows; lower it"):
            count_rows(budget, n_rows)


@pytest.mark.parametrize(
    ("budget", "n_rows", "rows"),
    [("7%", 100, 7), ("7 %", 100, 7), ("2%", 70000, 1400), ("0.1%", 70, 1), ("100%", 9, 9), ("33.4%", 3, 2)],
)
def test_a_budget_in_percent_is_rounded_up_to_rows(budget: str, n_rows: int, rows: int) -> None:
    assert count_rows(budget, n_rows) == rows


def test_every_row_is_described() -> None:
    pred_probs = np.array([[0.7, 0.3], [0.2, 0.8]])
    given, trained = np.array([1, 1]), np.array([1, -1])
    rows = describe_rows(given, pred_probs)
    judged = judge_rows(trained, pred_probs, rows, np.zeros(2, dtype=bool), np.arange(2), Settings())
    quality = tabulate_rows(pd.Series(["x", "y"]), given, trained, rows, judged, np.arange(2), ["no", "yes"])
    # one row proves nothing of the model, so nothing is expected; a row that is not judged looks good
    prior, unknown = judged.prior[0], pytest.approx(np.nan, nan_ok=True)
    assert 0 < prior < 0.1
    assert quality.to_numpy().tolist() == [
        ["x", "yes", "yes", "no", 0.3, 0.3, 0.7, unknown, prior, 1],
        ["y", "yes", "", "yes", 1, 0.8, 0.8, 0, 0, 2],
    ]
    assert list(quality) == [
        "id",
        "given_label",
        "judged_label",
        "suggested_label",
        "label_quality",
        "given_prob",
        "suggested_prob",
        "error_prob",
        "prior_error_prob",
        "rank",
    ]


def test_the_stage_leaves_figures_that_agree(shared_clone: Clone) -> None:
    folder = shared_clone.path("data/digits")
    quality = pd.read_csv(folder / "quality/label_quality.csv")
    issues = pd.read_csv(folder / "issues.csv")
    classes = pd.read_csv(folder / "quality/classes.csv")
    assert len(quality) == 1797
    assert len(issues) == LISTED
    assert quality.set_index("id")["rank"].loc[issues["id"]].tolist() == list(range(1, LISTED + 1))
    assert sorted(quality["rank"]) == list(range(1, 1798))
    assert (issues["flagged"] == "yes").tolist() == [True] * 18 + [False] * (LISTED - 18)
    assert issues["label_quality"].is_monotonic_increasing
    assert issues["error_prob"].is_monotonic_decreasing
    assert issues["label_quality"].max() <= quality.loc[~quality["id"].isin(issues["id"]), "label_quality"].min()
    assert classes["rows"].sum() == 1797
    assert classes["flagged"].sum() == 18
    expected = pd.read_csv(folder / "quality/yield.csv").set_index("rows")
    assert expected.loc[1797, "expected"] == pytest.approx(quality["error_prob"].sum(), rel=0.01)
    assert (expected["low"] <= expected["expected"]).all()
    assert (expected["expected"] <= expected["high"]).all()
    joint, noise, inverse = (
        pd.read_csv(folder / f"quality/{name}.csv").iloc[:, 1:].to_numpy()
        for name in ("joint", "noise_matrix", "inverse_noise_matrix")
    )
    assert joint.sum() == pytest.approx(1, abs=1e-4)
    np.testing.assert_allclose(noise.sum(axis=0), 1, atol=1e-4)
    np.testing.assert_allclose(inverse.sum(axis=0), 1, atol=1e-4)
    np.testing.assert_allclose(noise, joint / joint.sum(axis=0), atol=1e-4)


def test_flipped_labels_of_real_digits_are_flagged(clone: Clone, edit_labels: Callable[[Path], set[int]]) -> None:
    clone.set_param("fetch", "sha256", None)
    flipped = edit_labels(clone.path("data/digits/prepared/labels.npy"))
    clone.set_param("split", "repeats", 1)
    clone.set_param("find_issues", "flag", "yield")
    for name in ("split", "crossval_predict", "find_issues"):
        clone.stage(name)
    flagged = set(read_flagged(clone.path("data/digits"))["id"].astype(int))
    assert len(flagged & flipped) >= 0.9 * len(flipped)
    assert len(flagged & flipped) >= 0.85 * len(flagged)
    expected = pd.read_csv(clone.path("data/digits/quality/yield.csv"))
    finds = np.interp(len(flipped), expected["rows"], expected["expected"])
    assert 0.67 * len(flipped) < finds < 1.5 * len(flipped)


@pytest.fixture
def edit_labels() -> Callable[[Path], set[int]]:
    """Flip 54 labels, 3 %, of the prepared digits and return the ids."""

    def flip(path: Path) -> set[int]:
        rng = np.random.default_rng(0)
        labels = np.load(path)
        rows = rng.choice(len(labels), 54, replace=False)
        labels[rows] = (labels[rows] + rng.integers(1, 10, 54)) % 10
        path.unlink()
        np.save(path, labels)
        return set(rows.tolist())

    return flip
