"""The review page draws only what has changed: what a person looks at, holds or types stays while others decide."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.browser import expect, intercept, new_tab, open_review
from tests.kinds import make_found
from tests.review import Page, add_map, add_plan, make_artifacts, serve_review

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CLASSES = ["cat", "dog", "owl"]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    folder = make_artifacts(tmp_path, CLASSES, 240, 80)
    rows = folder / "data/digits/prepared/rows.csv"
    long = " and so on." * 600
    rows.write_text("\n".join(["text", *(f"text {row}{long}" for row in range(240))]) + "\n")
    with serve_review(add_map(folder, np.random.default_rng(0).normal(size=(240, 2)))) as page:
        yield page


def open_tab(browser: "Browser", page: Page, **options: Any) -> Any:
    tab = new_tab(browser, **options)
    open_review(tab, page.url)
    tab.locator("#compare section").first.wait_for()
    return tab


def say_as_bob(tab: Any, page: Page, *numbers: int) -> None:
    """Let a colleague decide on rows of the queue, and wait until the tab shows it."""
    rows = page.read("/api/session")["rows"]
    done = int(tab.locator("#progress-text").inner_text().split()[0])
    for number in numbers:
        page.decide(rows[number]["id"], "keep", reviewer="Bob")
    expect(tab.locator("#progress-text")).to_contain_text(f"{done + len(numbers)} of 80 decided")


# what is kept, and how it is asked for again
HOLD = "(node) => { window.held = node; return true; }"
IS_HELD = "window.held.isConnected"
PLACE = "(node) => node.getBoundingClientRect().top"
SELECT = """(node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
}"""


def test_others_decisions_leave_the_place_the_focus_and_the_selection(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    tab.locator("#trust summary").click()
    text = tab.locator("#example blockquote")
    # the rest of it has come
    expect(text).to_contain_text(" and so on." * 500)
    text.evaluate("(node) => node.scrollTo(0, 700)")
    focused = tab.locator("#strip button").nth(4)
    focused.focus()
    focused.evaluate(HOLD)
    tab.locator("#opinion .heading").evaluate(SELECT)
    chosen = tab.evaluate("String(getSelection())")
    assert "given" in chosen
    place = text.evaluate(PLACE)
    # two rows in the strip, the focused one among them
    say_as_bob(tab, page, 3, 4)
    expect(focused).to_contain_text("kept")
    assert text.evaluate("(node) => node.scrollTop") == 700
    # a line above it may have come: the browser scrolls with it
    assert text.evaluate(PLACE) == pytest.approx(place, abs=1)
    assert tab.evaluate(f"{IS_HELD} && document.activeElement === window.held")
    assert tab.evaluate("String(getSelection())") == chosen
    assert tab.locator("#trust").get_attribute("open") is not None
    # what is drawn anew is right: the button is still about its row
    focused.press("Enter")
    expect(tab.locator(".heading .id")).to_have_text(f"id {page.read('/api/session')['rows'][4]['id']}")
    assert text.evaluate("(node) => node.scrollTop") == 0
    assert tab.complaints == []


def test_what_has_the_focus_keeps_it(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    for number, held in enumerate(("#keep", "#reviewer", "#tab-map", "#example blockquote"), start=5):
        tab.locator(held).evaluate(HOLD)
        tab.locator(held).evaluate("(node) => { node.tabIndex = 0; node.focus(); }")
        say_as_bob(tab, page, number)
        assert tab.evaluate(f"{IS_HELD} && document.activeElement === window.held"), held


def test_among_many_the_page_stays_where_it_is_scrolled(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    tab.keyboard.press("g")
    tiles = tab.locator("#tiles button")
    tiles.nth(30).click()
    tiles.nth(30).evaluate(HOLD)
    assert tab.evaluate("scrollY") > 300
    place = tiles.nth(30).bounding_box()["y"]
    say_as_bob(tab, page, 2, 31)
    expect(tiles.nth(31)).to_contain_text("kept")
    assert tiles.nth(30).bounding_box()["y"] == pytest.approx(place, abs=1)
    assert tab.evaluate(f"{IS_HELD} && document.activeElement === window.held")
    assert tiles.nth(30).get_attribute("aria-pressed") == "true"


def test_the_map_keeps_its_legend(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    tab.keyboard.press("v")
    entry = tab.locator("#map-legend button").nth(1)
    entry.click()
    entry.evaluate(HOLD)
    tab.locator("#map-colour").evaluate("(node) => node.addEventListener('blur', () => { node.left = true; })")
    tab.locator("#map-colour").focus()
    say_as_bob(tab, page, 1)
    assert tab.evaluate(f"{IS_HELD} && window.held.getAttribute('aria-pressed')") == "true"
    assert tab.evaluate("document.activeElement.id") == "map-colour"
    assert not tab.locator("#map-colour").evaluate("(node) => node.left ?? false")


def test_on_a_phone_the_tabs_stay_where_they_were_moved(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page, viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    place = tab.locator("#ways").evaluate("(node) => { node.scrollLeft = 25; return node.scrollLeft; }")
    say_as_bob(tab, page, 1)
    assert tab.locator("#ways").evaluate("(node) => node.scrollLeft") == place > 0


@pytest.mark.parametrize("kind", ["text", "table"])
def test_sets_of_duplicates_keep_the_focus(browser: "Browser", tmp_path: Path, kind: str) -> None:
    with serve_review(make_found(tmp_path, kind)) as page:
        tab = open_tab(browser, page)
        tab.keyboard.press("d")
        member = tab.locator("#set button").nth(1)
        member.evaluate(HOLD)
        member.focus()
        page.decide("row-5", "keep", reviewer="Bob")
        expect(member).to_contain_text("kept")
        assert tab.evaluate(f"{IS_HELD} && document.activeElement === window.held")


def test_a_button_that_is_held_down_decides_once(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    tab.keyboard.press("g")
    tab.locator("#page-correct").focus()
    for _ in range(3):
        tab.keyboard.down("Enter")
    tab.keyboard.up("Enter")
    expect(tab.locator("#progress-text")).to_contain_text("60 of 80 decided")
    assert len(page.decisions.read_text().splitlines()) == 61


def note_of(tab: Any) -> str:
    return str(tab.locator("#note").input_value())


def is_at(tab: Any, row_id: str) -> None:
    expect(tab.locator("#opinion .id")).to_have_text(f"id {row_id}")


def read_notes(page: Page) -> dict[str, str]:
    with page.decisions.open(encoding="utf-8", newline="") as file:
        return {line["id"]: line["note"] for line in csv.DictReader(file) if line["reviewer"] == "Ann"}


def test_a_note_waits_at_the_row_that_it_was_begun_on(browser: "Browser", page: Page) -> None:
    ids = [row["id"] for row in page.read("/api/session")["rows"]]
    tab = open_tab(browser, page)
    tab.keyboard.press("w")
    tab.keyboard.type("a half")
    say_as_bob(tab, page, 0, 1)
    assert tab.evaluate("document.activeElement.id") == "note"
    tab.keyboard.type(" typed note")
    tab.keyboard.press("Enter")
    tab.keyboard.press("ArrowRight")
    is_at(tab, ids[1])
    assert note_of(tab) == ""
    tab.keyboard.press("x")
    is_at(tab, ids[2])
    assert note_of(tab) == ""
    # many at once, another tab, and back
    for key in ("g", "g", "p", "l"):
        tab.keyboard.press(key)
    for _ in range(2):
        tab.keyboard.press("ArrowLeft")
    is_at(tab, ids[0])
    assert note_of(tab) == "a half typed note"
    tab.keyboard.press("x")
    expect(tab.locator("#toast")).to_contain_text(f"id {ids[0]}: conflict")
    assert read_notes(page) == {ids[0]: "a half typed note", ids[1]: ""}


def test_a_view_that_moves_while_a_note_is_typed_takes_nothing_of_it(browser: "Browser", page: Page) -> None:
    ids = [row["id"] for row in page.read("/api/session")["rows"]]
    tab = open_tab(browser, page)
    tab.keyboard.press("k")
    expect(tab.locator("#toast")).to_contain_text(f"id {ids[0]}: kept")
    waiting: list[Any] = []
    intercept(tab, "**/api/undo", lambda route: waiting.append(route))
    tab.keyboard.press("u")
    # a key would wait for the row that comes back
    tab.locator("#note").click()
    tab.keyboard.type("begun on the second")
    waiting[0].continue_()
    is_at(tab, ids[0])
    expect(tab.locator("#note")).to_have_attribute("placeholder", f"another row is shown: the note waits at {ids[1]}")
    # what is still on its way belongs to neither row, and decides nothing
    tab.keyboard.type(" kax")
    assert note_of(tab) == ""
    tab.keyboard.press("Enter")
    expect(tab.locator("#note")).to_have_attribute("placeholder", "why, if it is not plain")
    tab.keyboard.press("w")
    tab.keyboard.type("about the first")
    tab.keyboard.press("Escape")
    tab.keyboard.press("ArrowRight")
    assert note_of(tab) == "begun on the second"
    tab.keyboard.press("k")
    expect(tab.locator("#toast")).to_contain_text(f"id {ids[1]}: kept")
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("ArrowLeft")
    is_at(tab, ids[0])
    assert note_of(tab) == "about the first"
    assert read_notes(page)[ids[1]] == "begun on the second"
    assert tab.complaints == []


def test_a_note_of_a_decision_that_failed_is_kept_with_it(browser: "Browser", page: Page) -> None:
    ids = [row["id"] for row in page.read("/api/session")["rows"]]
    tab = open_tab(browser, page)
    intercept(tab, "**/api/decisions", lambda route: route.abort())
    tab.locator("#note").fill("cut off")
    tab.keyboard.press("Enter")
    tab.keyboard.press("k")
    tab.locator("#unsaved", has_text="does not answer").wait_for()
    is_at(tab, ids[1])
    assert note_of(tab) == ""
    tab.unroute("**/api/decisions")
    tab.keyboard.press("r")
    expect(tab.locator("#unsaved")).to_be_hidden()
    assert read_notes(page) == {ids[0]: "cut off"}


def test_a_note_to_a_drawn_row_goes_with_it(browser: "Browser", tmp_path: Path) -> None:
    folder = make_artifacts(tmp_path, CLASSES, 300, 12)
    ids = add_plan(folder).rows["id"].tolist()
    with serve_review(folder, "--certify") as page:
        tab = new_tab(browser)
        open_review(tab, page.url)
        is_at(tab, ids[0])
        tab.locator("#note").fill("of the first")
        # somebody else decides on it, and the row goes
        page.decide(ids[0], "keep", reviewer="Bob")
        is_at(tab, ids[1])
        assert note_of(tab) == ""
        tab.keyboard.type(" k")
        assert note_of(tab) == ""
        tab.keyboard.press("Enter")
        tab.keyboard.press("k")
        is_at(tab, ids[2])
        expect(tab.locator("#toast")).to_contain_text("right")
        assert read_notes(page) == {ids[1]: ""}
