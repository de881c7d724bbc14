"""What others do under an open page, as the page says it: in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import expect, new_tab, open_review, settle, wait_until_ready
from tests.review import HEAD, Page, make_artifacts, serve_review
from tests.test_review_changes import make_anew, read

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with serve_review(make_artifacts(tmp_path, ["a", "b", "c"], 120, 24)) as page:
        yield page


def open_tab(browser: "Browser", page: Page, reviewer: str = "Ann") -> Any:
    tab = new_tab(browser)
    tab.add_init_script(f"localStorage.setItem('review:digits:reviewer', '{reviewer}')")
    open_review(tab, page.url)
    return tab


def decide(tab: Any, keys: str) -> None:
    for key in keys:
        before = tab.locator("#progress-text").inner_text()
        tab.keyboard.press(key)
        expect(tab.locator("#progress-text")).not_to_have_text(before)


def test_lost_lines_are_offered_and_written_again(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    decide(tab, "kx")
    written = read(page)
    page.decisions.write_text(f"{HEAD}\n")
    expect(tab.locator("#changed")).to_contain_text("2 lines written here are no longer in decisions.csv")
    tab.get_by_role("button", name="Write again").click()
    expect(tab.locator("#changed")).to_be_hidden()
    expect(tab.locator("#progress-text")).to_contain_text("2 of 24 decided")
    assert read(page) == written
    page.decisions.unlink()
    expect(tab.locator("#changed")).to_contain_text("is not there any more")
    tab.get_by_role("button", name="Write it again").click()
    expect(tab.locator("#changed")).to_be_hidden()
    assert read(page) == written
    expect(tab.locator("#banner")).to_be_hidden()


def test_new_results_are_said_and_loaded_by_a_key(browser: "Browser", page: Page) -> None:
    tab, other = open_tab(browser, page), open_tab(browser, page, "Bob")
    decide(tab, "k")
    make_anew(page)
    expect(tab.locator("#changed")).to_contain_text("The results were made anew")
    tab.keyboard.press("k")
    expect(tab.locator("#unsaved")).to_contain_text("made anew")
    tab.keyboard.press("y")
    expect(tab.locator("button.class", has_text="x")).to_be_visible()
    wait_until_ready(tab)
    expect(tab.locator("#changed")).to_be_hidden()
    # a tab that has not loaded them decides on nothing
    expect(other.locator("#changed")).to_contain_text("The results were made anew")
    other.keyboard.press("k")
    expect(other.locator("#unsaved")).to_contain_text("made anew")
    assert [line["id"] for line in read(page)] == ["row-0"]
    # the label that was judged is another now: to be looked at again
    decide(tab, "k")
    assert [(line["id"], line["given_label"]) for line in read(page)] == [("row-0", "c"), ("row-0", "x")]


def test_two_people_take_a_part_each_and_decide_on_no_row_twice(browser: "Browser", page: Page) -> None:
    ann, bob = open_tab(browser, page), open_tab(browser, page, "Bob")
    # on the same row, of which the second page may have heard
    for tab in (ann, bob):
        tab.keyboard.press("k")
        settle(tab)
    for tab, other, place in ((ann, "Bob", 1), (bob, "Ann", 2)):
        expect(tab.locator("#sharing")).to_contain_text(f"{other} decides on these rows too")
        tab.get_by_role("button", name=f"Take part {place} of 2").click()
        expect(tab.locator("#sharing")).to_contain_text(f"Part {place} of 2")
        wait_until_ready(tab)
    for tab in (ann, bob):
        done, _, total, *_ = tab.locator("#progress-text").inner_text().split()
        decide(tab, "k" * (int(total) - int(done)))
    lines = read(page)
    assert len({line["id"] for line in lines}) == 24
    # that of the start aside
    assert len(lines) == 25
    ann.get_by_role("button", name="Show all rows").click()
    expect(ann.locator("#progress-text")).to_contain_text("of 24 decided")


def test_what_others_say_of_a_row_for_everybody_is_hidden_until_one_has_said_it(
    browser: "Browser", tmp_path: Path
) -> None:
    folder = make_artifacts(tmp_path, ["a", "b", "c"], 30, 5)
    with serve_review(folder, "--part", "1/2", "--overlap", "99%") as page:
        page.decide("row-0", "remove", reviewer="Bob")
        tab = open_tab(browser, page)
        expect(tab.locator(".heading .id")).to_have_text("id row-0")
        assert "removed" not in tab.locator("main").inner_text()
        assert tab.locator(".said").count() == 0
        tab.keyboard.press("k")
        expect(tab.locator("#sharing")).to_contain_text("1 row was decided by more than one person: the same on 0")
        expect(tab.locator("#sharing")).to_contain_text("for everybody")
        assert tab.locator("#sharing button").count() == 0
