"""How many errors are expected, how far off that may be, and what people's verdicts do to it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.artifacts.calibration import Belief, Spread, believe, tabulate_yield
from stages.find_issues.worth import SPREAD

PRIORS = st.lists(st.floats(0, 1), min_size=1, max_size=60).map(np.array)
VERDICTS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=20)
UNKNOWN = np.nan


def believe_verdicts(verdicts: list[tuple[float, bool]], spread: Spread = SPREAD) -> Belief:
    prior, wrong = np.array([prior for prior, _ in verdicts]), np.array([wrong for _, wrong in verdicts], dtype=bool)
    return believe(prior, wrong, spread)


def draw_prior(n_rows: int, mean: float = 0.05) -> np.ndarray:
    """Return the prior of rows in the order of their rank: most are probably right."""
    drawn: np.ndarray = np.sort(np.random.default_rng(0).beta(0.3, 0.3 / mean - 0.3, n_rows))[::-1]
    return drawn


@settings(deadline=None, max_examples=60)
@given(PRIORS, VERDICTS)
def test_what_is_expected_rises_with_the_prior(prior: np.ndarray, verdicts: list[tuple[float, bool]]) -> None:
    expected = believe_verdicts(verdicts).expect(np.sort(prior))
    assert (np.diff(expected) >= 0).all()
    assert (expected >= 0).all()
    assert (expected <= 1).all()


@settings(deadline=None, max_examples=60)
@given(st.floats(0.001, 0.999), st.integers(1, 30))
def test_verdicts_move_rows_as_likely_as_theirs_their_way(prior: float, count: int) -> None:
    before = believe_verdicts([]).expect(np.array([prior]))
    for wrong in (False, True):
        after = believe_verdicts([(prior, wrong)] * count).expect(np.array([prior]))
        assert (after > before if wrong else after < before).all()


@pytest.mark.parametrize("mean", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("chosen", ["worst", "spread"])
def test_verdicts_that_are_all_alike_move_the_total(mean: float, chosen: str) -> None:
    prior = draw_prior(1000, mean)
    decided = prior[:20] if chosen == "worst" else prior[::50]
    kept, none, wrong = (
        believe_verdicts([(prior, verdict) for prior in decided for verdict in verdicts]).expect(prior).sum()
        for verdicts in ([False], [], [True])
    )
    assert kept < none < wrong


def test_many_verdicts_outweigh_the_prior() -> None:
    prior = np.full(1000, 0.9)
    told = believe_verdicts([(0.9, row % 10 == 0) for row in range(200)]).expect(prior)
    assert told[0] == pytest.approx(0.1, abs=0.02)


@settings(deadline=None, max_examples=40)
@given(PRIORS, VERDICTS, st.integers(0, 1000))
def test_the_band_holds_what_is_expected(prior: np.ndarray, verdicts: list[tuple[float, bool]], seed: int) -> None:
    known = np.random.default_rng(seed).choice([0, 1, UNKNOWN], len(prior))
    table = tabulate_yield(believe_verdicts(verdicts), prior, known)
    assert (table["low"] <= table["expected"]).all()
    assert (table["expected"] <= table["high"]).all()
    assert (table["low"] >= 0).all()
    assert (table["high"] <= table["rows"] + 1e-9).all()
    assert (table["expected"].diff().iloc[1:] >= -1e-9).all()


@pytest.mark.parametrize("n_verdicts", [0, 40])
@pytest.mark.parametrize("mean", [0.01, 0.1])
def test_the_yield_of_all_rows_is_the_sum_of_their_probabilities(mean: float, n_verdicts: int) -> None:
    prior = draw_prior(2000, mean)
    belief = believe_verdicts([(prior[row], row % 3 == 0) for row in range(n_verdicts)])
    table = tabulate_yield(belief, prior, np.full(2000, UNKNOWN)).set_index("rows")
    summed = np.cumsum(belief.expect(prior))
    np.testing.assert_allclose(table["expected"], summed[table.index - 1], rtol=0.01)
    assert table.index[-1] == 2000


def test_the_band_narrows_as_people_look() -> None:
    prior = draw_prior(1000)
    widths = []
    for told in (0, 20, 100):
        belief = believe_verdicts([(prior[row], row % 2 == 0) for row in range(told)])
        last = tabulate_yield(belief, prior, np.full(1000, UNKNOWN)).iloc[-1]
        widths.append((last["high"] - last["low"]) / last["expected"])
    assert widths[0] > widths[1] > widths[2]


def test_rows_that_people_decided_on_count_as_they_found_them() -> None:
    prior, known = np.linspace(0.9, 0.1, 50), np.arange(50) % 2
    table = tabulate_yield(believe_verdicts([]), prior, known.astype(float))
    found = np.cumsum(known)[table["rows"].to_numpy() - 1]
    for name in ("expected", "low", "high"):
        np.testing.assert_array_equal(table[name], found)
    one_open = np.where(np.arange(50) == 0, UNKNOWN, known)
    first = tabulate_yield(believe_verdicts([]), prior, one_open)
    assert 0 < first["expected"].iloc[0] < 1
    np.testing.assert_allclose(first["expected"].diff().iloc[1:], table["expected"].diff().iloc[1:], atol=1e-9)


def test_of_no_rows_nothing_is_said() -> None:
    table = tabulate_yield(believe_verdicts([]), np.array([]), np.array([]))
    assert table.empty
    assert list(table) == ["rows", "expected", "low", "high"]
    assert believe_verdicts([]).expect(np.array([])).size == 0
