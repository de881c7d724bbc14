"""Review to certify in a real browser: keys, the falling bound, its end, two people, a phone."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stages.certificate.plan import Plan
from tests.browser import expect, intercept, new_tab, open_review, wait_until_ready
from tests.conftest import Clone
from tests.review import Page, add_plan, copy_artifacts, make_artifacts, serve_review
from tests.test_review_certify import ask, judge, look_at, read_checks, read_decisions

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CLASSES = ["cat", "dog", "owl"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_artifacts(tmp_path, CLASSES, 300, 12)


@pytest.fixture
def plan(folder: Path) -> Plan:
    return add_plan(folder)


@pytest.fixture
def page(folder: Path, plan: Plan) -> Iterator[Page]:
    with serve_review(folder, "--certify") as page:
        yield page


def open_tab(browser: "Browser", page: Page, **options: Any) -> Any:
    tab = new_tab(browser, **options)
    open_review(tab, page.url)
    expect(tab.locator("#tab-certify")).to_have_attribute("aria-pressed", "true")
    return tab


def is_at(tab: Any, row_id: str) -> None:
    expect(tab.locator(".asked .id")).to_have_text(f"id {row_id}")
    # until then a key only says that the picture is on its way
    for picture in tab.locator("#example img").all():
        expect(picture).to_have_js_property("complete", True)


def looked_at(tab: Any, count: int) -> None:
    expect(tab.locator("#progress-text")).to_contain_text(f"{count} row{'' if count == 1 else 's'} looked at")


def test_deciding_by_keys(browser: "Browser", page: Page, plan: Plan) -> None:
    tab = open_tab(browser, page)
    ids, labels = plan.rows["id"].tolist(), plan.rows["label"].tolist()
    is_at(tab, ids[0])
    expect(tab.locator(".asked")).to_contain_text(f"Is this label right? {labels[0]}")
    expect(tab.locator("#bound")).to_have_text("Nothing is shown yet.")
    # faster than the server answers: each key must hit the row that was shown when it was pressed
    for key in "ksx":
        tab.keyboard.press(key)
    looked_at(tab, 3)
    is_at(tab, ids[3])
    tab.keyboard.press("i")
    expect(tab.locator(".asked")).to_contain_text(f"Which label is right? Not {labels[3]}")
    other = next(name for name in CLASSES if name != labels[3])
    tab.locator(".class", has_text=other).click()
    looked_at(tab, 4)
    expect(tab.locator("#toast")).to_contain_text(f"id {ids[3]}: now {other}")
    # without the question too, and a class that the row has is no mistake
    tab.keyboard.press(str(CLASSES.index(labels[4]) + 1))
    looked_at(tab, 5)
    said = [(line["id"], line["decision"], line["label"]) for line in read_decisions(page)]
    verdicts = [("keep", ""), ("unsure", ""), ("remove", ""), ("relabel", other), ("keep", "")]
    assert said == [(row_id, *verdict) for row_id, verdict in zip(ids, verdicts, strict=False)]
    expect(tab.locator("#counts")).to_contain_text("5 rows looked at: 2 wrong, 1 not sure. About ")
    expect(tab.locator("#bound")).to_contain_text("With 95 % confidence, at most ")
    expect(tab.locator("#bound")).to_contain_text(" of 299 labels (")
    assert tab.locator("#bound-chart polyline").get_attribute("points").count(",") >= 3
    assert tab.complaints == []


def test_undo_brings_the_row_and_the_bound_back(browser: "Browser", page: Page, plan: Plan) -> None:
    tab = open_tab(browser, page)
    ids = plan.rows["id"].tolist()
    # the first rows have come
    is_at(tab, ids[0])
    for key in "kkkk":
        tab.keyboard.press(key)
    looked_at(tab, 4)
    before = tab.locator("#certificate").inner_text()
    is_at(tab, ids[4])
    tab.keyboard.press("x")
    looked_at(tab, 5)
    tab.keyboard.press("u")
    looked_at(tab, 4)
    is_at(tab, ids[4])
    assert tab.locator("#certificate").inner_text() == before
    # also what was said before the page was loaded
    tab.reload()
    wait_until_ready(tab)
    assert tab.url.endswith("/?tab=certify")
    looked_at(tab, 4)
    tab.keyboard.press("u")
    looked_at(tab, 3)
    expect(tab.locator("#toast")).to_contain_text(f"taken back: id {ids[3]}")


def test_nothing_of_the_model_is_there_and_no_other_view(browser: "Browser", page: Page, plan: Plan) -> None:
    tab = open_tab(browser, page)
    is_at(tab, plan.rows["id"][0])
    tab.locator("#compare section").first.wait_for()
    for key in ("g", "f", "a", "n", "ArrowRight", "m"):
        tab.keyboard.press(key)
    is_at(tab, plan.rows["id"][0])
    assert read_decisions(page) == []
    said = tab.locator("body").inner_text().lower()
    assert not [word for word in ("suggested", "quality", "chance", "likeliest", "rank ", "the model") if word in said]
    assert tab.locator("#compare h2").all_inner_texts() == [f"Typical {plan.rows['label'][0]}"]
    tab.keyboard.press("l")
    expect(tab.locator("#opinion")).to_contain_text("suggested")
    tab.keyboard.press("t")
    is_at(tab, plan.rows["id"][0])


def test_it_stops_at_the_goal_and_goes_on_if_asked(browser: "Browser", page: Page, plan: Plan) -> None:
    tab = open_tab(browser, page)
    tab.locator("#goal").select_option("0.02")
    expect(tab.locator("#counts")).to_contain_text("more to the goal")
    # two looks before the goal, and once at a row that comes a second time
    while not read_checks(page):
        look_at(page, 1, goal=0.02)
    others = plan.rows["id"][len(read_decisions(page)) :]
    rows = [{"id": row_id, "decision": "keep"} for row_id in others[: ask(page, goal=0.02)["progress"]["to_go"] - 2]]
    assert page.post("/api/decisions", reviewer="Bob", rows=rows)[0] == 200
    assert ask(page, goal=0.02)["progress"]["to_go"] == 2
    tab.reload()
    wait_until_ready(tab)
    tab.locator("#goal").select_option("0.02")
    while "The goal is reached" not in (shown := tab.locator("#counts").inner_text()):
        tab.keyboard.press("k")
        tab.locator("#counts").filter(has_not_text=shown).wait_for()
    expect(tab.locator(".asked")).to_contain_text("The goal is reached: 2 %.")
    expect(tab.locator("#opinion")).to_contain_text("python -m labels release digits")
    expect(tab.locator("#opinion")).to_contain_text("came a second time")
    lines = page.decisions.read_text()
    tab.keyboard.press("k")
    tab.keyboard.press("h")
    expect(tab.locator(".asked")).to_contain_text("Is this label right?")
    assert page.decisions.read_text() == lines
    tab.locator("#goal").select_option("0.01")
    expect(tab.locator("#counts")).to_contain_text("more to the goal")
    assert tab.complaints == []


def test_what_was_said_otherwise_is_looked_at_again(browser: "Browser", page: Page) -> None:
    while not read_checks(page):
        look_at(page, 1)
    row_id = read_checks(page)[0]["id"]
    checks = page.folder / "data/digits/certificate/checks.csv"
    checks.write_text(checks.read_text().replace(",keep,", ",remove,"))
    tab = open_tab(browser, page)
    intercept(
        tab,
        "**/api/certify",
        lambda route: route.continue_(post_data=route.request.post_data.replace('"goal":0.01', '"goal":0.9')),
    )
    tab.reload()
    wait_until_ready(tab)
    tab.locator(".again button", has_text=f"id {row_id}, given").click()
    is_at(tab, row_id)
    expect(tab.locator("#opinion")).to_contain_text("You look at it again: the second look said remove.")
    tab.keyboard.press("x")
    expect(tab.locator(".asked")).to_contain_text("The goal is reached")
    expect(tab.locator(".again")).to_have_count(0)
    assert (read_decisions(page)[-1]["id"], read_decisions(page)[-1]["decision"]) == (row_id, "remove")


def test_two_people_and_two_tabs(browser: "Browser", page: Page, plan: Plan) -> None:
    ann, bob = open_tab(browser, page), open_tab(browser, page)
    bob.locator("#reviewer").click()
    bob.locator("#who-name").fill("Bob")
    bob.locator("#who button").click()
    ids = plan.rows["id"].tolist()
    is_at(ann, ids[0])
    is_at(bob, ids[5])
    bob.keyboard.press("k")
    expect(bob.locator("#counts")).to_contain_text("1 further down waits for rows before it.")
    again = open_tab(browser, page)
    is_at(again, ids[0])
    again.keyboard.press("k")
    is_at(again, ids[1])
    # the other tab sees it, and goes on
    is_at(ann, ids[1])
    looked_at(ann, 1)
    assert {(line["id"], line["reviewer"]) for line in read_decisions(page)} == {(ids[0], "Ann"), (ids[5], "Bob")}


def test_without_a_name_the_page_asks_first(
    browser: "Browser", folder: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    with serve_review(folder, "--certify", "--reviewer", "") as page:
        tab = open_tab(browser, page)
        tab.locator("#who-name").fill("Cid")
        tab.locator("#who button").click()
        is_at(tab, plan.rows["id"][0])
        tab.keyboard.press("k")
        looked_at(tab, 1)
        assert [line["reviewer"] for line in read_decisions(page)] == ["Cid"]


def test_a_server_that_is_gone_is_said(browser: "Browser", page: Page, plan: Plan) -> None:
    tab = open_tab(browser, page)
    is_at(tab, plan.rows["id"][0])
    page.process.kill()
    tab.locator("#note").fill("a kink")
    tab.keyboard.press("Enter")
    tab.keyboard.press("k")
    said = f"Not saved: id {plan.rows['id'][0]}: kept. The server does not answer"
    expect(tab.locator("#unsaved")).to_contain_text(said)
    # the next key is meant for the row that is shown
    is_at(tab, plan.rows["id"][1])
    assert read_decisions(page) == []


def test_keys_on_a_slow_machine_are_kept_or_said_to_do_nothing(browser: "Browser", page: Page, plan: Plan) -> None:
    tab = open_tab(browser, page)
    is_at(tab, plan.rows["id"][0])
    # no answer comes, though the first decision is written
    intercept(tab, "**/api/certify", lambda route: None)
    intercept(tab, "**/api/decisions", lambda route: route.fetch() and None)
    pressed = []
    while tab.locator(".asked").is_visible():
        pressed.append(tab.locator(".asked .id").inner_text().removeprefix("id "))
        tab.keyboard.press("s")
    expect(tab.locator("#saving")).to_contain_text(f"{len(pressed)} not saved yet")
    expect(tab.locator("#opinion")).to_have_text("The next row is on its way…")
    for key in "ki2xc":
        tab.evaluate("document.querySelector('#toast').replaceChildren()")
        tab.keyboard.press(key)
        expect(tab.locator("#toast")).to_contain_text("wait: the next row is on its way")
    while not read_decisions(page):
        tab.wait_for_timeout(10)
    assert len(read_decisions(page)) == 1
    tab.goto("about:blank")
    tab.unroute_all()
    tab.goto(f"{page.origin}/?tab=certify")
    wait_until_ready(tab)
    expect(tab.locator("#unsaved")).to_contain_text("The page was left before the server had answered.")
    tab.keyboard.press("r")
    looked_at(tab, len(pressed))
    expect(tab.locator("#unsaved")).to_be_hidden()
    assert [(line["id"], line["decision"]) for line in read_decisions(page)] == [(row, "unsure") for row in pressed]


def test_a_picture_is_seen_before_it_is_decided_on(browser: "Browser", page: Page) -> None:
    tab = new_tab(browser)
    held: list[Any] = []

    def with_pictures(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "kind": "picture", "sheet": {"rows": 100, "columns": 10}})

    tab.route("**/api/session", with_pictures)
    tab.route("**/pictures/**", lambda route: held.append(route))
    open_review(tab, page.url)
    tab.locator("#tab-certify").click()
    tab.locator("#example img").wait_for(state="attached")
    for key in "ksx2i":
        tab.evaluate("document.querySelector('#toast').replaceChildren()")
        tab.keyboard.press(key)
        expect(tab.locator("#toast")).to_contain_text("wait: the picture is on its way")
    assert read_decisions(page) == []
    # it cannot be loaded
    tab.unroute("**/pictures/**")
    for route in held:
        route.abort()
    expect(tab.locator("#example img")).to_have_js_property("complete", True)
    tab.keyboard.press("s")
    expect(tab.locator("#toast")).to_contain_text("not sure")
    assert [line["decision"] for line in read_decisions(page)] == ["unsure"]


@pytest.mark.parametrize("size", [(360, 740), (1280, 900)])
def test_pictures_and_buttons_fit_the_window(
    browser: "Browser", shared_clone: Clone, tmp_path: Path, size: tuple[int, int]
) -> None:
    copy_artifacts(shared_clone, tmp_path)
    plan = add_plan(tmp_path)
    with serve_review(tmp_path, "--certify", "--known", "50%") as page:
        tab = open_tab(browser, page, viewport={"width": size[0], "height": size[1]})
        is_at(tab, plan.rows["id"][0])
        tab.locator("#compare section").nth(1).wait_for()
        assert tab.locator("#compare h2").all_inner_texts() == [f"Typical {plan.rows['label'][0]}", "Looks most like"]
        for name in ("keep", "wrong", "unsure", "undo"):
            box = tab.locator(f"#{name}").bounding_box()
            assert box["y"] + box["height"] <= size[1]
        assert tab.locator("#example img").bounding_box()["width"] >= 0.7 * min(size[0], 460)
        assert tab.locator("#tab-certify").bounding_box()["x"] < size[0]
        tab.keyboard.press("i")
        expect(tab.locator(".class")).to_have_count(10)
        assert tab.evaluate("document.documentElement.scrollWidth") == size[0]
        # a turned label looks like any other
        for _ in range(12):
            card = ask(page)["cards"][0]
            judge(page, card)
        assert {line["kind"] for line in read_checks(page)} == {"known"}
        assert tab.complaints == []


def test_rows_of_every_class_by_name(browser: "Browser", tmp_path: Path) -> None:
    names = [f"class {place}" for place in range(14)]
    plan = add_plan(make_artifacts(tmp_path, names, 300, 12))
    with serve_review(tmp_path, "--certify") as page:
        tab = open_tab(browser, page)
        is_at(tab, plan.rows["id"][0])
        # the likeliest classes have no keys here
        tab.keyboard.press("1")
        assert read_decisions(page) == []
        tab.keyboard.press("i")
        tab.locator("#another").click()
        tab.keyboard.type("class 13")
        tab.keyboard.press("Enter")
        looked_at(tab, 1)
        (line,) = csv.DictReader(page.decisions.open())
        assert line["label"] == "class 13" or line["decision"] == "keep"
