"""From the worst rows to drawn ones by itself: `python -m review NAME --auto GOAL`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stages.artifacts.files import read_json, write_json
from stages.artifacts.quality import read_quality
from stages.certificate.plan import read_plan
from stages.certificate.switch import count_worst
from tests.browser import expect, new_tab, open_review
from tests.review import Page, add_plan, make_artifacts, serve_review
from tests.test_review import run_review
from tests.test_review_certify import ask, judge, look_at

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CLASSES = ["cat", "dog", "owl"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_artifacts(tmp_path, CLASSES, 300, 12)


@pytest.fixture
def page(folder: Path) -> Iterator[Page]:
    with serve_review(folder, "--auto", "2%") as page:
        yield page


def count_before(page: Page) -> int:
    return int(page.read("/api/forecast")["before"])


def decide_on_worst(page: Page) -> int:
    """Keep the worst rows until no more of them are worth a look, and return how many these were."""
    rows = page.read("/api/session")["rows"]
    for number, row in enumerate(rows):
        if not count_before(page):
            return number
        page.post("/api/decisions", reviewer="Ann", rows=[{"id": row["id"], "decision": "keep", "label": ""}])
    return len(rows)


def test_the_worst_rows_come_first_and_then_a_plan(page: Page, folder: Path) -> None:
    quality = read_quality(folder / "data/digits")
    expected = quality.sort_values("rank")["error_prob"].to_numpy()
    assert count_before(page) == min(count_worst(expected, 6, 0.95), len(page.read("/api/session")["rows"]))
    assert page.post("/api/change") == (200, {"planned": False})
    assert page.read("/api/session")["certify"] is None
    looked_at = decide_on_worst(page)
    assert looked_at > 0
    assert read_plan(folder / "data/digits") is None
    assert page.post("/api/change") == (200, {"planned": True})
    plan = read_plan(folder / "data/digits")
    assert plan is not None
    assert (plan.decided, plan.found, plan.n_rows, plan.goal) == (looked_at, 0, 300 - looked_at, 0.02)
    assert page.read("/api/session")["certify"]["goal"] == 0.02
    assert "before" not in page.read("/api/forecast")
    # asked again, it stays as it is
    assert page.post("/api/change") == (200, {"planned": True})
    assert read_plan(folder / "data/digits").made == plan.made  # type: ignore[union-attr]


def test_a_decision_from_before_that_is_taken_back_counts_as_wrong(page: Page, folder: Path) -> None:
    looked_at = decide_on_worst(page)
    page.post("/api/change")
    while (asked := ask(page, goal=0.02))["cards"]:
        judge(page, asked["cards"][0])
    assert asked["progress"]["reached"]
    decisions = folder / "data/digits/decisions.csv"
    lines = decisions.read_text().splitlines()
    undone = [line.replace(",keep,", ",undo,").replace("2026-", "2036-", 1) for line in lines[1 : 1 + looked_at]]
    decisions.write_text("\n".join([*lines, *undone]) + "\n")
    again = ask(page, goal=0.02)
    assert again["progress"]["most"] == asked["progress"]["most"] + looked_at
    assert not again["progress"]["reached"]


def test_a_plan_on_which_nobody_has_looked_is_made_anew_and_another_is_gone_on_with(folder: Path) -> None:
    plan = add_plan(folder)
    with serve_review(folder, "--auto", "2%") as page:
        assert page.read("/api/session")["certify"] is None
    with serve_review(folder) as page:
        look_at(page, 1)
    with serve_review(folder, "--auto", "2%") as page:
        assert page.read("/api/session")["certify"]["goal"] == plan.goal


def test_a_model_that_says_nothing_is_drawn_from_at_once(folder: Path) -> None:
    path = folder / "data/digits/quality/model.json"
    write_json(path, read_json(path) | {"verdict": "worthless"})
    with serve_review(folder, "--auto", "2%") as page:
        assert page.read("/api/session")["certify"]["goal"] == 0.02
    plan = read_plan(folder / "data/digits")
    assert plan is not None
    assert len(plan.weights) == 1


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        ("0.1%", "of 300 labels this goal lets none be wrong; ask for 0.34 %"),
        ("much", "'much' is no percentage; write it like 1%"),
        ("100%", "'100%' is no percentage"),
    ],
)
def test_a_goal_that_cannot_be_is_refused(folder: Path, goal: str, message: str) -> None:
    done = run_review(folder, "digits", "--auto", goal)
    assert done.returncode == 2
    assert message in done.stderr


def test_the_page_changes_by_itself(browser: "Browser", page: Page, folder: Path) -> None:
    tab = new_tab(browser)
    open_review(tab, page.url)
    expect(tab.locator("#stop")).to_contain_text("more of the worst rows are worth a look")
    for _ in range(300):
        if tab.locator("#tab-certify").count():
            break
        if count_before_is_over(page):
            expect(tab.locator("#tab-certify")).to_have_attribute("aria-pressed", "true")
            break
        decided = len((folder / "data/digits/decisions.csv").read_text().splitlines())
        tab.keyboard.press("k")
        while len((folder / "data/digits/decisions.csv").read_text().splitlines()) == decided:
            tab.wait_for_timeout(20)
    expect(tab.locator(".asked")).to_contain_text("Is this label right?")
    assert json.loads((folder / "data/digits/certificate/plan.json").read_text())["goal"] == 0.02
    assert tab.complaints == []


def count_before_is_over(page: Page) -> bool:
    return not page.read("/api/forecast").get("before")
