"""How the review page looks: many classes, forced colours, phones, long ids, and ids that give the label away."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from stages.artifacts.files import read_table, write_json, write_table
from tests.browser import expect, new_tab, open_review, settle
from tests.conftest import ROOT
from tests.photographs import UPRIGHT, make_photographs, save
from tests.review import Page, add_map, add_plan, make_artifacts, serve_review, write_trust

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CLASSES = ["cat", "dog", "owl"]
ODD = ["Straße", "Cafe\u0301 au lait", "golden_retriever", "retriever", "ＡＢＣ", "İstanbul", "Łódź", "C++", "C"]
MANY = ODD + [f"class {k:03d} of birds" for k in range(991)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = make_artifacts(tmp_path, CLASSES, 240, 12)
    add_plan(folder)
    return add_map(folder, np.random.default_rng(0).normal(size=(240, 2)))


def open_tab(browser: "Browser", page: Page, **options: Any) -> Any:
    tab = new_tab(browser, **options)
    open_review(tab, page.url)
    return tab


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with serve_review(make_artifacts(tmp_path_factory.mktemp("many"), MANY, 2000, 100)) as page:
        yield page


def first(tab: Any) -> str:
    return str(tab.locator("#class-list li bdi").first.inner_text())


def test_a_thousand_classes_are_found_however_they_are_typed(browser: "Browser", many: Page) -> None:
    tab = open_tab(browser, many)
    tab.locator("#likeliest .name").first.wait_for()
    tab.keyboard.press("c")
    expect(tab.locator("#class-count")).to_have_text("1,000 of 1,000 classes.")
    expect(tab.locator("#class-list li")).to_have_count(1000)
    field = tab.locator("#class-name")
    for typed, found in [
        ("strasse", "Straße"), ("CAFÉ", "Cafe\u0301 au lait"), ("lait cafe", "Cafe\u0301 au lait"), ("abc", "ＡＢＣ"),
        ("retriever golden", "golden_retriever"), ("golden-retr", "golden_retriever"), ("retriever", "retriever"),
        ("istanbul", "İstanbul"), ("lodz", "Łódź"), ("c++", "C++"), ("C", "C"), ("birds 990", "class 990 of birds"),
        ("bird ９０", "class 900 of birds"),
    ]:  # fmt: skip
        field.fill(typed)
        expect(tab.locator("#class-list [aria-selected=true] bdi")).to_have_text(found)
    field.fill("birds of a feather")
    expect(tab.locator("#class-count")).to_have_text("No class fits “birds of a feather”.")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    assert tab.locator("#chooser").get_attribute("open") is not None
    field.fill("—")
    expect(tab.locator("#class-list li")).to_have_count(0)
    assert tab.complaints == []


def test_the_likeliest_classes_come_first_and_arrows_reach_all(browser: "Browser", many: Page) -> None:
    row = many.read("/api/session")["rows"][1]
    tab = open_tab(browser, many)
    tab.keyboard.press("ArrowRight")
    tab.locator("#likeliest .name").first.wait_for()
    tab.keyboard.press("c")
    assert first(tab) == row["suggested_label"] == MANY[1]
    # nothing is chosen before a key has said which
    tab.keyboard.press("Enter")
    chosen = tab.locator("#class-list [aria-selected=true] bdi")
    expect(chosen).to_have_count(0)
    tab.keyboard.press("ArrowUp")
    expect(chosen).to_have_text(MANY[-1])
    tab.keyboard.press("ArrowDown")
    expect(chosen).to_have_text(MANY[1])
    for _ in range(12):
        tab.keyboard.press("PageDown")
    last = chosen.bounding_box()
    box = tab.locator("#class-list").bounding_box()
    assert box["y"] <= last["y"] <= box["y"] + box["height"] - last["height"] + 1
    active = tab.locator("#class-name").get_attribute("aria-activedescendant")
    assert tab.locator(f"#{active}").get_attribute("aria-selected") == "true"
    name = chosen.inner_text()
    tab.keyboard.press("Enter")
    expect(tab.locator("#toast")).to_contain_text(f"id {row['id']}: now {name}")
    # blind, the model says nothing
    tab.keyboard.press("b")
    tab.keyboard.press("c")
    assert first(tab) == MANY[0]
    tab.keyboard.press("Escape")
    tab.keyboard.press("u")
    expect(tab.locator("#toast")).to_contain_text("taken back")


def pixels(locator: Any) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("RGB")).astype(int)


def differ(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.abs(one - other).sum() > 150)


SCHEMES = ("light", "dark")


def test_forced_colours_show_what_is_selected_and_how_far_it_is(browser: "Browser", folder: Path) -> None:
    with serve_review(folder) as page:
        tab = open_tab(browser, page, forced_colors="active", reduced_motion="reduce")
        for key in "kkkkkk":
            tab.keyboard.press(key)
        expect(tab.locator("#progress-text")).to_contain_text("6 of 12")
        for scheme in SCHEMES:
            tab.emulate_media(color_scheme=scheme)
            check_the_row(tab)
        tab.keyboard.press("g")
        tiles = tab.locator("#tiles button")
        tiles.nth(1).click()
        for scheme in SCHEMES:
            tab.emulate_media(color_scheme=scheme)
            assert differ(pixels(tiles.nth(1))[4, 12], pixels(tiles.nth(2))[4, 12])
        tab.keyboard.press("v")
        for scheme in SCHEMES:
            tab.emulate_media(color_scheme=scheme)
            legend = pixels(tab.locator("#map-legend button").first)
            assert len(np.unique(legend.reshape(-1, 3), axis=0)) > 20
            swatches = tab.locator("#map-legend i").evaluate_all(
                "(nodes) => nodes.map((node) => getComputedStyle(node).backgroundColor)"
            )
            assert len(set(swatches)) == len(CLASSES)
        assert tab.complaints == []


def check_the_row(tab: Any) -> None:
    bar = pixels(tab.locator("#progress"))
    middle = bar[bar.shape[0] // 2]
    assert differ(middle[len(middle) // 4], middle[3 * len(middle) // 4])
    ground = pixels(tab.locator("#dataset"))[0, 0]
    # the end that is empty has an edge
    assert differ(bar[0, -8], ground)
    share = pixels(tab.locator(".pair .bar").nth(1))
    assert differ(share[share.shape[0] // 2, 5], ground)
    for shown, hidden in [("#show-focus", "#show-grid"), ("#tab-labels", "#tab-spread")]:
        one, other = pixels(tab.locator(shown)), pixels(tab.locator(hidden))
        assert differ(one[8, 8], other[8, 8])
    tab.locator("#keep").evaluate("(node) => node.focus({ focusVisible: true })")
    assert tab.locator("#keep").evaluate("(node) => getComputedStyle(node).outlineStyle") == "solid"
    for selector in ("#strip .badge.kept", "#toast"):
        edge = tab.locator(selector).first.evaluate("(node) => getComputedStyle(node).borderTopWidth")
        assert edge in ("1px", "2px")
    current = tab.locator("#strip [aria-current]")
    assert current.evaluate("(node) => getComputedStyle(node).outlineWidth") == "3px"


SHARE = """<style>{style}</style><body><span class="bar" style="display: block; width: 200px"><i style="width: 50%"></i>
</span><span class="flag">flagged</span></body>"""


def test_the_report_shows_its_bars_and_flags_in_forced_colours(browser: "Browser") -> None:
    tab = new_tab(browser, forced_colors="active")
    tab.set_content(SHARE.format(style=(ROOT / "stages/report/page.css").read_text()))
    bar = pixels(tab.locator(".bar"))
    middle = bar[bar.shape[0] // 2]
    assert differ(middle[50], middle[150])
    assert tab.locator(".flag").evaluate("(node) => getComputedStyle(node).borderTopWidth") == "1px"


SMALL = """[...document.querySelectorAll("button, select, input, summary, [role=option]")]
    .filter((each) => each.offsetParent).map((each) => [each.id || each.innerText, each.getBoundingClientRect()])
    .filter(([, { width, height }]) => Math.min(width, height) < 44).map(([name]) => name)"""
PINNED = """[...document.querySelectorAll("main .decide button")].filter((each) => each.offsetParent)
    .map((each) => each.getBoundingClientRect()).map(({ top, bottom, left, right }) =>
        top > innerHeight / 2 && bottom <= innerHeight && left >= 0 && right <= innerWidth)"""


@pytest.mark.parametrize(
    "names", [CLASSES, ["a class whose name is much too long for a phone " * 3, "dog", "owl" * 30]]
)
def test_a_phone_has_what_decides_within_reach(browser: "Browser", tmp_path: Path, names: list[str]) -> None:
    folder = make_artifacts(tmp_path, names, 240, 12)
    add_plan(folder)
    with serve_review(add_map(folder, np.random.default_rng(0).normal(size=(240, 2)))) as page:
        tab = open_tab(browser, page, viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
        tab.locator("#compare section").first.wait_for()
        for key in ("l", "g", "v", "t", "i", "l", "g", "?", "c"):
            tab.keyboard.press(key)
            if key in "vt":
                expect(tab.locator("#tabs [aria-pressed=true]")).to_have_attribute(
                    "id", {"v": "tab-map", "t": "tab-certify"}[key]
                )
            for width in (320, 390):
                tab.set_viewport_size({"width": width, "height": 640})
                assert tab.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [width, width]
                assert tab.evaluate(SMALL) == []
                assert set(tab.evaluate(PINNED)) == {True}
            if key == "?":
                tab.keyboard.press("Escape")
        tab.keyboard.press("Escape")
        for width in (320, 390):
            tab.set_viewport_size({"width": width, "height": 640})
            tab.locator("#keep").tap()
            expect(tab.locator("#progress-text")).to_contain_text("1 of 12 decided")
            settle(tab)
            undo = tab.locator("#toast button")
            # on one line
            assert undo.bounding_box()["height"] == 44
            assert undo.bounding_box()["width"] < 90
            undo.tap()
            expect(tab.locator("#progress-text")).to_contain_text("0 of 12 decided")
            settle(tab)
        assert tab.complaints == []


LONG = "photographs/of-a-summer-with-a-name-that-is-long/IMG_20260101_123456.jpg"


def rename(folder: Path, name: Any) -> Path:
    """Give the rows ids of files; ``name`` returns one for a row's number and its class."""
    data = folder / "data/digits"
    labels = read_table(data / "quality/label_quality.csv").set_index("id")["given_label"]
    ids = {row_id: name(int(str(row_id).removeprefix("row-")), label) for row_id, label in labels.items()}
    for path in ("prepared/ids.csv", "quality/label_quality.csv", "issues.csv"):
        table = read_table(data / path)
        write_table(data / path, table.assign(id=table["id"].map(ids)))
    return folder


def test_a_long_id_is_shortened_in_the_middle_and_copied_whole(browser: "Browser", tmp_path: Path) -> None:
    folder = rename(make_artifacts(tmp_path, CLASSES, 60, 12), lambda row, _: LONG.replace("IMG", f"{row}é"))
    with serve_review(folder) as page:
        tab = open_tab(browser, page)
        shown = tab.locator(".heading .id")
        whole = LONG.replace("IMG", "0é")
        expect(shown).to_have_text(f"id {whole}")
        assert shown.get_attribute("title") == whole
        cut = tab.locator(".heading .cut")
        assert cut.evaluate("(node) => getComputedStyle(node).fontSize") == "0px"
        assert cut.evaluate("(node) => getComputedStyle(node, '::before').content") == '"…"'
        assert shown.bounding_box()["width"] < 420
        shown.evaluate("(node) => getSelection().selectAllChildren(node)")
        assert tab.evaluate("String(getSelection())") == f"id {whole}"
        tab.keyboard.press("k")
        expect(tab.locator("#toast")).to_have_text(re.compile(f"^id {re.escape(whole)}: kept"))
        tab.keyboard.press("g")
        expect(tab.locator("#tiles .cut")).to_have_count(12)
        assert tab.evaluate("document.documentElement.scrollWidth") == 1280


# how far the picture reaches below the buttons' upper edge
HIDDEN = """document.querySelector("#example img").getBoundingClientRect().bottom
    - document.querySelector("#focus .decide").getBoundingClientRect().top"""
# how far the picture is below the upper edge of the screen, and how far it ends above the buttons
IN_SIGHT = f"""[document.querySelector("#example img").getBoundingClientRect().top, -({HIDDEN})]"""
# of the first id among many, how many lines it takes, and the part that is its name
LINES = """(() => {
    const id = document.querySelector("#tiles .id");
    const { fontSize, lineHeight } = getComputedStyle(id);
    const name = id.querySelector("bdi").getBoundingClientRect();
    return [id.offsetHeight / parseFloat(lineHeight), name.height / parseFloat(fontSize)];
})()"""


def check_that_new_rows_come_into_sight(tab: Any) -> None:
    # whoever decides far from the picture sees the next one
    for button, done in (("#keep", "kept"), ("#undo", "taken back"), ("#next-undecided", "")):
        tab.locator("#note").scroll_into_view_if_needed()
        tab.evaluate("scrollBy(0, 250)")
        assert min(tab.evaluate(IN_SIGHT)) < 0
        tab.locator(button).tap()
        expect(tab.locator("#toast")).to_contain_text(done)
        assert min(tab.evaluate(IN_SIGHT)) >= 0
    # but what is in sight stays where it is, and so does a page whose buttons are in the card
    where = tab.evaluate("scrollY")
    tab.keyboard.press("ArrowRight")
    tab.evaluate("scrollTo(0, 0)")
    tab.keyboard.press("ArrowLeft")
    assert (where > 0, tab.evaluate("scrollY")) == (True, 0)
    tab.set_viewport_size({"width": 1280, "height": 500})
    tab.evaluate("scrollTo(0, 500)")
    where = tab.evaluate("scrollY")
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate(IN_SIGHT)[0] < 0
    assert tab.evaluate("scrollY") == where
    tab.keyboard.press("ArrowLeft")
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.evaluate("scrollTo(0, 0)")


def test_a_phone_shows_a_picture_whole_and_ids_unbroken(browser: "Browser", tmp_path: Path) -> None:
    photograph = save(Image.fromarray(UPRIGHT).resize((400, 500)), "JPEG")
    folder = rename(
        make_photographs(tmp_path, dict.fromkeys(map(str, range(30)), photograph)), lambda row, _: f"{LONG}-{row}"
    )
    data = folder / "data/digits"
    with zipfile.ZipFile(data / "raw/pictures.zip", "w") as archive:
        for row_id in read_table(data / "prepared/ids.csv")["id"]:
            archive.writestr(row_id, photograph)
    write_trust(data, "weak", total=2)
    add_plan(folder)
    with serve_review(folder) as page:
        tab = open_tab(browser, page, viewport={"width": 360, "height": 800}, has_touch=True, is_mobile=True)
        # a weak model is no danger
        colours = "(node) => [getComputedStyle(node).backgroundColor, getComputedStyle(node).borderColor]"
        weak = tab.locator("#trust").evaluate(colours)
        tab.locator("#trust").evaluate("(node) => { node.dataset.verdict = 'worthless'; }")
        alarm = tab.locator("#trust").evaluate(colours)
        tab.locator("#trust").evaluate("(node) => { node.dataset.verdict = 'weak'; }")
        assert not set(weak) & set(alarm)
        for width, height in ((360, 800), (390, 844)):
            tab.set_viewport_size({"width": width, "height": height})
            assert tab.evaluate(HIDDEN) <= 0
        check_that_new_rows_come_into_sight(tab)
        # what was done is told below the picture of the row that is next
        tab.keyboard.press("k")
        undo = tab.locator("#toast button")
        undo.wait_for()
        picture = tab.locator("#example img").bounding_box()
        assert picture["y"] + picture["height"] <= tab.locator("#toast").bounding_box()["y"]
        assert tab.locator("#show-grid").bounding_box()["y"] == tab.locator("#tab-labels").bounding_box()["y"]
        undo.tap()
        expect(tab.locator("#toast")).to_contain_text("taken back")
        # the offer is where the expected errors are
        expect(tab.locator("#offer")).to_be_hidden()
        tab.locator("#yield-short").tap()
        expect(tab.locator("#to-spread")).to_be_visible()
        tab.keyboard.press("g")
        for width in (360, 1280):
            tab.set_viewport_size({"width": width, "height": 800})
            lines, of_name = tab.evaluate(LINES)
            assert lines < 2.2
            # on one line
            assert of_name < 1.8
        assert tab.locator("#tiles .id bdi").first.text_content() == f"{LONG}-0"
        # there is a keyboard, maybe
        tab.keyboard.press("?")
        expect(tab.locator("#help kbd").first).to_be_visible()
        # the tab that is open is in sight, also when the others say more
        tab.set_viewport_size({"width": 320, "height": 800})
        open_review(tab, f"{page.url}&tab=certify")
        expect(tab.locator("#tab-spread")).to_contain_text("0 of 20")
        expect(tab.locator("#tab-certify")).to_be_in_viewport(ratio=0.9)
        assert tab.complaints == []


# how many lines of a row's table reach out of their box
CUT = """(() => {
    const edge = document.querySelector("#example .scroll").getBoundingClientRect().bottom;
    const lines = [...document.querySelectorAll("#example tr")].map((each) => each.getBoundingClientRect());
    return lines.filter(({ bottom }) => bottom > edge + 1).length;
})()"""


def test_a_table_is_whole_or_says_what_is_below(browser: "Browser", tmp_path: Path) -> None:
    folder = make_artifacts(tmp_path, CLASSES, 60, 12)
    names = [f"c{k}" for k in range(1, 45)]
    cells = pd.DataFrame({name: [f"A{row}" for row in range(60)] for name in names})
    cells.to_csv(folder / "data/digits/prepared/rows.csv", index=False)
    with serve_review(folder) as page:
        tab = open_tab(browser, page)
        below = tab.locator("#below")
        expect(tab.locator("#example tr")).to_have_count(44)
        assert tab.evaluate(CUT) == 0
        expect(below).to_be_hidden()
        # in a small window half of it is seen
        tab.set_viewport_size({"width": 390, "height": 844})
        expect(below).to_be_visible()
        said = re.fullmatch(r"c(\d+) to c22 and c(\d+) to c44: (\d+) more below", below.inner_text())
        assert said
        first, other, count = map(int, said.groups())
        assert (other, count) == (first + 22, 2 * (23 - first))
        assert tab.evaluate(CUT) in (count, count - 2)
        tab.locator("#example .scroll").evaluate("(node) => node.scrollTo(0, 30)")
        expect(below).not_to_contain_text(f"c{first} to")
        tab.locator("#example .scroll").evaluate("(node) => node.scrollTo(0, 9000)")
        expect(below).to_be_hidden()
        # another row begins at its top
        tab.keyboard.press("k")
        expect(below).to_contain_text(f"{count} more below")
        assert tab.complaints == []


# all that a person can see or hear of the page
TOLD = """[document.title, location.href, ...[...document.querySelectorAll("body, body *")].flatMap((node) =>
    [...[...node.attributes].filter(({ name }) => !["data-id", "id", "class"].includes(name)).map(({ value }) => value),
        ...[...node.childNodes].filter((each) => each.nodeType === 3).map((each) => each.data)])].join("\\n")"""
FOLDERS = ["n01_cat", "n02_dog", "n03_owl"]


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("train/{folder}/img-{row}.jpg", "…/img-{row}.jpg"),
        ("{folder}/{label}.{row}.jpg", "…/….{row}.jpg"),
        ("{folder}/{label}{row}_x.jpg", "…/…{row}_x.jpg"),
        ("{folder}/{row} CÁT dog OWL.jpg", "…/{row} … … ….jpg"),
    ],
)
def test_blind_an_id_does_not_say_its_label(browser: "Browser", folder: Path, name: str, rest: str) -> None:
    names = dict(zip(CLASSES, FOLDERS, strict=True))
    rename(folder, lambda row, label: name.format(folder=names[label], label=label, row=row))
    vectors = folder / "data/digits/features"
    vectors.mkdir()
    np.save(vectors / "features.npy", np.random.default_rng(0).normal(size=(240, 2)).astype(np.float32))
    write_json(vectors / "source.json", {"name": "words", "metric": "euclidean", "pretrained": False})
    plan = add_plan(folder)
    with serve_review(folder) as page:
        tab = open_tab(browser, page)
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        row = page.read("/api/session")["rows"][0]
        expect(tab.locator(".heading .id")).to_have_text(f"id {row['id']}")
        tab.keyboard.press("b")
        expect(tab.locator(".heading .id")).to_have_text(f"id {rest.format(row=0)}")

        def hidden() -> bool:
            told = tab.evaluate(TOLD) + " ".join(asked)
            return not re.search("n0[123]_|CÁT|cat[.0-9]|dog[.0-9]|owl[.0-9]", told)

        assert hidden()
        for key in ("g", "g", "v", "f"):
            if key == "f":
                tab.keyboard.press("l")
            tab.keyboard.press(key)
            settle(tab)
            assert hidden()
        expect(tab.locator("#rest")).to_contain_text(f"most like id {rest.format(row=0)}")
        tab.keyboard.press("t")
        number = re.search(r"\d+", plan.rows["id"][0].rsplit("/")[-1])
        assert number
        expect(tab.locator(".asked .id")).to_have_text(f"id {rest.format(row=number[0])}")
        tab.locator("#compare section").first.wait_for()
        assert hidden()
        tab.keyboard.press("k")
        expect(tab.locator("#toast")).to_contain_text("right")
        assert hidden()
        # what is decided on may be known
        tab.keyboard.press("l")
        tab.keyboard.press("b")
        expect(tab.locator(".heading .id")).to_have_text(f"id {row['id']}")
        assert tab.complaints == []


def test_blind_an_undo_of_a_row_that_is_not_shown_does_not_say_its_label(browser: "Browser", folder: Path) -> None:
    rename(folder, lambda row, label: f"train/{label}/img-{row}.jpg")
    with serve_review(folder) as page:
        ids = read_table(folder / "data/digits/prepared/ids.csv")["id"]
        page.decide(ids[60], "keep")
        tab = open_tab(browser, page)
        tab.keyboard.press("b")
        tab.keyboard.press("u")
        expect(tab.locator("#toast")).to_contain_text("taken back: id …/img-60.jpg")
