"""What is expected of a review moves with what people decide, and the rows that tell how many errors there are."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from review.forecast import Known, Ranking, forecast, read_ranking
from review.spread import WANTED, choose_spread
from stages.artifacts import calibration
from stages.artifacts.calibration import Spread, believe
from stages.artifacts.decisions import Decision
from stages.artifacts.quality import read_quality
from stages.artifacts.standing import find_wrong, mark_wrong
from stages.artifacts.trust import Trust, Worth
from tests.review import make_artifacts

IDS = [f"row-{k}" for k in range(1000)]


def said(row_id: str, decision: str, label: str = "", reviewer: str = "ann", given: str = "cat") -> Decision:
    return Decision(row_id, given, decision, label, reviewer)


def make_ranking(verdict: Worth) -> Ranking:
    """Return 1,000 rows, 30 of which are probably errors and the others probably not."""
    trust = Trust(verdict, [], [], {}, Spread(2.0, 0.5) if verdict == Worth.WEAK else Spread(0.7, 0.2))
    prior = np.concatenate([np.linspace(0.95, 0.5, 30), np.geomspace(0.2, 1e-5, 970)])
    return Ranking(trust, np.arange(1000), dict.fromkeys(IDS, "cat"), prior)


def decide(ranking: Ranking, places: np.ndarray, decision: str) -> np.ndarray:
    known = Known(ranking)
    known.take({IDS[place]: [said(IDS[place], decision)] for place in places})
    return known.wrong


def expect(ranking: Ranking, places: np.ndarray, decision: str) -> dict[str, Any]:
    expected = forecast(ranking, decide(ranking, places, decision))
    assert expected
    return expected


@pytest.mark.parametrize("verdict", [Worth.GOOD, Worth.WEAK])
@pytest.mark.parametrize("places", [np.arange(20), choose_spread(1000)], ids=["worst", "spread"])
def test_twenty_verdicts_move_what_is_expected(verdict: Worth, places: np.ndarray) -> None:
    ranking = make_ranking(verdict)
    before, kept, wrong = (expect(ranking, places[:n], said) for n, said in ((0, ""), (20, "keep"), (20, "remove")))
    assert [each["left"]["rows"] for each in (before, kept, wrong)] == [1000, 980, 980]
    open_rows = np.setdiff1d(np.arange(1000), places)
    # what the rows without a verdict were expected to hold before
    chances = np.interp(np.log(ranking.prior / (1 - ranking.prior)), *before["moved"].values())
    expected = float(chances[open_rows].sum())
    assert kept["left"]["errors"] < 0.8 * expected
    assert wrong["left"]["errors"] > 1.2 * expected
    for each in (kept, wrong):
        left, curve = each["left"], each["curve"]
        assert left["low"] <= left["errors"] <= left["high"]
        assert curve["expected"][-1] == pytest.approx(left["errors"] + (20 if each is wrong else 0))
        assert np.all(np.diff(each["moved"]["error_prob"]) >= 0)


def test_a_weak_models_band_begins_at_what_was_found_until_people_have_looked_at_some() -> None:
    for n_found in (0, 1, 9):
        before = expect(make_ranking(Worth.WEAK), np.arange(n_found), "remove")
        assert (max(before["curve"]["low"]), before["left"]["low"], before["open"]) == (n_found, 0, True)
    after = expect(make_ranking(Worth.WEAK), np.arange(20), "remove")
    assert after["curve"]["low"][-1] > 20
    assert not after["open"]
    assert not expect(make_ranking(Worth.GOOD), np.arange(1), "remove")["open"]


def test_of_a_worthless_model_nothing_is_expected() -> None:
    ranking = make_ranking(Worth.WORTHLESS)
    assert forecast(ranking, decide(ranking, np.arange(20), "remove")) is None


def test_verdicts_that_come_one_after_the_other_are_known_as_if_they_came_at_once() -> None:
    known, standing = Known(make_ranking(Worth.GOOD)), {}
    rng = np.random.default_rng(0)
    for place in rng.integers(0, 40, 300):
        options: list[list[Decision]] = [[], *([said(IDS[place], name)] for name in ("keep", "remove", "unsure"))]
        standing[IDS[place]] = options[rng.integers(len(options))]
        known.take({IDS[place]: standing[IDS[place]]})
    np.testing.assert_array_equal(known.wrong, mark_wrong(standing, dict.fromkeys(IDS, "cat")))


def test_many_verdicts_say_what_they_say_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ranking = make_ranking(Worth.GOOD)
    wrong = np.where(np.random.default_rng(0).random(1000) < ranking.prior, 1.0, 0.0)
    one_by_one = believe(ranking.prior, wrong, ranking.trust.spread)
    monkeypatch.setattr(calibration, "ONE_BY_ONE", 100)
    together = believe(ranking.prior, wrong, ranking.trust.spread)
    np.testing.assert_allclose(together.expect(ranking.prior), one_by_one.expect(ranking.prior), rtol=0.01)


@pytest.mark.parametrize(
    ("decisions", "wrong"),
    [
        ([said("a", "keep")], {"a": False}),
        ([said("a", "relabel", "dog")], {"a": True}),
        ([said("a", "remove")], {"a": True}),
        ([said("a", "unsure")], {}),
        ([said("a", "unsure"), said("a", "keep", reviewer="bob")], {"a": False}),
        ([said("a", "remove"), said("a", "remove", reviewer="bob")], {"a": True}),
        ([said("a", "keep"), said("a", "remove", reviewer="bob")], {}),
        ([said("a", "relabel", "dog"), said("a", "relabel", "cow", reviewer="bob")], {}),
        ([said("a", "remove", given="dog")], {}),
        ([said("elsewhere", "remove")], {}),
    ],
)
def test_a_verdict_counts_where_people_are_sure_and_agree(decisions: list[Decision], wrong: dict[str, bool]) -> None:
    assert find_wrong({decisions[0].id: decisions}, {"a": "cat"}) == wrong


def test_rows_that_the_model_was_trained_with_decisions_on_are_not_ranked(tmp_path: Path) -> None:
    data = make_artifacts(tmp_path, ["cat", "dog"], 50, 5) / "data/digits"
    np.save(data / "training/decided.npy", np.arange(50) == 1)
    quality = pd.read_csv(data / "quality/label_quality.csv", dtype=str)
    quality.loc[3, "judged_label"] = ""
    quality["rank"] = quality["rank"].astype(int).rsub(51)
    quality.to_csv(data / "quality/label_quality.csv", index=False)
    ranking = read_ranking(data, read_quality(data))
    assert ranking.rows.tolist() == [row for row in range(49, -1, -1) if row not in (1, 3)]
    assert next(iter(ranking.labels)) == "row-49"


@pytest.mark.parametrize("n_rows", [0, 1, 19, 20, 21, 25, 300, 1797, 70_000, 5_000_000])
def test_spread_rows_are_few_different_and_from_everywhere(n_rows: int) -> None:
    places = choose_spread(n_rows)
    assert len(places) == len(set(places.tolist())) == min(n_rows, WANTED)
    assert all(0 <= place < n_rows for place in places)
    if n_rows > 1000:
        assert sum(places < np.sqrt(n_rows)) >= 5
        assert sum(places > n_rows / 2) >= 5
        assert places[:5].min() < 10
        assert places[:5].max() > n_rows / 2
