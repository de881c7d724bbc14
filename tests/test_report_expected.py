"""The report says what a review is expected to find, and how right the flags were as far as people have decided."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from stages.artifacts.files import write_json
from stages.artifacts.quality import bound_share
from stages.artifacts.trust import Worth
from stages.report.decided import (
    count_by_class,
    count_by_error_prob,
    count_by_rank,
    describe_decided,
)  # fmt: skip
from stages.report.expected import expect
from stages.report.sections.expected import choose_end, count_finds, describe
from stages.report.sections.reliability import describe_trust
from stages.report.settings import Settings
from tests.conftest import ROOT, Clone
from tests.kinds import make_kind
from tests.review import write_trust
from tests.test_report import Page

YIELD = pd.DataFrame({"rows": [1, 2, 4, 100], "expected": [0.9, 1.5, 2, 3], "low": [0, 0, 1, 2], "high": [1, 2, 4, 9]})


def make_results(**columns: object) -> Any:
    """Return 100 rows in rank order, the first four of them flagged and none decided on."""
    rows = pd.DataFrame({
        "given_label": ["cat", "dog"] * 50, "rank": np.arange(1, 101), "flagged": np.arange(100) < 4,
        "prior_error_prob": np.linspace(0.9, 0, 100), "decided": False, "wrong": False, "ranked": True,
    })  # fmt: skip
    # verdicts have moved these; nothing that is held against the verdicts may take them
    rows["error_prob"] = 0.0
    rows = rows.assign(**columns)  # type: ignore[arg-type]
    return SimpleNamespace(rows=rows, expected=YIELD, trust=SimpleNamespace(verdict=Worth.GOOD))


def among(*numbers: int) -> np.ndarray:
    return np.isin(np.arange(100), numbers)


def test_a_shares_interval_is_wilsons() -> None:
    found, counted = pd.Series([0, 1, 3, 7, 90]), pd.Series([1, 1, 10, 7, 200])
    low, high = bound_share(found, counted)
    exact = [binomtest(k, n).proportion_ci(method="wilson") for k, n in zip(found, counted, strict=True)]
    np.testing.assert_allclose(low, [interval.low for interval in exact], atol=1e-5)
    np.testing.assert_allclose(high, [interval.high for interval in exact], atol=1e-5)


def test_what_is_expected_is_read_off_the_curve() -> None:
    expected = describe(make_results(), {}, Settings())
    assert (expected["worst"].rows, expected["worst"].errors, expected["worst"].high) == (4, 2, 4)
    assert (expected["everywhere"].low, expected["everywhere"].none, expected["on_top"]) == (2, False, True)
    assert expect(YIELD, 3).errors == 1.75
    assert expect(YIELD, 0).high == 0
    assert choose_end(make_results()) == 100
    nothing_flagged = describe(make_results(flagged=False), {}, Settings())
    assert nothing_flagged["worst"].rows == 100
    assert not describe(make_results(flagged=among(0, 9)), {}, Settings())["on_top"]


def test_finds_stand_at_their_place_in_the_ranking() -> None:
    results = make_results(decided=among(0, 2, 3, 50), wrong=among(2, 50), ranked=~among(3))
    assert count_finds(results).to_dict() == {0: 0, 1: 0}
    assert count_finds(make_results()).to_dict() == {0: 0}
    # the line ends where people have not looked, and passes over a row that they skipped
    looked = make_results(decided=among(*range(11), *range(12, 20), 60), wrong=among(2, 15, 60))
    assert count_finds(looked).to_dict() == {row: int(row > 2) + int(row > 15) for row in range(21)}


def test_decisions_are_counted_by_rank_class_and_probability() -> None:
    results = make_results(decided=among(0, 1, 2, 24, 25, 99), wrong=among(0, 2, 25))
    by_rank = count_by_rank(results)[["first", "last", "decided", "wrong"]]
    assert by_rank.to_numpy().tolist() == [[1, 25, 4, 2], [26, 50, 1, 1], [51, 100, 1, 0]]
    by_class = count_by_class(results)[["class", "decided", "wrong", "share"]]
    assert by_class.to_numpy().tolist() == [["cat", 3, 2, 2 / 3], ["dog", 3, 1, 1 / 3]]
    by_prob = count_by_error_prob(results)[["from", "to", "decided", "wrong"]]
    assert by_prob.to_numpy().tolist() == [[0.8, 1, 3, 2], [0.5, 0.8, 2, 1], [0, 0.01, 1, 0]]
    np.testing.assert_allclose(count_by_error_prob(results)["expected"], [0.9 - 0.9 / 99, 0.9 - 24.5 * 0.9 / 99, 0])


def test_rows_that_the_model_was_trained_with_count_by_class_alone() -> None:
    decided = describe_decided(make_results(decided=among(0, 1), wrong=among(1), ranked=~among(0, 1), flagged=False))
    assert decided
    assert [decided[name] for name in ("flagged", "by_rank", "by_error_prob", "unranked")] == [[], [], [], 2]
    assert [row["class"] for row in decided["by_class"]] == ["dog", "cat"]
    assert describe_decided(make_results()) is None


def test_what_was_decided_is_held_against_the_model_alone() -> None:
    decided = describe_decided(make_results(decided=among(0, 99)))
    assert decided
    assert decided["expected"] == pytest.approx(0.9)
    assert [row["expected"] for row in decided["by_error_prob"]] == [0.9, 0]


@pytest.mark.parametrize(("agree", "verdict"), [(0.8, "about as sure"), (0.6, "too sure"), (0.95, "not sure enough")])
def test_the_model_is_too_sure_or_not_sure_enough(agree: float, verdict: str) -> None:
    probs, nan = [0.7, 0.9, 0.99], float("nan")
    assert (
        describe_trust(pd.DataFrame({"rows": [1], "mean_prob": 0.8, "agree": 0.5, "agree_allowed": 0.8}), "agree")[
            "verdict"
        ]
        == "too sure"
    )
    table = pd.DataFrame({"rows": [50, 50, 1], "mean_prob": probs, "agree": 0.5, "agree_allowed": [agree, agree, nan]})
    assert str(describe_trust(table, "agree_allowed")["verdict"]).startswith(verdict)


def test_a_review_of_rows_on_a_page(tmp_path: Path) -> None:
    """A class too rare to be judged, and a budget that flags more than the model disagrees with."""
    clone = Clone(make_kind(tmp_path, "text"))
    data = clone.path("data/digits")
    write_json(data / "prepared/classes.json", ["cat", "dog", "wasp"])
    (data / "features").mkdir()
    write_json(data / "features/source.json", {"name": "words", "metric": "cosine", "pretrained": False})
    labels = np.repeat([0, 1, 2], [37, 20, 3])
    pred_probs = np.tile(np.array([0.6, 0.35, 0.05], dtype=np.float32), (60, 1))
    pred_probs[37:40] = [0.9, 0.05, 0.05]
    pred_probs[42:57] = [0.35, 0.6, 0.05]
    np.save(data / "prepared/labels.npy", labels)
    np.save(data / "training/labels.npy", np.where(labels == 2, -1, labels))
    np.save(data / "predictions/pred_probs.npy", pred_probs)
    for key, value in (("flag", "budget"), ("budget", 25)):
        clone.set_param("find_issues", key, value)
    with (data / "decisions.csv").open("a") as file:
        file.writelines(
            f"row-{row},dog,{said},ann\n" for row, said in ((37, "remove,"), (38, "keep,"), (40, "unsure,"))
        )
    clone.stage("find_issues", PYTHONPATH=str(ROOT))
    write_trust(data)
    for stage in ("clean", "certify", "report"):
        clone.stage(stage, PYTHONPATH=str(ROOT))
    page = Page(clone.path("reports/digits/index.html"))
    assert "Left out 4 3 of rare classes" in page.text
    assert "3 rows of classes that have too few rows for the folds: wasp (3)." in page.text
    assert "wasp 0 0 0 0 –" in page.text
    assert "20 of the 25 flagged rows have the label that the model suggests" in page.text
    assert (
        "Of the 25 flagged rows, people decided on 2: 50 % of these labels were wrong (between 9 and 91 %)" in page.text
    )
    assert re.search(
        r"Reviewing the worst 25 rows is expected to find [\d.]+ errors \(between [\d.]+ and [\d.]+\)", page.text
    )
    assert "All 57 rows in the ranking are expected to hold" in page.text
    assert "Errors expected among the worst rows, and those that people found" in page.pictures
