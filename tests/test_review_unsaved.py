"""Quick keys over a server that is slow, refuses or dies: each decides on its row, and nothing is lost unseen."""

import csv
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import expect, intercept, new_tab, open_review, wait_until_ready
from tests.review import Page, add_plan, make_artifacts, serve_review

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CLASSES = ["cat", "dog", "owl"]
N_FLAGGED = 8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_artifacts(tmp_path, CLASSES, 120, N_FLAGGED)


@pytest.fixture
def page(folder: Path) -> Iterator[Page]:
    with serve_review(folder) as page:
        yield page


def open_tab(browser: "Browser", page: Page) -> Any:
    tab = new_tab(browser)
    open_review(tab, page.url)
    return tab


def is_at(tab: Any, row_id: str) -> None:
    expect(tab.locator(".heading .id, .asked .id")).to_have_text(f"id {row_id}")


def decided(tab: Any, count: int) -> None:
    tab.locator("#progress-text", has_text=re.compile(f"^{count} (of|rows? looked)")).wait_for()


def read_lines(page: Page) -> list[tuple[str, str]]:
    with page.decisions.open(encoding="utf-8", newline="") as file:
        return [(line["id"], line["decision"]) for line in csv.DictReader(file)]


class Gate:
    """Holds back what a tab sends to an address until it is let go, or refuses some of it."""

    def __init__(self, tab: Any, path: str) -> None:
        self.held: list[Any] = []
        self.is_open = False
        intercept(tab, f"**{path}", self._take)

    def _take(self, route: Any) -> None:
        if self.is_open or route.request.method != "POST":
            route.continue_()
        else:
            self.held.append(route)

    def wait_for(self, tab: Any, count: int) -> None:
        for _ in range(600):
            if len(self.held) >= count:
                return
            tab.wait_for_timeout(50)
        raise AssertionError(f"{len(self.held)} of {count} requests came")

    def open(self) -> None:
        self.is_open = True
        for route in self.held:
            route.continue_()


def note_answers(tab: Any) -> list[str]:
    """Return a list that is given each address to which a decision was sent, once its answer has come."""
    answers: list[str] = []
    tab.on("requestfinished", lambda sent: answers.extend([sent.url] * sent.url.endswith("/api/decisions")))
    return answers


def wait_for_answers(tab: Any, answers: list[str], count: int, press: str = "") -> None:
    """Wait until so many answers have come, and press a key until then."""
    for _ in range(600):
        if len(answers) >= count:
            return
        if press:
            tab.keyboard.press(press)
        tab.wait_for_timeout(100)
    raise AssertionError(f"{len(answers)} of {count} answers came")


def refuse(tab: Any, *row_ids: str) -> Callable[[], None]:
    """Let the server refuse decisions on some rows until the returned function is called."""

    def take(route: Any) -> None:
        sent = route.request.post_data or ""
        if route.request.method == "POST" and any(f'"id":"{row_id}"' in sent for row_id in row_ids):
            route.fulfill(status=507, json={"error": "nothing could be written: No space left on device"})
        else:
            route.continue_()

    intercept(tab, "**/api/decisions", take)
    return lambda: tab.unroute("**/api/decisions", take)


def test_keys_after_an_undo_wait_for_the_row_that_it_brings_back(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    tab.keyboard.press("k")
    decided(tab, 1)
    is_at(tab, "row-1")
    gate = Gate(tab, "/api/undo")
    # row-0 comes back, is removed, and then row-1 is kept, which was shown before
    for key in "uxk":
        tab.keyboard.press(key)
    gate.wait_for(tab, 1)
    expect(tab.locator("#toast")).to_have_text("taking back…")
    # what is clicked meanwhile was meant for the row that is about to go
    tab.locator("#remove").click()
    assert read_lines(page) == [("row-0", "keep")]
    gate.open()
    decided(tab, 2)
    is_at(tab, "row-2")
    assert read_lines(page)[1:] == [("row-0", "undo"), ("row-0", "remove"), ("row-1", "keep")]


def test_two_undos_and_a_key(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    for count, key in enumerate("kxs", start=1):
        tab.keyboard.press(key)
        is_at(tab, f"row-{count}")
    decided(tab, 2)
    gate = Gate(tab, "/api/undo")
    for key in "uux":
        tab.keyboard.press(key)
    gate.wait_for(tab, 1)
    gate.open()
    is_at(tab, "row-2")
    expect(tab.locator("#toast")).to_contain_text("id row-1: removed")
    assert read_lines(page)[3:] == [("row-2", "undo"), ("row-1", "undo"), ("row-1", "remove")]


def test_after_an_undo_that_is_refused_the_keys_do_nothing(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    gate = Gate(tab, "/api/undo")
    for key in "ux":
        tab.keyboard.press(key)
    gate.wait_for(tab, 1)
    gate.open()
    expect(tab.locator("#toast")).to_have_text("nothing is taken back; the keys pressed since did nothing")
    expect(tab.locator("#unsaved")).to_have_text("Not taken back: Ann has no decision to take back. ")
    is_at(tab, "row-0")
    assert read_lines(page) == []
    tab.keyboard.press("k")
    decided(tab, 1)
    expect(tab.locator("#unsaved")).to_be_hidden()


def test_an_undo_of_what_is_not_shown_here_leaves_the_keys_out(browser: "Browser", page: Page) -> None:
    page.decide("row-60", "keep")
    tab = open_tab(browser, page)
    gate = Gate(tab, "/api/undo")
    for key in "ux":
        tab.keyboard.press(key)
    gate.wait_for(tab, 1)
    gate.open()
    said = "taken back: id row-60, which is not shown here; the keys pressed since did nothing"
    expect(tab.locator("#toast")).to_have_text(said)
    is_at(tab, "row-0")
    assert read_lines(page) == [("row-60", "keep"), ("row-60", "undo")]


def test_letters_for_the_field_that_a_waiting_key_opens_are_no_keys(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    tab.keyboard.press("k")
    decided(tab, 1)
    gate = Gate(tab, "/api/undo")
    for key in "ucdog":
        tab.keyboard.press(key)
    gate.wait_for(tab, 1)
    gate.open()
    expect(tab.locator("#chooser")).to_be_visible()
    assert tab.locator("#tab-labels").get_attribute("aria-pressed") == "true"
    assert read_lines(page) == [("row-0", "keep"), ("row-0", "undo")]


def test_a_failure_among_quick_keys_moves_nothing(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    mend = refuse(tab, "row-1")
    for key in "kxk":
        tab.keyboard.press(key)
    unsaved = tab.locator("#unsaved")
    expect(unsaved).to_contain_text("Not saved: id row-1: removed. nothing could be written: No space left on device.")
    is_at(tab, "row-3")
    tab.keyboard.press("s")
    is_at(tab, "row-4")
    expect(tab.locator("#strip .badge").nth(3)).to_have_text("not sure")
    assert read_lines(page) == [("row-0", "keep"), ("row-2", "keep"), ("row-3", "unsure")]
    # in its turn it is left out, since somebody has chosen there
    for _ in range(N_FLAGGED - 4):
        tab.keyboard.press("k")
    expect(tab.locator("#opinion")).to_contain_text("Nothing is left to decide here")
    mend()
    tab.keyboard.press("r")
    expect(unsaved).to_be_hidden()
    decided(tab, N_FLAGGED - 1)
    assert read_lines(page)[-1] == ("row-1", "remove")


def test_answers_that_come_late_move_nothing(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    gate = Gate(tab, "/api/decisions")
    for key in "kxs":
        tab.keyboard.press(key)
    is_at(tab, "row-3")
    gate.wait_for(tab, 1)
    # the others wait for the first, so that they are written in their order
    assert len(gate.held) == 1
    expect(tab.locator("#strip .badge").first).to_have_text("saving…")
    tab.keyboard.press("ArrowRight")
    gate.open()
    decided(tab, 2)
    is_at(tab, "row-4")
    tab.keyboard.press("x")
    decided(tab, 3)
    assert read_lines(page) == [("row-0", "keep"), ("row-1", "remove"), ("row-2", "unsure"), ("row-4", "remove")]


def test_what_is_not_saved_stays_through_polls_failures_and_a_reload(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    mend = refuse(tab, "row-0", "row-1")
    tab.locator("#note").fill("a kink")
    tab.keyboard.press("Enter")
    tab.keyboard.press("x")
    unsaved = tab.locator("#unsaved")
    expect(unsaved).to_contain_text("id row-0: removed")
    with tab.expect_response(lambda answer: "/api/decisions?" in answer.url and answer.ok):
        page.decide("row-5", "keep")
    expect(tab.locator("#strip")).to_contain_text("kept")
    expect(unsaved).to_contain_text("id row-0: removed")
    answers = note_answers(tab)
    for count in range(1, 4):
        # pressed while the page waits for an answer, it does nothing
        wait_for_answers(tab, answers, count, press="r")
    expect(unsaved).to_contain_text("Not saved: id row-0: removed.")
    tab.keyboard.press("k")
    expect(unsaved).to_contain_text("id row-0: removed; id row-1: kept.")
    tab.reload()
    wait_until_ready(tab)
    expect(unsaved).to_contain_text("id row-0: removed; id row-1: kept.")
    is_at(tab, "row-2")
    other = tab.context.new_page()
    open_review(other, page.url)
    expect(other.locator("#unsaved")).to_contain_text("id row-0: removed; id row-1: kept.")
    mend()
    tab.locator("#try-again").click()
    expect(unsaved).to_be_hidden()
    # a tab of the same browser sees it
    expect(other.locator("#unsaved")).to_be_hidden()
    with page.decisions.open(encoding="utf-8", newline="") as file:
        lines = [(line["id"], line["decision"], line["note"]) for line in csv.DictReader(file)]
    assert lines[1:] == [("row-0", "remove", "a kink"), ("row-1", "keep", "")]


def find_port() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


@pytest.mark.parametrize("has_own_tab", [True, False])
def test_what_is_not_saved_is_saved_by_the_server_that_was_started_again(
    browser: "Browser", folder: Path, has_own_tab: bool
) -> None:
    port = find_port()
    with serve_review(folder, "--port", port) as page:
        tab = open_tab(browser, page)
        page.process.kill()
        page.process.wait()
        for key in "kx":
            tab.keyboard.press(key)
        unsaved = tab.locator("#unsaved")
        expect(unsaved).to_contain_text("id row-0: kept; id row-1: removed. The server does not answer.")
    with serve_review(folder, "--port", port) as page:
        tab.keyboard.press("r")
        expect(unsaved).to_contain_text("The server was started anew: open the address that it printed.")
        # the browser opens it in another tab, or the reviewer in this one
        open_review(tab.context.new_page() if has_own_tab else tab, page.url)
        expect(unsaved).to_contain_text("id row-0: kept; id row-1: removed.")
        assert read_lines(page) == []
        tab.keyboard.press("r")
        expect(unsaved).to_be_hidden()
        decided(tab, 2)
        assert read_lines(page) == [("row-0", "keep"), ("row-1", "remove")]


def test_a_newer_choice_takes_the_place_of_one_that_is_not_saved(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    mend = refuse(tab, "row-0")
    tab.keyboard.press("k")
    expect(tab.locator("#unsaved")).to_contain_text("id row-0: kept.")
    tab.keyboard.press("ArrowLeft")
    expect(tab.locator(".heading .badge")).to_have_text("not saved")
    tab.keyboard.press("x")
    expect(tab.locator("#unsaved")).to_contain_text("id row-0: removed.")
    mend()
    tab.keyboard.press("r")
    decided(tab, 1)
    tab.keyboard.press("r")
    assert read_lines(page) == [("row-0", "remove")]


def test_undo_takes_back_what_is_not_saved_before_what_is(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    tab.keyboard.press("k")
    decided(tab, 1)
    mend = refuse(tab, "row-1")
    # the undo waits for the answer, and so knows that there is nothing to take back at the server
    for key in "xu":
        tab.keyboard.press(key)
    expect(tab.locator("#toast")).to_contain_text("taken back: id row-1")
    expect(tab.locator("#unsaved")).to_be_hidden()
    is_at(tab, "row-1")
    assert read_lines(page) == [("row-0", "keep")]
    mend()
    tab.locator("#toast button").click()
    decided(tab, 2)
    assert read_lines(page) == [("row-0", "keep"), ("row-1", "remove")]


def test_an_undo_among_many_is_about_what_was_chosen_before_it(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    tab.keyboard.press("k")
    decided(tab, 1)
    gate = Gate(tab, "/api/decisions")
    # the first is not saved, the undo takes it back, and the second stays
    for key in "xg":
        tab.keyboard.press(key)
    gate.wait_for(tab, 1)
    tab.keyboard.press("u")
    tab.locator("#tiles button").last.click()
    tab.keyboard.press("s")
    gate.held.pop().abort()
    gate.open()
    expect(tab.locator("#progress-text")).to_contain_text("1 not sure")
    expect(tab.locator("#unsaved")).to_be_hidden()
    assert read_lines(page) == [("row-0", "keep"), (f"row-{N_FLAGGED - 1}", "unsure")]


def test_another_reviewer_does_nothing_again(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    for key, count in (("k", 1), ("u", 0)):
        tab.keyboard.press(key)
        decided(tab, count)
    expect(tab.locator("#redo")).to_be_visible()
    tab.locator("#reviewer").click()
    tab.locator("#who-name").fill("Bob")
    tab.locator("#who button").click()
    expect(tab.locator("#redo")).to_have_count(0)
    tab.keyboard.press("Shift+U")
    assert read_lines(page) == [("row-0", "keep"), ("row-0", "undo")]


def test_what_can_never_be_saved_is_dropped(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    refuse(tab, "row-0")
    tab.keyboard.press("k")
    expect(tab.locator("#unsaved")).to_contain_text("id row-0")
    tab.locator("#drop").click()
    expect(tab.locator("#unsaved")).to_be_hidden()
    tab.reload()
    wait_until_ready(tab)
    is_at(tab, "row-0")
    expect(tab.locator("#unsaved")).to_be_hidden()


def test_a_label_that_has_changed_since_is_not_decided_on(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    mend = refuse(tab, "row-0")
    tab.keyboard.press("k")
    expect(tab.locator("#unsaved")).to_contain_text("id row-0")
    mend()

    def change(route: Any) -> None:
        answer = route.fetch()
        changed = answer.text().replace('"given_label":"owl"', '"given_label":"dog"')
        route.fulfill(response=answer, body=changed)

    intercept(tab, "**/api/session", change)
    tab.reload()
    wait_until_ready(tab)
    tab.keyboard.press("r")
    said = "Not saved: id row-0: kept. The given label was owl then, and is dog now: choose again."
    expect(tab.locator("#unsaved")).to_contain_text(said)
    assert read_lines(page) == []


def test_redo(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    expect(tab.locator("#redo")).to_have_count(0)
    tab.locator("#note").fill("a kink")
    tab.keyboard.press("Enter")
    for count, key in enumerate("xk", start=1):
        tab.keyboard.press(key)
        decided(tab, count)
    for row in (1, 0):
        tab.keyboard.press("u")
        is_at(tab, f"row-{row}")
    tab.keyboard.press("Shift+U")
    is_at(tab, "row-1")
    tab.locator("#redo").click()
    is_at(tab, "row-2")
    decided(tab, 2)
    expect(tab.locator("#redo")).to_have_count(0)
    assert read_lines(page)[4:] == [("row-0", "remove"), ("row-1", "keep")]
    assert page.decisions.read_text().splitlines()[5].count("a kink") == 1
    # a new choice leaves nothing to do again
    tab.keyboard.press("u")
    is_at(tab, "row-1")
    tab.keyboard.press("s")
    is_at(tab, "row-2")
    tab.keyboard.press("Shift+U")
    tab.keyboard.press("x")
    decided(tab, 2)
    assert read_lines(page)[-3:] == [("row-1", "undo"), ("row-1", "unsure"), ("row-2", "remove")]


def test_redo_of_what_was_chosen_before_a_reload_and_of_many(browser: "Browser", page: Page) -> None:
    page.decide("row-1", "relabel", "dog", note="seen")
    tab = open_tab(browser, page)
    tab.keyboard.press("u")
    is_at(tab, "row-1")
    tab.keyboard.press("Shift+U")
    decided(tab, 1)
    last = page.decisions.read_text().splitlines()[-1]
    assert (last.split(",")[0], "relabel,dog,Ann" in last, "seen" in last) == ("row-1", True, True)
    tab.keyboard.press("g")
    tab.keyboard.press("e")
    tab.keyboard.press("x")
    decided(tab, N_FLAGGED)
    for key, count in (("u", 1), ("Shift+U", N_FLAGGED)):
        tab.keyboard.press(key)
        decided(tab, count)
    assert {decision for _, decision in read_lines(page)[-N_FLAGGED:]} == {"remove"}


def test_many_rows_are_kept_and_saved_as_one(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    mend = refuse(tab, "row-1")
    for key in "gex":
        tab.keyboard.press(key)
    said = "id row-0: removed; id row-1: removed; id row-2: removed; 5 more. nothing could be written"
    expect(tab.locator("#unsaved")).to_contain_text(said)
    expect(tab.locator("#tiles .badge").first).to_have_text("not saved")
    mend()
    tab.keyboard.press("r")
    decided(tab, N_FLAGGED)
    tab.keyboard.press("u")
    decided(tab, 0)


@pytest.fixture
def ids(folder: Path) -> list[str]:
    return [str(row_id) for row_id in add_plan(folder).rows["id"]]


def test_drawn_rows_wait_and_fail_alike(browser: "Browser", folder: Path, ids: list[str]) -> None:
    with serve_review(folder, "--certify") as page:
        tab = open_tab(browser, page)
        is_at(tab, ids[0])
        mend = refuse(tab, ids[1])
        answers = note_answers(tab)
        for key in "kxk":
            tab.keyboard.press(key)
        expect(tab.locator("#unsaved")).to_contain_text(f"Not saved: id {ids[1]}: removed.")
        is_at(tab, ids[3])
        # what a reload breaks off is sent again, though the server may have it
        wait_for_answers(tab, answers, 3)
        tab.reload()
        wait_until_ready(tab)
        is_at(tab, ids[3])
        mend()
        tab.keyboard.press("r")
        decided(tab, 3)
        is_at(tab, ids[3])
        assert read_lines(page) == [(ids[0], "keep"), (ids[2], "keep"), (ids[1], "remove")]
        tab.keyboard.press("k")
        decided(tab, 4)
        gate = Gate(tab, "/api/undo")
        for key in "ux":
            tab.keyboard.press(key)
        gate.wait_for(tab, 1)
        gate.open()
        is_at(tab, ids[4])
        expect(tab.locator("#toast")).to_contain_text(f"id {ids[3]}: removed")
        assert read_lines(page)[3:] == [(ids[3], "keep"), (ids[3], "undo"), (ids[3], "remove")]
        tab.keyboard.press("u")
        is_at(tab, ids[3])
        tab.keyboard.press("Shift+U")
        is_at(tab, ids[4])
        decided(tab, 4)


def test_an_old_answer_brings_no_judged_row_back(browser: "Browser", folder: Path, ids: list[str]) -> None:
    with serve_review(folder, "--certify") as page:
        tab = open_tab(browser, page)
        is_at(tab, ids[0])
        gate = Gate(tab, "/api/certify")
        tab.keyboard.press("k")
        gate.wait_for(tab, 1)
        is_at(tab, ids[1])
        held = Gate(tab, "/api/decisions")
        tab.keyboard.press("k")
        held.wait_for(tab, 1)
        # it was asked for while the second row was still there
        gate.open()
        expect(tab.locator("#counts")).to_contain_text("1 row looked at")
        is_at(tab, ids[2])
        held.open()
        decided(tab, 2)
        is_at(tab, ids[2])


def test_a_drawn_row_is_saved_by_the_server_that_was_started_again(
    browser: "Browser", folder: Path, ids: list[str]
) -> None:
    port = find_port()
    with serve_review(folder, "--certify", "--port", port) as page:
        tab = open_tab(browser, page)
        is_at(tab, ids[0])
        page.process.kill()
        page.process.wait()
        tab.keyboard.press("x")
        expect(tab.locator("#unsaved")).to_contain_text(f"id {ids[0]}: removed.")
    with serve_review(folder, "--certify", "--port", port) as page:
        open_review(tab, page.url)
        is_at(tab, ids[1])
        tab.keyboard.press("r")
        decided(tab, 1)
        is_at(tab, ids[1])
        assert read_lines(page) == [(ids[0], "remove")]


def answer_forecasts(tab: Any) -> None:
    """Let the server say that no more of the worst rows are worth a look."""

    def take(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"before": 0})

    intercept(tab, "**/api/forecast", take)


def test_the_change_to_drawn_rows_waits_for_what_is_on_its_way(browser: "Browser", folder: Path) -> None:
    with serve_review(folder, "--auto", "2%") as page:
        tab = open_tab(browser, page)
        gate = Gate(tab, "/api/decisions")
        answer_forecasts(tab)
        intercept(tab, "**/api/change", lambda route: route.fulfill(json={"planned": True}))
        for key in "kx":
            tab.keyboard.press(key)
        gate.wait_for(tab, 1)
        with tab.expect_response("**/api/change"):
            gate.held.pop(0).continue_()
        gate.wait_for(tab, 1)
        # nothing is decided while the page is made anew
        tab.keyboard.press("s")
        with tab.expect_navigation():
            gate.open()
        assert read_lines(page) == [("row-0", "keep"), ("row-1", "remove")]


def test_if_the_change_to_drawn_rows_fails_keys_go_on(browser: "Browser", folder: Path) -> None:
    with serve_review(folder, "--auto", "2%") as page:
        tab = open_tab(browser, page)
        answer_forecasts(tab)
        intercept(tab, "**/api/change", lambda route: route.fulfill(status=507, json={"error": "the disk is full"}))
        for count, key in enumerate("kx", start=1):
            with tab.expect_response("**/api/change"):
                tab.keyboard.press(key)
            decided(tab, count)
