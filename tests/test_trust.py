"""The benchmark of trust makes labels wrong as it says, and weighs what the product weighs."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from benchmarks.expected_counts import Counted, count_errors, describe_counts, summarise_counts
from benchmarks.judging import judge
from benchmarks.known_errors import save_run
from benchmarks.known_noise import NOISES, make_wrong
from benchmarks.known_runs import KINDS, KnownRun, Name, read_runs
from benchmarks.spread_rows import N_SPREAD, WAYS, reach
from benchmarks.spread_rows import measure_run as measure_ways
from benchmarks.trust_fit import fit_weights
from benchmarks.trust_measure import BEFORE, choose_verdicts, measure_run
from benchmarks.trust_tables import CLOSE
from stages.find_issues.confident import describe_rows
from stages.find_issues.doubts import WITH_VOTES, count_votes, describe_doubts, doubt_labels, weigh_doubts
from stages.find_issues.evidence import gather_evidence
from stages.find_issues.expected import expect_errors
from stages.find_issues.settings import Settings
from stages.find_issues.votes import Neighbours
from tests.conftest import ROOT

N_ROWS, N_CLASSES = 400, 4


def _predict(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(N_ROWS) % N_CLASSES
    rows = np.eye(N_CLASSES)[labels] + rng.normal(0, 0.5, (N_ROWS, N_CLASSES))
    return rows, labels, softmax(4 * rows, axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[KnownRun]:
    folder = tmp_path_factory.mktemp("runs")
    for number, (kind, share) in enumerate(NOISES):
        rows, labels, pred_probs = _predict(number)
        given = make_wrong(rows, labels, kind, share, number, pred_probs, rows)
        assert given is not None
        near = np.array([np.flatnonzero(labels == label)[:10] for label in labels])
        save_run(folder / f"toy{number}-{kind}-{share}-none.npz", pred_probs, given.labels, given.wrong, near)
    return read_runs(folder)


@pytest.mark.parametrize(("kind", "share"), NOISES)
def test_each_kind_takes_its_share_of_the_labels(kind: str, share: float) -> None:
    rows, labels, pred_probs = _predict()
    given = make_wrong(rows, labels, kind, share, 0, pred_probs, rows)
    assert given is not None
    changed, wanted = given.labels != labels, round(share * N_ROWS)
    assert not (changed & ~given.wrong).any()
    # of junk any label is wrong
    assert (changed == given.wrong).all() or kind == "junk"
    assert wanted - (kind == "topic") * 20 <= given.wrong.sum() <= wanted
    assert (given.rows != rows).any() == (kind == "junk")


def test_a_class_that_would_nearly_vanish_is_no_run() -> None:
    rows, labels, pred_probs = _predict()
    few = np.where(np.arange(N_ROWS) < 1, 3, labels % 3)
    assert make_wrong(rows, few, "junk", 0.01, 0, pred_probs, rows) is None


def test_every_kind_is_read_as_it_is_and_with_worse_neighbours(runs: list[KnownRun]) -> None:
    assert {run.name.kind for run in runs} == set(KINDS)
    assert [run.replaced for run in runs] == [0.0, 0.4, 0.0, 0.75] * (len(NOISES) // 2)
    assert {run.family for run in runs} == {"toy"}


def test_doubts_are_weighed_as_the_product_weighs_them() -> None:
    _, labels, pred_probs = _predict()
    rows = describe_rows(labels, pred_probs)
    evidence = gather_evidence(labels, pred_probs, rows)
    near = np.random.default_rng(0).integers(0, N_ROWS, (N_ROWS, 10))
    votes = count_votes(Neighbours(near, np.arange(N_ROWS)), labels, rows, pred_probs.shape[1])
    name, features = Name("toy", "none", "0", "none"), describe_doubts(evidence, votes)
    run = KnownRun(name, 0.0, labels < 0, evidence, rows.given_prob, features)
    np.testing.assert_allclose(weigh_doubts(run.evidence, run.features, WITH_VOTES), doubt_labels(evidence, votes))


def test_the_weights_of_the_product_are_those_that_are_fitted(runs: list[KnownRun]) -> None:
    fitted = fit_weights(runs, WITH_VOTES)
    assert {part: list(weights) for part, weights in fitted.items()} == {
        part: list(weights) for part, weights in WITH_VOTES.items()
    }


def test_verdicts_are_half_spread_and_half_the_worst() -> None:
    chosen = choose_verdicts(1000, 40)
    assert len(set(chosen)) == 40
    assert set(range(20)) <= set(chosen)
    assert chosen.max() > 900


def test_what_is_said_and_what_was_said_are_measured(runs: list[KnownRun]) -> None:
    run = next(run for run in runs if run.name.kind == "uniform")
    prior = expect_errors(
        run.quality, weigh_doubts(run.evidence, run.features, WITH_VOTES), np.ones(N_ROWS, dtype=bool)
    )
    measured = measure_run(run, prior)
    assert measured["wrong"] == run.wrong.sum() >= measured["worst_wrong"]
    for when in (0, 20, 40, BEFORE):
        assert measured[f"low {when}"] <= measured[f"expected {when}"] <= measured[f"high {when}"]
        assert measured[f"worst expected {when}"] <= measured["wrong"]
        assert measured[f"hits {when}"] <= measured[f"flagged {when}"]


def test_errors_are_counted_among_the_rows_that_are_given(runs: list[KnownRun]) -> None:
    run = next(run for run in runs if run.name.kind == "uniform")
    judged = judge(run.evidence.labels, np.asarray(run.evidence.pred_probs), Settings())
    half = np.arange(N_ROWS) < N_ROWS // 2
    whole, part = (
        count_errors(run.wrong[rows][each.ranked], each.tabulate_yield())
        for rows in (half | True, half)
        for each in [judged.take(rows)]
    )
    assert whole != part
    total = judged.error_prob.sum()
    assert whole.ratios[0] == pytest.approx((total + 1) / (run.wrong.sum() + 1), rel=0.01)


def test_a_cell_counts_by_the_mean_of_its_runs() -> None:
    near, far = Counted((1.0, 0.9), (True, True)), Counted((2.2, 0.9), (False, True))
    assert describe_counts([near, far]) == ["1.60 / 0.90", "50% / 100%"]
    assert summarise_counts([[near, near], [near, far]]) == ["2", "50% / 100%", "50% / 100%", "75% / 100%"]


@pytest.mark.parametrize("way", WAYS)
def test_each_way_spreads_different_rows(way: str) -> None:
    prior = np.geomspace(0.9, 1e-4, 1000)
    chosen = WAYS[way](prior)
    assert len(set(chosen)) == len(chosen) <= N_SPREAD
    assert 0 <= chosen.min() < chosen.max() < 1000


def test_each_way_is_measured_beside_the_truth(runs: list[KnownRun]) -> None:
    run = next(run for run in runs if run.name.kind == "uniform")
    measured = list(measure_ways(run))
    assert [each["way"] for each in measured] == list(WAYS)
    assert all(each["held all"] for each in measured)


def test_no_sample_comes_nearer_to_the_truth_than_the_best() -> None:
    # three stretches of the ranking, of which all, half and a tenth are wrong
    rng = np.random.default_rng(0)
    wrong = np.concatenate([np.ones(20), np.arange(100) % 2, np.arange(200) % 10 == 0]).astype(bool)
    drawn = {20: (100, 12), 120: (200, 28)}
    estimates = [
        20 + sum(size * rng.permutation(wrong[start : start + size])[:n].mean() for start, (size, n) in drawn.items())
        for _ in range(2000)
    ]
    ratios = (np.array(estimates) + 1) / (wrong.sum() + 1)
    held = ((ratios >= CLOSE[0]) & (ratios <= CLOSE[1])).mean()
    assert held - 0.02 < reach(wrong, 40) < 1
    assert reach(wrong, 40) < reach(wrong, 100) < reach(wrong, 400) == 1


def test_the_page_has_lines_of_what_the_benchmarks_printed() -> None:
    printed = [*read_lines("benchmarks/trust.md"), *read_lines("benchmarks/spread_rows.md")]
    rows = [line for line in read_lines("docs/trust.md") if line.startswith("| ")]
    assert len(rows) > 40
    assert set(rows) <= set(printed)


def read_lines(name: str) -> list[str]:
    return (ROOT / name).read_text().splitlines()


def test_no_runs_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="has no runs"):
        read_runs(tmp_path)
