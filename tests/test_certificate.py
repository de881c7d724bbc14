"""The mathematics of certificates: draws, bets, bounds, plans, verdicts and how reviewers are measured."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import hypergeom

from stages.artifacts.decisions import Decision
from stages.artifacts.standing import find_standing
from stages.certificate.betting import Levels, bet_against_more, count_drawn, grow, list_hypotheses
from stages.certificate.bound import Bets, count_to_go, go_on
from stages.certificate.checks import COLUMNS, Check, read_checks
from stages.certificate.drawing import EVEN, WEIGHTS, order_rows, weigh_rows
from stages.certificate.plan import Plan, ensure_plan, make_plan, read_plan, write_plan
from stages.certificate.progress import Tracker
from stages.certificate.proposal import Asked, count_before
from stages.certificate.reviewers import (
    Measured,
    correct_bound,
    list_looks,
    measure_agreement,
    measure_misses,
)
from stages.certificate.switch import count_worst, expect_draws, scale_prior
from stages.certificate.verdicts import read_verdicts
from stages.command.errors import InputError

CONFIDENCE = 0.95


@st.composite
def reviews(draw: st.DrawFn) -> tuple[Levels, np.ndarray, np.ndarray, np.ndarray]:
    """Levels, the level and truth of each row of a small population, and the order in which some are drawn."""
    n_levels = draw(st.integers(1, 3))
    weights = np.array(sorted(draw(st.sets(st.integers(1, 9), min_size=n_levels, max_size=n_levels))), dtype=float)
    level = np.array(draw(st.lists(st.integers(0, n_levels - 1), min_size=2, max_size=9)))
    wrong = np.array(draw(st.lists(st.booleans(), min_size=len(level), max_size=len(level))))
    shares = np.array(draw(st.lists(st.floats(0, 1), min_size=n_levels, max_size=n_levels)))
    order = np.array(draw(st.permutations(range(len(level)))))
    counts = np.bincount(level, minlength=n_levels)
    return Levels(weights, counts, shares), level, wrong, order


def make_levels(n_rows: int, share: float = 0.01) -> Levels:
    """Rows that all have one weight."""
    return Levels(np.ones(1), np.array([n_rows]), np.array([share]))


def read_bounds(levels: Levels, drawn: np.ndarray, wrong: np.ndarray) -> list[tuple[int, int]]:
    """The lower and upper bound after each row."""
    bets, bounds = Bets(levels), []
    for row in range(len(drawn)):
        bets.extend(drawn[row : row + 1], wrong[row : row + 1])
        bounds.append((bets.bound_below(CONFIDENCE), bets.bound_above(CONFIDENCE)))
    return bounds


@settings(max_examples=200, deadline=None)
@given(reviews(), st.data())
def test_capital_is_expected_to_stay_where_the_hypothesis_is_true(
    review: tuple[Levels, np.ndarray, np.ndarray, np.ndarray], data: st.DataObject
) -> None:
    levels, level, wrong, order = review
    n_before = data.draw(st.integers(0, len(order) - 1))
    before, rest = order[:n_before], order[n_before:]
    n_wrong = int(wrong.sum())
    chances = levels.weights[level[rest]] / levels.weights[level[rest]].sum()
    for fewer in (False, True):
        factors = []
        for row in rest:
            drawn, said = level[[*before, row]], wrong[[*before, row]]
            grown = grow(levels, count_drawn(levels, drawn, said), drawn, said, np.array([n_wrong]), fewer=fewer)
            factors.append(np.exp(grown[-1, 0]))
        assert min(factors) >= 0
        assert np.dot(chances, factors) == pytest.approx(1, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(reviews())
def test_a_bet_against_few_refutes_more_too(review: tuple[Levels, np.ndarray, np.ndarray, np.ndarray]) -> None:
    levels, level, wrong, order = review
    drawn, said = level[order], wrong[order]
    state = count_drawn(levels, drawn, said)
    found = np.cumsum(said) - said
    for fewest in range(1, levels.n_rows):
        stake = bet_against_more(levels, state, np.array([fewest]))[:, 0]
        value = np.where(said, (levels.weights * state.left).sum(1) / levels.weights[drawn], 0)
        capitals = [np.cumprod(1 + stake * (most - found - value)) for most in range(fewest, levels.n_rows + 1)]
        # up to the row at which the hypothesis is known to be wrong or right
        known = (fewest - found <= 0) | (fewest - found > state.left.sum(1))
        until = int(np.argmax(known)) if known.any() else len(drawn)
        for few, many in pairwise(capitals):
            assert (many[:until] >= few[:until] * (1 - 1e-9)).all()


@pytest.mark.parametrize("n_rows", [100, 1797, 20000])
def test_without_a_wrong_row_the_bound_is_hypergeometric(n_rows: int) -> None:
    bets = Bets(make_levels(n_rows, share=0))
    for drawn in (50, 50, 300):
        drawn = min(drawn, n_rows - len(bets.drawn))
        bets.extend(np.zeros(drawn, dtype=np.int64), np.zeros(drawn, dtype=bool))
        # were more of them wrong, 50 rows would show it
        hypotheses = np.arange(n_rows // 10 + 1)
        possible = hypotheses[hypergeom.pmf(0, n_rows, hypotheses, len(bets.drawn)) > 1 - CONFIDENCE]
        assert len(possible) < len(hypotheses)
        assert possible[-1] <= bets.bound_above(CONFIDENCE) <= 1.05 * possible[-1] + 1


@pytest.mark.parametrize("doubts", ["good", "useless", "contrary"])
@pytest.mark.parametrize("share", [0.01, 0.1])
def test_bounds_hold_at_any_moment(doubts: str, share: float) -> None:
    rng = np.random.default_rng(0)
    n_rows, reviews = 300, 200
    wrong = rng.permutation(n_rows) < share * n_rows
    guess = {"good": np.where(wrong, 0.6, 0.02), "useless": rng.random(n_rows), "contrary": np.where(wrong, 0.01, 0.4)}
    weights, level = np.unique(weigh_rows(guess[doubts]), return_inverse=True)
    counts = np.bincount(level)
    levels = Levels(weights.astype(float), counts, np.bincount(level, guess[doubts]) / counts)
    order = np.argsort(rng.exponential(size=(reviews, n_rows)) / weights[level], axis=1)[:, :150]
    state, truth = count_drawn(levels, level[order], wrong[order]), np.array([wrong.sum()])
    too_low, too_high = (
        int((np.cumsum(grow(levels, state, level[order], wrong[order], truth, fewer=fewer)[..., 0], axis=1)
             >= -np.log1p(-CONFIDENCE)).any(axis=1).sum())
        for fewer in (False, True)
    )  # fmt: skip
    # 10 of 200 may; 20 or more would come with a chance of 0.002
    assert too_low < 20
    assert too_high < 20


def test_all_rows_looked_at_leave_nothing_unknown() -> None:
    wrong = np.array([False, True, False, True, False])
    assert read_bounds(make_levels(5), np.zeros(5, dtype=np.int64), wrong)[-1] == (2, 2)


def test_going_on_is_as_starting_anew() -> None:
    rng = np.random.default_rng(1)
    levels = Levels(np.array([4.0, 16.0]), np.array([900, 100]), np.array([0.01, 0.2]))
    drawn = rng.integers(0, 2, 120)
    wrong = rng.random(120) < 0.1
    bets = Bets(levels)
    other = wrong.copy()
    other[70] = not other[70]
    # on, then back, as if verdicts were taken back, and on with other ones
    for end, said in (
        (1, wrong),
        (50, wrong),
        (51, wrong),
        (120, wrong),
        (119, wrong),
        (64, wrong),
        (120, other),
        (3, wrong),
    ):
        go_on(bets, drawn[:end], said[:end])
        fresh = Bets(levels)
        fresh.extend(drawn[:end], said[:end])
        assert len(bets.drawn) == end
        assert bets.bound_above(CONFIDENCE) == fresh.bound_above(CONFIDENCE)
        assert bets.bound_below(CONFIDENCE) == fresh.bound_below(CONFIDENCE)


def test_rows_to_go_are_as_many_as_it_takes() -> None:
    levels = make_levels(1000)
    bets = Bets(levels)
    bets.extend(np.zeros(40, dtype=np.int64), np.arange(40) == 20)
    following = np.zeros(900, dtype=np.int64)
    to_go = count_to_go(bets, following, 20, CONFIDENCE)
    assert to_go is not None
    for rows, enough in ((to_go - 1, False), (to_go, True)):
        later = Bets(levels)
        later.extend(np.zeros(40 + rows, dtype=np.int64), np.arange(40 + rows) == 20)
        assert (later.bound_above(CONFIDENCE) - 1 <= 20) is enough
    assert count_to_go(bets, following[:5], 20, CONFIDENCE) is None
    assert count_to_go(bets, following, 999, CONFIDENCE) == 0


def test_hypotheses_are_all_small_ones_and_reach_all_rows() -> None:
    assert list_hypotheses(7).tolist() == [1, 2, 3, 4, 5, 6, 7]
    many = list_hypotheses(200_000)
    assert many[-1] == 200_000
    assert len(many) < 1200
    assert (np.diff(many) <= np.maximum(1, 0.0101 * many[:-1] + 1)).all()


@given(arrays(float, st.integers(1, 60), elements=st.floats(0, 1)))
def test_weights_follow_doubt(error_prob: np.ndarray) -> None:
    weights = weigh_rows(error_prob)
    assert set(weights) <= set(WEIGHTS)
    doubt = error_prob * (1 - error_prob)
    order = np.argsort(doubt, kind="stable")
    assert (np.diff(weights[order]) >= 0).all()
    # a part of the draws falls evenly on all rows
    assert WEIGHTS[0] * len(weights) >= EVEN * weights.sum() * (1 - 1e-9)


def test_weights_without_a_model_are_equal() -> None:
    assert set(weigh_rows(np.full(9, np.nan))) == {WEIGHTS[0]}


def test_the_first_row_is_drawn_by_weight() -> None:
    weights = np.array([1, 2, 5])
    firsts = np.bincount([order_rows(["a", "b", "c"], weights, str(seed))[0] for seed in range(4000)])
    assert firsts / 4000 == pytest.approx(weights / 8, abs=0.03)


def make_rows(n_rows: int) -> pd.DataFrame:
    """Rows with ids, labels and probabilities of an error."""
    rng = np.random.default_rng(0)
    ids = [f"row {number}" for number in range(n_rows)]
    return pd.DataFrame({"id": ids, "label": rng.choice(["a", "b"], n_rows), "error_prob": rng.random(n_rows) ** 4})


def make_small_plan(rows: pd.DataFrame) -> Plan:
    """A plan for all of the rows."""
    about = {"made": "2026-01-01T00:00:00Z", "split": "", "goal": 0.05, "confidence": CONFIDENCE, "spent": 0.0}
    return make_plan(rows, {**about, "labels": len(rows), "decided": 0, "found": 0, "data": ""})


def decide(plan: Plan, place: int, verdict: str = "keep", reviewer: str = "Ada", minute: int = 0) -> Decision:
    """A decision on the row of a plan at a place."""
    row_id, label = str(plan.rows["id"][place]), str(plan.rows["label"][place])
    new = {"a": "b", "b": "a"}[label] if verdict == "relabel" else ""
    return Decision(row_id, label, verdict, new, reviewer, f"2026-01-02T00:{minute:02}:00Z")


def test_a_plan_does_not_depend_on_the_order_of_the_rows() -> None:
    rows = make_rows(200)
    plan = make_small_plan(rows)
    shuffled = make_small_plan(rows.sample(frac=1, random_state=1).reset_index(drop=True))
    assert replace(plan, rows=pd.DataFrame()).order == shuffled.order
    assert plan.rows.equals(shuffled.rows)
    relabelled = rows.assign(label=rows["label"].where(rows.index > 0, "b" if rows["label"][0] == "a" else "a"))
    assert make_small_plan(relabelled).order != plan.order


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    plan = make_small_plan(make_rows(50))
    write_plan(tmp_path, plan)
    read = read_plan(tmp_path)
    assert read is not None
    assert read.rows.equals(plan.rows)
    assert replace(read, rows=plan.rows) == plan


def test_without_a_plan_nothing_is_planned(tmp_path: Path) -> None:
    assert read_plan(tmp_path) is None
    ensure_plan(tmp_path)
    assert read_plan(tmp_path) is None
    write_plan(tmp_path, make_small_plan(make_rows(5)))
    ensure_plan(tmp_path)
    assert read_plan(tmp_path) is not None


@pytest.mark.parametrize("had_plan", [True, False])
def test_a_plan_whose_writer_was_killed_between_its_files_is_finished(tmp_path: Path, had_plan: bool) -> None:
    folder, new = tmp_path / "certificate", make_small_plan(make_rows(60))
    write_plan(tmp_path, new)
    about = (folder / "plan.json").read_text()
    rows = (folder / "plan.csv").read_text()
    if had_plan:
        write_plan(tmp_path, make_small_plan(make_rows(50)))
    else:
        (folder / "plan.json").write_text("null\n")
    (folder / "plan.csv").write_text(rows)
    (folder / "plan.json.partial").write_text(about)
    read = read_plan(tmp_path)
    # without an earlier plan none is there before its second file is, and the next command makes one
    assert (read is not None) is had_plan
    if had_plan:
        assert (folder / "plan.json").read_text() == about
        assert not (folder / "plan.json.partial").exists()
    write_plan(tmp_path, new)
    assert sorted(path.name for path in folder.iterdir()) == ["plan.csv", "plan.json"]


def test_a_plan_beside_that_is_another_mends_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "certificate"
    write_plan(tmp_path, make_small_plan(make_rows(50)))
    other = (folder / "plan.json").read_text().replace('"listed": "', '"listed": "0')
    for text in (other, "", "null", "{"):
        (folder / "plan.json.partial").write_text(text)
        (folder / "plan.json").write_text(other)
        with pytest.raises(InputError, match="bring back both with `git checkout"):
            read_plan(tmp_path)
        assert (folder / "plan.json.partial").read_text() == text


@pytest.mark.parametrize("file", ["plan.csv", "plan.json"])
def test_a_plan_that_was_changed_is_refused(tmp_path: Path, file: str) -> None:
    write_plan(tmp_path, make_small_plan(make_rows(50)))
    path = tmp_path / "certificate" / file
    text = path.read_text()
    path.write_text(
        text.replace("row 7,", "row 8,") if file == "plan.csv" else text.replace('"listed": "', '"listed": "0')
    )
    with pytest.raises(InputError, match=r"is not what .* says; bring back both with `git checkout"):
        read_plan(tmp_path)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_progress_is_the_same_from_the_same_lines_in_any_order(data: st.DataObject) -> None:
    plan = make_small_plan(make_rows(60))
    verdicts = st.sampled_from(["keep", "keep", "relabel", "remove", "unsure", "undo"])
    lines = [
        decide(plan, place, data.draw(verdicts), data.draw(st.sampled_from(["Ada", "Bo"])), minute)
        for minute, place in enumerate(data.draw(st.lists(st.integers(0, 20), max_size=50)))
    ]
    mixed = data.draw(st.permutations(lines))
    tracker = Tracker(plan)
    tracker.track(find_standing(lines[: len(lines) // 2]))
    first, second = tracker.track(find_standing(lines)), Tracker(plan).track(find_standing([*mixed, *mixed]))
    assert first.most == second.most
    assert (first.low, first.high, first.to_go) == (second.low, second.high, second.to_go)


def test_only_an_unbroken_run_of_verdicts_counts() -> None:
    plan = make_small_plan(make_rows(60))
    lines = [decide(plan, place) for place in (0, 1, 3)] + [decide(plan, 7, "relabel"), decide(plan, 8, "remove")]
    verdicts = read_verdicts(plan, find_standing(lines))
    assert verdicts.looked_at == 2
    assert (verdicts.ahead, verdicts.mended, verdicts.removed) == (3, 2, 1)


def test_who_is_unsure_or_disagrees_counts_as_wrong_and_mends_nothing() -> None:
    plan = make_small_plan(make_rows(60))
    lines = [decide(plan, 0, "unsure"), decide(plan, 1), decide(plan, 1, "relabel", "Bo"), decide(plan, 2, "relabel")]
    verdicts = read_verdicts(plan, find_standing(lines))
    assert verdicts.wrong.tolist() == [True, True, True]
    assert verdicts.unsure.tolist() == [True, True, False]
    assert verdicts.mended == 1


def test_a_decision_on_another_label_is_no_verdict_on_this_one() -> None:
    plan = make_small_plan(make_rows(60))
    other = replace(decide(plan, 0), given_label="c")
    assert read_verdicts(plan, find_standing([other])).unsure.tolist() == [True]


def test_a_certificate_is_reached_and_lost_again() -> None:
    plan = make_small_plan(make_rows(200))
    lines: list[Decision] = []
    tracker = Tracker(plan)
    while not tracker.track(find_standing(lines)).reached:
        before = tracker.track(find_standing(lines))
        lines.append(decide(plan, len(lines)))
    assert before.to_go == 1
    reached = tracker.track(find_standing(lines))
    assert reached.most <= reached.goal == 10
    assert reached.to_go == 0
    assert not tracker.track(find_standing(lines[:-1])).reached
    assert not tracker.track(find_standing(lines), goal=0.02).reached


def test_what_is_mended_is_wrong_no_more() -> None:
    plan = make_small_plan(make_rows(60))
    everything = [decide(plan, place, "relabel" if place < 5 else "keep") for place in range(60)]
    progress = Tracker(plan).track(find_standing(everything))
    assert (progress.most, progress.low, progress.high) == (0, 5, 5)
    unsure = [decide(plan, place, "unsure" if place < 5 else "keep") for place in range(60)]
    assert Tracker(plan).track(find_standing(unsure)).most == 5


@pytest.mark.parametrize("n_wrong", [0, 20, 40])
def test_draws_are_expected_as_they_come(n_wrong: int) -> None:
    n_rows, goal = 2000, 50
    rng, wrong, levels = np.random.default_rng(0), np.arange(n_rows) < n_wrong, make_levels(n_rows, n_wrong / n_rows)
    none = np.zeros(n_rows, dtype=np.int64)
    took = []
    for _ in range(9):
        said = wrong[rng.permutation(n_rows)]
        bets = Bets(levels)
        while bets.bound_above(CONFIDENCE) - bets.wrong.sum() > goal:
            so_far = len(bets.drawn)
            bets.extend(none[so_far : so_far + 20], said[so_far : so_far + 20])
        took.append(len(bets.drawn))
    # who has to learn the share takes longer than who knows it
    assert 0.5 < expect_draws(n_wrong, n_rows, goal, CONFIDENCE) / np.median(took) < 1.1


def test_worst_rows_come_first_while_they_hold_errors() -> None:
    doubtful = np.concatenate([np.full(100, 0.9), np.full(1900, 0.0005)])
    assert count_worst(doubtful, 20, CONFIDENCE) == pytest.approx(100, abs=12)
    # where nothing is known of any row, drawing them tells as much and counts
    assert count_worst(np.full(2000, 0.002), 20, CONFIDENCE) == 0
    assert count_worst(np.zeros(0), 0, CONFIDENCE) == 0


def test_a_model_that_expects_far_too_many_errors_is_soon_left_for_drawn_rows() -> None:
    prior = np.concatenate([np.full(400, 0.4), np.full(3600, 0.02)])
    ids = [str(number) for number in range(len(prior))]
    rows = pd.DataFrame({"id": ids, "label": "a", "prior_error_prob": prior, "error_prob": prior})
    asked = Asked(goal=0.02)
    assert count_before(rows, {}, len(rows), asked) > 200
    one_in_20 = {row_id: not number % 20 for number, row_id in enumerate(ids[:60])}
    assert 0 < count_before(rows, one_in_20, len(rows), asked) < 100
    assert count_before(rows, dict.fromkeys(ids[:60], False), len(rows), asked) == 0
    as_expected = {row_id: number % 5 < 2 for number, row_id in enumerate(ids[:60])}
    assert count_before(rows, as_expected, len(rows), asked) > 200


def test_doubts_are_scaled_by_how_many_held() -> None:
    prior = np.array([0.5, 0.5, 0.5, 0.5, 0.2, np.nan])
    wrong = np.array([1.0, 0.0, 0.0, 0.0, np.nan, np.nan])
    # one of two that were expected; both with the one that is taken for granted
    assert scale_prior(prior, wrong)[:5] == pytest.approx(2 / 3 * prior[:5])
    assert np.isnan(scale_prior(prior, wrong)[5])
    assert scale_prior(prior, np.full(6, np.nan))[:5] == pytest.approx(prior[:5])
    assert scale_prior(np.array([0.5, 0.9]), np.array([1.0, np.nan]))[1] == 1


def test_known_rows_measure_misses() -> None:
    checks = [Check(str(k), "known", "a", "keep" if k < 2 else "relabel", "", "Ada", "", "") for k in range(20)]
    checks += [Check("x", "again", "a", "keep", "", "Ada", "", "")]
    measured = measure_misses(checks)
    assert measured == {"Ada": Measured(20, 2)}
    # Clopper and Pearson's one-sided bound for 2 of 20
    assert measured["Ada"].bound_misses(0.95) == pytest.approx(0.2826, abs=1e-3)
    assert Measured(0, 0).bound_misses(0.95) == 1


def test_alpha_is_krippendorffs() -> None:
    # his example of two observers and ten units (2004, chapter 11): alpha 0.095
    first, second = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    looks = {str(k): [str(a), str(b)] for k, (a, b) in enumerate(zip(first, second, strict=True))}
    agreement = measure_agreement(looks)
    assert agreement.alpha == pytest.approx(0.095, abs=0.001)
    assert (agreement.rows, agreement.same) == (10, 6)
    assert measure_agreement({"a": ["right", "right"]}).alpha is None
    assert measure_agreement({}).alpha is None


def test_a_second_look_is_compared_with_what_was_said_before_it() -> None:
    plan = make_small_plan(make_rows(5))
    row_id, label = str(plan.rows["id"][0]), str(plan.rows["label"][0])
    check = Check(row_id, "again", label, "keep", "", "Ada", "2026-01-02T00:10:00Z", "")
    untaken = {row_id: [decide(plan, 0, "relabel", minute=1), decide(plan, 0, "keep", minute=20)]}
    assert list_looks([check], untaken) == {row_id: ["wrong", "right"]}
    assert list_looks([check], {}) == {}


@pytest.mark.parametrize("misses", [0.02, 0.2])
def test_the_corrected_bound_holds_for_a_reviewer_who_misses(misses: float) -> None:
    rng = np.random.default_rng(0)
    for n_wrong in (3, 20, 100):
        found = rng.binomial(n_wrong, 1 - misses, 2000)
        bounds = {count: correct_bound(int(count), misses, CONFIDENCE) for count in np.unique(found)}
        too_low = [bounds[count] < n_wrong for count in found]
        assert np.mean(too_low) <= 0.05 + 0.015
    assert correct_bound(7, 0, CONFIDENCE) == 7


CHECK_LINE = "1,known,a,keep,,Ada,2026-01-01T00:00:00Z,abc"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,kind\n1,known\n", "line 1: must be id,kind,shown_label"),
        (f"{','.join(COLUMNS)}\n1,known,a\n", "line 2: not 8 cells"),
        (f"{','.join(COLUMNS)}\n{CHECK_LINE},more\n", "line 2: not 8 cells"),
        (f"{','.join(COLUMNS)}\n{CHECK_LINE.replace('known', 'seen')}\n", "line 2: kind 'seen'"),
        (f"{','.join(COLUMNS)}\n{CHECK_LINE.replace('keep', 'undo')}\n", "decision 'undo'"),
        (f'{",".join(COLUMNS)}\n"1\n', "not a CSV file in UTF-8"),
    ],
)
def test_damaged_checks_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "certificate").mkdir()
    (tmp_path / "certificate" / "checks.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_checks(tmp_path)


def test_checks_are_read_once_in_the_order_of_their_times(tmp_path: Path) -> None:
    assert read_checks(tmp_path) == []
    (tmp_path / "certificate").mkdir()
    later = CHECK_LINE.replace("1,known", "2,again").replace("00:00Z", "09:00Z")
    lines = [",".join(COLUMNS), later, CHECK_LINE, later]
    (tmp_path / "certificate" / "checks.csv").write_text("\n".join(lines) + "\n")
    assert [check.id for check in read_checks(tmp_path)] == ["1", "2"]
