"""The review page in a real browser: keys and mouse, one row and many, reload, two tabs, odd names, small windows."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stages.artifacts.files import read_json, read_table, write_json, write_table
from tests.browser import expect, new_tab, open_review, settle, wait_until_ready
from tests.conftest import ROOT, Clone
from tests.kinds import CLASSES, LONG, make_found, write_rows
from tests.review import Page, copy_artifacts, make_artifacts, serve_review, write_trust

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def page(shared_clone: Clone, tmp_path: Path) -> Iterator[Page]:
    with serve_review(copy_artifacts(shared_clone, tmp_path)) as page:
        yield page


def open_tab(browser: "Browser", page: Page, **options: Any) -> Any:
    tab = new_tab(browser, **options)
    open_review(tab, page.url)
    return tab


def heading(tab: Any) -> str:
    return str(tab.locator(".heading .id").inner_text()).removeprefix("id ")


def is_at(tab: Any, row_id: str) -> None:
    expect(tab.locator(".heading .id")).to_have_text(f"id {row_id}")


def is_not_at(tab: Any, row_id: str) -> None:
    expect(tab.locator(".heading .id")).not_to_have_text(f"id {row_id}")


def counts(tab: Any, selector: str, count: int) -> None:
    expect(tab.locator(selector)).to_have_count(count)


def decided(tab: Any, count: int) -> Any:
    found = tab.locator("#progress-text", has_text=re.compile(f"^{count} of"))
    found.wait_for()
    return found


def read_lines(page: Page) -> list[dict[str, str]]:
    with page.decisions.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_deciding_by_keys(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    rows = page.read("/api/session")["rows"]
    other = next(name for name in "0123456789" if name not in (rows[4]["given_label"], rows[4]["suggested_label"]))
    # faster than the server answers: each key must hit the row that was shown when it was pressed
    for key in ("k", "a", "x", "s", other):
        tab.keyboard.press(key)
    decided(tab, 4)
    expected = [
        ("keep", ""),
        ("relabel", rows[1]["suggested_label"]),
        ("remove", ""),
        ("unsure", ""),
        ("relabel", other),
    ]
    lines = read_lines(page)
    assert [line["id"] for line in lines] == [row["id"] for row in rows[:5]]
    assert [(line["decision"], line["label"]) for line in lines] == expected
    is_at(tab, rows[5]["id"])
    tab.keyboard.press("ArrowLeft")
    is_at(tab, rows[4]["id"])
    tab.keyboard.press("u")
    decided(tab, 3)
    is_at(tab, rows[4]["id"])
    assert (read_lines(page)[-1]["decision"], read_lines(page)[-1]["id"]) == ("undo", rows[4]["id"])
    expect(tab.locator("#progress-text")).to_contain_text("2 of 3 wrong")
    expect(tab.locator("#yield-text")).to_contain_text("You found 2 in 3")
    assert tab.complaints == []


def test_a_note_goes_with_the_decision(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    tab.keyboard.press("w")
    # letters typed into the note decide nothing
    tab.keyboard.type("a kink, surely")
    tab.keyboard.press("Enter")
    tab.keyboard.press("k")
    decided(tab, 1)
    assert [(line["decision"], line["note"]) for line in read_lines(page)] == [("keep", "a kink, surely")]
    assert tab.locator("#note").input_value() == ""


def test_a_rows_history(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    row = page.read("/api/session")["rows"][0]
    tab.keyboard.press("Shift+H")
    expect(tab.locator("#row-history")).to_contain_text("Nobody has decided on it.")
    expect(tab.locator("#row-history code")).to_have_text(f"python -m labels log digits {row['id']}")
    # no key reaches the row behind it
    tab.keyboard.press("k")
    tab.keyboard.press("Escape")
    page.decide(row["id"], "relabel", "3", reviewer="Bob", note="<b>a kink</b>")
    page.post("/api/undo", reviewer="Bob")
    tab.locator("#history").click()
    lines = tab.locator("#row-history li")
    expect(lines.nth(0)).to_contain_text(f"Bob: relabel 3 (given {row['given_label']}), “<b>a kink</b>”")
    expect(lines.nth(0)).to_contain_text("of this run; no longer counts")
    expect(lines.nth(1)).to_contain_text("Bob: undo")
    tab.keyboard.press("Escape")
    tab.keyboard.press("b")
    expect(tab.locator("#history")).to_be_disabled()
    assert [line["reviewer"] for line in read_lines(page)] == ["Bob", "Bob"]
    assert tab.complaints == []


def test_deciding_by_mouse_and_reloading(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    rows = page.read("/api/session")["rows"]
    tab.locator("#keep").click()
    tab.locator("#remove").click()
    tab.locator(".class", has_text=rows[2]["suggested_label"]).click()
    decided(tab, 3)
    tab.locator("#toast button").click()
    decided(tab, 2)
    tab.reload()
    wait_until_ready(tab)
    decided(tab, 2)
    is_at(tab, rows[2]["id"])
    assert "token" not in tab.url
    tab.locator("#strip button").first.click()
    is_at(tab, rows[0]["id"])
    expect(tab.locator(".heading .badge")).to_have_text("kept")


def test_many_at_once(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    rows = page.read("/api/session")["rows"]
    tab.keyboard.press("g")
    counts(tab, "#tiles button", 18)
    tiles = tab.locator("#tiles button")
    tiles.nth(1).click()
    tiles.nth(3).click(modifiers=["Shift"])
    expect(tab.locator("#bulk")).to_contain_text("3 selected")
    tab.keyboard.press("a")
    decided(tab, 3)
    assert [(line["id"], line["label"]) for line in read_lines(page)] == [
        (row["id"], row["suggested_label"]) for row in rows[1:4]
    ]
    tab.locator("#page-correct").click()
    decided(tab, 18)
    assert {line["decision"] for line in read_lines(page)[3:]} == {"keep"}
    tab.keyboard.press("u")
    decided(tab, 3)
    expect(tab.locator("#toast")).to_contain_text("taken back on 15 rows")


def test_filters(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    rows = page.read("/api/session")["rows"]
    tab.keyboard.press("k")
    decided(tab, 1)
    tab.keyboard.press("g")
    tab.locator("[name=status]").select_option("decided")
    counts(tab, "#tiles button", 1)
    tab.locator("[name=status]").select_option("")
    given = rows[0]["given_label"]
    rows = [row for row in rows if row["flagged"]]
    tab.locator("[name=given]").select_option(given)
    counts(tab, "#tiles button", sum(row["given_label"] == given for row in rows))
    tab.locator("[name=given]").select_option("")
    tab.locator("[name=to]").fill("0.2")
    counts(tab, "#tiles button", sum(row["label_quality"] <= 0.2 for row in rows))
    tab.locator("[name=sort]").select_option("given_label")
    shown = tab.locator("#tiles .labels").all_inner_texts()
    assert shown == sorted(shown, key=lambda text: text[0])


def test_two_tabs_and_two_people(browser: "Browser", page: Page) -> None:
    ann, bob = open_tab(browser, page), open_tab(browser, page)
    bob.locator("#reviewer").click()
    bob.locator("#who-name").fill("Bob")
    bob.locator("#who button").click()
    first = heading(ann)
    ann.keyboard.press("k")
    bob.keyboard.press("x")
    ann.locator("#progress-text", has_text="1 in conflict").wait_for()
    assert {(line["reviewer"], line["decision"]) for line in read_lines(page)} == {("Ann", "keep"), ("Bob", "remove")}
    ann.keyboard.press("ArrowLeft")
    is_at(ann, first)
    expect(ann.locator(".said")).to_contain_text("They disagree")
    ann.keyboard.press("x")
    decided(ann, 1)
    decided(bob, 1)
    # whose decision came first is up to the two browsers
    assert set(read_lines(page)[-1]["settles"].split("; ")) == {"Ann", "Bob"}


def test_blind(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    row = page.read("/api/session")["rows"][0]
    tab.keyboard.press("b")
    tab.locator("#opinion", has_text="Blind").wait_for()
    tab.locator("#compare section").first.wait_for()
    said = tab.locator("#focus").inner_text()
    assert "suggested" not in said.lower().replace("accept suggestion", "")
    assert "Quality" not in said
    assert "chance of an error" not in said
    assert tab.locator("#compare h2").all_inner_texts() == [f"Typical {row['given_label']}", "Looks most like"]
    tab.keyboard.press("a")
    assert read_lines(page) == []
    tab.keyboard.press("k")
    decided(tab, 1)
    # the row stays, and now shows what the network thinks
    is_at(tab, row["id"])
    expect(tab.locator("#opinion")).to_contain_text("suggested")
    expect(tab.locator("#opinion")).to_contain_text("chance of an error: ")
    (line,) = read_lines(page)
    assert (line["suggested_label"], line["label_quality"]) == ("", "")
    tab.keyboard.press("n")
    is_not_at(tab, row["id"])


NAMES = [
    "<script>alert(1)</script>",
    'say "cheese", or not',
    "línea\u200d",
    "plain",
    *(f"class {k}" for k in range(20)),
]


def test_names_are_data_and_more_than_ten_classes_are_typed(browser: "Browser", tmp_path: Path) -> None:
    with serve_review(make_artifacts(tmp_path, NAMES, 240, 100)) as page:
        tab = open_tab(browser, page)
        row = page.read("/api/session")["rows"][1]
        assert row["given_label"] == NAMES[0]
        tab.locator("#likeliest kbd").first.wait_for()
        tab.keyboard.press("1")
        expect(tab.locator(".heading strong")).to_have_text(NAMES[0])
        expect(tab.locator("#example blockquote")).to_have_text("<i>text</i> 1")
        tab.keyboard.press("c")
        # nothing is typed, and so nothing chosen
        tab.keyboard.press("Enter")
        tab.keyboard.type("class 1")
        assert tab.locator("#class-list li").first.inner_text().split() == ["class", "1", "Enter"]
        tab.keyboard.press("Enter")
        decided(tab, 2)
        lines = read_lines(page)
        assert [(line["decision"], line["label"]) for line in lines] == [("relabel", NAMES[0]), ("relabel", "class 1")]
        tab.keyboard.press("c")
        tab.keyboard.type("ASS 1")
        tab.keyboard.press("Enter")
        decided(tab, 3)
        assert read_lines(page)[-1]["label"] == "class 1"
        tab.keyboard.press("g")
        counts(tab, "#tiles button", 60)
        tab.keyboard.press("ArrowRight")
        counts(tab, "#tiles button", 40)
        counts(tab, "script:not([src])", 0)
        assert tab.complaints == []


CALCULATED = """Promise.all([import("/page/yield.js"), import("/page/forecast.js")]).then((modules) => {
    const [{ hint }, { interpolate }] = modules;
    const finds = (errors, rows) => [...Array(rows).keys()].map((k) => k < errors);
    return [
        [0, 1, 2, 10, 11].map((rows) => interpolate([0, 1, 3, 10], [0, 1, 2, 5.5], rows)),
        hint(finds(4, 20), 0.5), hint(finds(10, 20), 0.5), hint(finds(0, 19), 0.5), hint(finds(5, 24), 0.1),
    ];
})"""


def test_what_is_found_is_held_against_what_was_expected(browser: "Browser", tmp_path: Path) -> None:
    with serve_review(make_artifacts(tmp_path, NAMES[3:6], 240, 20, n_next=30)) as page:
        tab = open_tab(browser, page)
        bounds, *hints = tab.evaluate(CALCULATED)
        assert bounds == [0, 1, 1.5, 5.5, 5.5]
        assert hints[0].startswith("4 of the last 20 rows that you looked at were errors: fewer than min_yield (0.5)")
        assert hints[1:3] == ["", ""]
        assert hints[3].startswith("1 of the last 20 rows that you looked at was an error")
        said, stop = tab.locator("#yield-text"), tab.locator("#stop")
        expect(said).to_contain_text("in the 240 rows without a decision. The 20 worst rows hold about 14 (")
        for count, key in enumerate("a" * 9 + "xskkkkkkkkk", start=1):
            tab.keyboard.press(key)
            decided(tab, count - (count > 10))
        # what nobody is sure of was not reviewed
        expect(said).to_contain_text("You found 10 in 19; the model alone expected 15.")
        # a step for each, from the first corner on
        assert tab.locator("#yield-chart polyline.found").get_attribute("points").count(",") == 39
        tab.locator("#further", has_text="Look at them too").click()
        decided(tab, 19)
        tab.locator("#progress-text", has_text="19 of 50 decided").wait_for()
        is_at(tab, "row-20")
        expect(stop).to_have_text("")
        tab.keyboard.press("k")
        tab.keyboard.press("k")
        stop.filter(has_text="9 of the last 20").wait_for()
        expect(said).to_contain_text("You found 10 in 21; the model alone expected 15.")
        tab.reload()
        wait_until_ready(tab)
        expect(tab.locator("#progress-text")).to_contain_text("21 of 50 decided")
        tab.keyboard.press("u")
        tab.locator("#yield-text", has_text="You found 10 in 20").wait_for()
        expect(stop).to_have_text("")
        assert tab.complaints == []


def errors_left(tab: Any) -> tuple[float, float]:
    """Return how many errors are left and the upper end of the band, once what is shown has settled."""
    settle(tab)
    said = re.search(r"left: about ([\d.,]+) \([\d.,]+ to ([\d.,]+)\)", tab.locator("#yield-text").inner_text())
    assert said
    return float(said[1].replace(",", "")), float(said[2].replace(",", ""))


def test_rows_spread_over_the_ranking_move_what_is_expected(browser: "Browser", tmp_path: Path) -> None:
    with serve_review(make_artifacts(tmp_path, NAMES[3:6], 2400, 20, n_next=30)) as page:
        tab = open_tab(browser, page)
        before = errors_left(tab)
        expect(tab.locator("#offer")).to_contain_text("look at 20 rows spread over the ranking. ")
        tab.locator("#to-spread").click()
        expect(tab.locator("#offer")).to_contain_text("These rows come from everywhere")
        seen = []
        for count in range(1, 21):
            seen.append(heading(tab))
            tab.keyboard.press("k")
            decided(tab, count)
        ranks = [int(row_id.removeprefix("row-")) for row_id in seen]
        assert len(set(ranks)) == 20
        assert min(ranks[:5]) == 0 < 1200 < max(ranks[:5])
        expect(tab.locator("#opinion")).to_contain_text("Nothing is left to decide here")
        tab.locator("#yield-text", has_text="You found 0 in 20; the model alone expected ").wait_for()
        tab.locator("#yield-text", has_text="in the 2,380 rows without a decision").wait_for()
        after = errors_left(tab)
        assert (after[0] < 0.6 * before[0], after[1] < 0.6 * before[1]) == (True, True)
        assert tab.url.endswith("/?tab=spread")
        tab.keyboard.press("l")
        expect(tab.locator("#offer")).to_be_hidden()
        # some of them are flagged too
        expect(tab.locator("#tab-labels")).to_contain_text(f"{sum(rank < 20 for rank in ranks)} of 20")
        for _ in range(4):
            tab.keyboard.press("x")
        tab.locator("#yield-text", has_text="in the 2,376 rows without a decision").wait_for()
        assert errors_left(tab)[0] > after[0]
        assert tab.complaints == []


def test_of_a_weak_model_the_page_says_no_chances_and_a_band_from_none(browser: "Browser", tmp_path: Path) -> None:
    folder = make_artifacts(tmp_path, NAMES[3:6], 240, 20, n_next=30)
    write_trust(folder / "data/digits", "weak", total=2, slope=0.5)
    about = read_json(folder / "data/digits/quality/model.json")
    write_json(folder / "data/digits/quality/model.json", {**about, "measures": {"accuracy": 0.638}})
    with serve_review(folder) as page:
        tab = open_tab(browser, page)
        top = tab.locator("#trust summary")
        expect(top).to_have_text("The model is weak on these data: it says where to look first, not what is wrong.")
        expect(tab.locator("#trust li").first).to_be_hidden()
        top.focus()
        tab.keyboard.press("Enter")
        expect(tab.locator("#trust li")).to_have_text(["It is right on 64 % of the rows.", "Raise max_epochs."])
        expect(tab.locator("#yield-text")).to_contain_text("Expected errors left: none to ")
        expect(tab.locator("#yield-text")).to_contain_text("The 20 worst rows hold none to ")
        expect(tab.locator("#opinion")).to_contain_text("The model says (right on 64 % of rows):")
        expect(tab.locator("#opinion")).to_contain_text("Rank 1 of 240")
        expect(tab.locator("#opinion")).not_to_contain_text(re.compile("chance of an error|Quality"))
        # one verdict tells next to nothing
        for count in range(1, 11):
            tab.keyboard.press("k")
            decided(tab, count)
        tab.locator("#yield-text", has_text="Expected errors left: about ").wait_for()
        tab.keyboard.press("g")
        expect(tab.locator("#tiles")).to_contain_text("rank 3")
        expect(tab.locator("#tiles")).not_to_contain_text("0.0")
        # all that decides on many is one line
        assert len({round(each.bounding_box()["y"]) for each in tab.locator("#bulk button").all()}) == 1
        expect(tab.locator("#tiles")).not_to_contain_text("wrong: ")
        assert tab.complaints == []


@pytest.mark.parametrize("n_flagged", [0, 20])
def test_of_a_worthless_model_the_page_offers_the_spread_rows(
    browser: "Browser", tmp_path: Path, n_flagged: int
) -> None:
    folder = make_artifacts(tmp_path, NAMES[3:6], 240, n_flagged, n_next=30)
    write_trust(folder / "data/digits", "worthless")
    quality = folder / "data/digits/quality/label_quality.csv"
    write_table(quality, read_table(quality).assign(error_prob=""))
    with serve_review(folder) as page:
        tab = open_tab(browser, page)
        expect(tab.locator("#trust summary")).to_contain_text("its ranking is no better than chance")
        assert tab.locator("#tab-spread").get_attribute("aria-pressed") == "true"
        counts(tab, "#tabs button", 2 if n_flagged else 1)
        expect(tab.locator("#yield")).to_be_hidden()
        for count, key in enumerate("kkx", start=1):
            tab.keyboard.press(key)
            decided(tab, count)
        expect(tab.locator("#yield-text")).to_have_text(
            "1 of 3 wrong: 6 to 79 % of all rows. These are people's finds alone."
        )
        expect(tab.locator("#yield-chart")).to_be_hidden()
        tab.keyboard.press("l")
        # what comes next in rank is no better than any other row
        counts(tab, "#further", 0)
        assert "expected" not in tab.locator("body").inner_text().lower().replace("no errors are expected", "")
        assert tab.complaints == []


def test_an_end_leads_on(browser: "Browser", found: Page) -> None:
    tab = open_tab(browser, found)
    tab.keyboard.press("g")
    tab.locator("#page-correct").click()
    decided(tab, 5)
    tab.keyboard.press("g")
    tab.keyboard.press("n")
    expect(tab.locator("#opinion")).to_contain_text("Nothing is left")
    counts(tab, "#further", 0)
    tab.locator("#opinion button", has_text="Outliers").click()
    is_at(tab, "row-30")
    # the suggested label is the given one
    expect(tab.locator("#keep")).to_contain_text(f"Keep {CLASSES[0]}")
    counts(tab, "#accept", 0)
    expect(tab.locator("#yield")).to_be_hidden()


@pytest.fixture(params=["text", "table"])
def found(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    with serve_review(make_found(tmp_path, request.param)) as page:
        yield page


def test_duplicates_are_decided_on_set_by_set(browser: "Browser", found: Page) -> None:
    tab = open_tab(browser, found)
    tab.keyboard.press("d")
    tab.locator("#set h2", has_text="Set 1: 2 rows, exactly the same. Labels differ").wait_for()
    assert [tab.locator("#set .labels bdi:first-child").nth(k).inner_text() for k in (0, 1)] == [CLASSES[2], CLASSES[2]]
    assert tab.locator("#set .id").all_inner_texts() == ["id row-4", "id row-5"]
    for key in ("x", "k"):
        tab.keyboard.press(key)
    decided(tab, 2)
    assert [(line["id"], line["decision"]) for line in read_lines(found)] == [("row-4", "remove"), ("row-5", "keep")]
    is_at(tab, "row-6")
    expect(tab.locator("#set h2")).to_contain_text("Set 2: 2 rows, nearly the same")
    tab.keyboard.press("u")
    decided(tab, 1)
    is_at(tab, "row-5")
    tab.locator("#tab-labels", has_text="1 of 5").wait_for()
    tab.keyboard.press("g")
    counts(tab, "#tiles .set-head", 2)
    tab.locator("#tiles button").nth(3).click()
    tab.keyboard.press("x")
    decided(tab, 2)
    assert read_lines(found)[-1]["id"] == "row-9"
    assert tab.complaints == []


def test_a_tab_keeps_its_place_and_its_address(browser: "Browser", found: Page) -> None:
    tab = open_tab(browser, found)
    tab.locator("#tab-outliers", has_text="0 of 2").wait_for()
    tab.keyboard.press("o")
    tab.locator("#opinion", has_text="outlier score 0.037").wait_for()
    tab.keyboard.press("ArrowRight")
    is_at(tab, "row-30")
    tab.keyboard.press("l")
    is_not_at(tab, "row-30")
    assert "tab=" not in tab.url
    tab.keyboard.press("o")
    is_at(tab, "row-30")
    assert tab.url.endswith("/?tab=outliers")
    tab.keyboard.press("k")
    decided(tab, 1)
    tab.reload()
    wait_until_ready(tab)
    decided(tab, 1)
    is_at(tab, "row-1")
    assert tab.locator("#tab-outliers").get_attribute("aria-pressed") == "true"
    # also if it is loaded again before it has begun
    tab.route("**/api/session", lambda route: None)
    with tab.expect_request("**/api/session"):
        tab.reload(wait_until="commit")
    assert tab.evaluate("location.search") == "?tab=outliers"
    tab.unroute("**/api/session")
    tab.reload()
    wait_until_ready(tab)
    assert tab.locator("#tab-outliers").get_attribute("aria-pressed") == "true"
    # the token is in no address, and a list that is not there gives way to the first
    tab.goto(f"{found.url}&tab=nothing")
    wait_until_ready(tab)
    assert tab.url == f"{found.origin}/"
    assert tab.complaints == []


def test_bad_pictures_say_what_is_wrong_with_them(browser: "Browser", tmp_path: Path) -> None:
    folder = make_found(tmp_path, "text")
    flaws = [("row-30", CLASSES[0], "dark", "0.1"), ("row-8", CLASSES[2], "blurred", "0.2")]
    flaws.append(("row-30", CLASSES[0], "little information", "0.3"))
    write_rows(folder / "data/digits/examples/picture_quality.csv", "id,given_label,kind,score", flaws)
    with serve_review(folder) as page:
        rows = page.read("/api/found/picture_quality")["rows"]
        assert [(row["id"], row["kind"], row["score"]) for row in rows] == [
            ("row-30", "dark, little information", 0.1),
            ("row-8", "blurred", 0.2),
        ]
        tab = open_tab(browser, page)
        tab.locator("#tab-picture_quality", has_text="Picture quality 0 of 2").wait_for()
        tab.keyboard.press("q")
        is_at(tab, "row-30")
        assert tab.locator("#opinion .heading .badge").all_inner_texts() == ["dark", "little information"]
        expect(tab.locator("#opinion")).to_contain_text("picture quality score 0.1")
        tab.keyboard.press("x")
        decided(tab, 1)
        is_at(tab, "row-8")
        tab.keyboard.press("g")
        expect(tab.locator("#tiles button").nth(1)).to_contain_text("blurred")
        tab.keyboard.press("o")
        counts(tab, "#tiles .badge:not(:empty)", 1)
        assert tab.complaints == []


# the names of columns whose first word takes two lines
BROKEN = """[...document.querySelectorAll("#example th")].map(({ firstChild }) => {
    const range = document.createRange();
    range.setStart(firstChild, 0);
    range.setEnd(firstChild, /^\\S+/.exec(firstChild.data)[0].length);
    return [firstChild.data, range.getClientRects().length];
}).filter(([, lines]) => lines > 1)"""


def test_texts_and_tables_fit_the_window_and_long_rows_open_whole(browser: "Browser", found: Page) -> None:
    tab = open_tab(browser, found, viewport={"width": 390, "height": 800})
    tab.locator("#compare section").first.wait_for()
    for width in (390, 1280):
        tab.set_viewport_size({"width": width, "height": 800})
        tab.keyboard.press("l")
        expect(tab.locator("#tab-labels")).to_have_attribute("aria-pressed", "true")
        assert tab.evaluate(BROKEN) == []
        for key in ("l", "d", "o"):
            tab.keyboard.press(key)
            tab.locator(f"#tabs [aria-pressed=true] kbd:text-is('{key.upper()}')").wait_for()
            for _ in range(2):
                assert tab.evaluate("document.documentElement.scrollWidth") == width
                assert tab.evaluate(UNNAMED) == 0
                tab.keyboard.press("g")
    # the first outlier is the long row; its beginning is there at once, the rest when it has come
    expect(tab.locator("#example blockquote, #example td").first).to_have_text(LONG.strip())
    counts(tab, "script:not([src]), #focus b", 0)


def test_a_server_that_is_gone_is_said(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    first = heading(tab)
    page.process.kill()
    tab.locator("#note").fill("a kink")
    tab.keyboard.press("Enter")
    tab.keyboard.press("k")
    expect(tab.locator("#unsaved")).to_contain_text(f"Not saved: id {first}: kept. The server does not answer")
    # the next key is meant for the row that is shown
    is_not_at(tab, first)
    expect(tab.locator("#progress-text")).to_contain_text("0 of 18")
    assert read_lines(page) == []


UNNAMED = """[...document.querySelectorAll("button, input, select")].filter(
    each => each.offsetParent && !(each.innerText || each.ariaLabel || each.labels?.length)).length"""


FOCUSED = """(() => {
    const element = document.activeElement;
    return [element === document.body ? "body" : element.id, getComputedStyle(element).outlineStyle];
})()"""


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_the_window_where_the_yield_may_be_a_line(browser: "Browser", page: Page, width: int) -> None:
    tab = open_tab(browser, page, viewport={"width": width, "height": 800})
    tab.locator("#compare section").first.wait_for()
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        for _ in range(2):
            assert tab.evaluate("document.documentElement.scrollWidth") == width
            assert tab.evaluate(UNNAMED) == 0
            tab.keyboard.press("g")
    keys = tab.locator("#focus button kbd, header button kbd").all_inner_texts()
    assert {"K", "A", "X", "S", "U", "N", "←", "→", "G", "B", "?"} <= set(keys)
    line, chart = tab.locator("#yield-short"), tab.locator("#yield-chart")
    if width == 390:
        assert line.inner_text().startswith("Expected errors left: ")
        expect(chart).to_be_hidden()
        line.click()
        assert line.get_attribute("aria-expanded") == "true"
    else:
        expect(line).to_be_hidden()
    expect(chart).to_be_visible()


def test_every_button_is_reached_and_shown_by_tab(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    tab.locator("#compare section").first.wait_for()
    reached = set()
    for _ in range(40):
        tab.keyboard.press("Tab")
        # asked at once: what is drawn anew takes the focus from what was there
        focused, outline = tab.evaluate(FOCUSED)
        reached.add(focused)
        assert outline != "none" or focused == "body"
    assert {"show-grid", "blind", "keep", "accept", "remove", "unsure", "undo", "note"} <= reached
    tab.locator("#remove").focus()
    tab.keyboard.press("Enter")
    decided(tab, 1)
    assert [line["decision"] for line in read_lines(page)] == ["remove"]


def test_a_thousand_flagged_rows_are_no_burden(browser: "Browser", tmp_path: Path) -> None:
    with serve_review(make_artifacts(tmp_path, NAMES, 3000, 1000)) as page:
        tab = new_tab(browser)
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.method))
        open_review(tab, page.url)
        for count in range(1, 11):
            tab.keyboard.press("k")
            decided(tab, count)
        assert asked.count("POST") == 10
        # what is asked for and drawn does not grow with the rows; benchmarks/review_page.py measures the time
        assert len(asked) < 100
        for _ in range(2):
            assert tab.evaluate("document.querySelectorAll('*').length") < 1200
            tab.keyboard.press("g")


TOY = """{
    name: "toy", key: ";", help: "remove it with a note", bar: "decide", label: "A toy",
    when: (page) => !page.model.blind,
    run(page) {
        document.getElementById("note").value = "a toy";
        page.decide("remove");
    },
},
"""


def test_a_new_key_is_one_entry_of_the_table(browser: "Browser", page: Page) -> None:
    tab = new_tab(browser)
    table = (ROOT / "review/page/keys.js").read_text()
    changed = table.replace("export const KEYS = [\n", f"export const KEYS = [\n{TOY}")
    tab.route("**/page/keys.js", lambda route: route.fulfill(body=changed, content_type="text/javascript"))
    open_review(tab, page.url)
    expect(tab.locator("#toy")).to_have_text("A toy ;")
    tab.keyboard.press("?")
    expect(tab.locator("#help tr").first).to_have_text("; remove it with a note")
    tab.keyboard.press("Escape")
    tab.keyboard.press(";")
    decided(tab, 1)
    tab.locator("#toy").click()
    decided(tab, 2)
    tab.keyboard.press("b")
    expect(tab.locator("#toy")).to_be_disabled()
    tab.keyboard.press(";")
    tab.keyboard.press("k")
    decided(tab, 3)
    assert [(line["decision"], line["note"]) for line in read_lines(page)] == [("remove", "a toy")] * 2 + [("keep", "")]
    assert tab.complaints == []


KEYS = """import("/page/keys.js").then(({ KEYS }) => KEYS.map(({ name, key, presses, help }) =>
    [name, presses ?? [key], help]))"""


def test_each_key_does_one_thing_and_stands_in_the_help(browser: "Browser", page: Page) -> None:
    tab = open_tab(browser, page)
    # without other trouble there are labels and spread rows, and the keys of the other lists do nothing
    counts(tab, "#tabs button", 2)
    for key in ("d", "o", "l"):
        tab.keyboard.press(key)
    expect(tab.locator("#progress-text")).to_contain_text("0 of 18")
    keys = tab.evaluate(KEYS)
    names = [name for name, _, _ in keys]
    presses = [press.lower() for _, several, _ in keys for press in several]
    assert (len(set(names)), len(set(presses))) == (len(names), len(presses))
    tab.keyboard.press("?")
    assert tab.locator("#help td").all_inner_texts() == list(dict.fromkeys(text for _, _, text in keys))
    assert tab.complaints == []
