"""Pictures in files are shown as they are: of every kind, of any size, and never as anything but pictures."""

import base64
import io
import math
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from review.label_studio.tasks import export_tasks
from review.opening import open_catalogue
from stages.artifacts.files import read_json, write_json
from stages.command.errors import InputError
from tests.browser import expect, new_tab, open_review
from tests.photographs import UPRIGHT, make_files, make_photographs, save, see_with_a_network
from tests.review import Page, serve_review

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FILES = make_files()
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HOSTILE = {
    "html": HTML,
    "svg": SVG,
    "xml": b"<?xml version='1.0'?>" + SVG,
    "in a jpeg": save(Image.fromarray(UPRIGHT), "JPEG", comment=HTML),
    "after a png": save(Image.fromarray(UPRIGHT), "PNG") + HTML,
    "half": save(Image.fromarray(UPRIGHT), "PNG")[:150],
    "nothing": b"",
}
SENT = ("image/jpeg", "image/png", "image/webp")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    files = {name: content for name, (content, _) in FILES.items()} | HOSTILE
    with serve_review(make_photographs(tmp_path_factory.mktemp("files"), files)) as page:
        yield page


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    colour = Image.fromarray(np.random.default_rng(0).integers(0, 256, (50, 40, 3), dtype=np.uint8))
    photograph = save(colour.resize((400, 500)), "JPEG")
    return make_photographs(tmp_path, {str(row): photograph for row in range(30)})


def fetch(page: Page, path: str) -> tuple[str, Image.Image]:
    answer = page.get(path)
    assert answer.status == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    media_type = answer.headers["Content-Type"]
    assert media_type in SENT
    return media_type, Image.open(io.BytesIO(answer.read()), formats=[media_type.removeprefix("image/").upper()])


def as_a_browser(picture: Image.Image) -> np.ndarray:
    """Return what a browser draws of a picture that needs no turn, no second frame and nothing behind it."""
    assert picture.mode in ("L", "RGB")
    assert not picture.has_transparency_data
    assert getattr(picture, "n_frames", 1) == 1
    assert picture.getexif().get(0x0112, 1) == 1
    return np.asarray(picture).astype(int)


@pytest.mark.parametrize("name", FILES)
def test_a_picture_is_shown_as_a_person_sees_it(page: Page, name: str) -> None:
    row, expected = [*FILES].index(name), FILES[name][1]
    _, picture = fetch(page, f"/pictures/{page.stamp}/{row}")
    seen = as_a_browser(picture)
    assert seen.shape[:2] == expected.shape[:2]
    wanted = expected if expected.ndim == seen.ndim else expected[..., None].repeat(3, axis=2)
    # JPEG mixes colours at their edges
    assert np.median(np.abs(seen - wanted)) <= 6
    assert np.mean(np.abs(seen - wanted).max(axis=-1) > 30) < 0.05
    _, preview = fetch(page, f"/previews/{page.stamp}/{row}")
    assert max(preview.size) <= 160
    small = Image.fromarray(wanted.astype(np.uint8)).resize(preview.size, Image.Resampling.BOX)
    assert np.median(np.abs(as_a_browser(preview) - np.asarray(small).astype(int))) <= 12


def test_a_file_that_a_browser_shows_is_sent_as_it_is(page: Page) -> None:
    for name in ("jpeg", "progressive", "grey jpeg", "png", "wide jpeg"):
        assert page.get(f"/pictures/{page.stamp}/{[*FILES].index(name)}").read() == FILES[name][0], name


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_in_an_archive_is_never_served_as_anything_but_a_picture(page: Page, name: str) -> None:
    row = len(FILES) + [*HOSTILE].index(name)
    for kind in ("pictures", "previews"):
        fetch(page, f"/{kind}/{page.stamp}/{row}")[1].load()


def test_many_pictures_lie_in_a_square_each(page: Page) -> None:
    media_type, sheet = fetch(page, f"/sheets/{page.stamp}/labels/0")
    assert (media_type, sheet.size) == ("image/webp", (1600, 320))
    listed = [row["row"] for row in page.read("/api/session")["rows"]]
    painted = np.asarray(sheet.getchannel("A"))
    for place, row in enumerate(listed):
        expected = [*FILES.values()][row][1]
        top, left = divmod(place, 10)
        cell = painted[160 * top : 160 * top + 160, 160 * left : 160 * left + 160]
        share = min(160 / max(expected.shape[:2]), 1)
        height, width = (math.ceil(side * share) for side in expected.shape[:2])
        above, beside = (160 - height) // 2, (160 - width) // 2
        assert not cell[: max(0, above - 1)].any(), row
        assert not cell[:, : max(0, beside - 1)].any(), row
        assert (cell == 255).sum() == pytest.approx(height * width, abs=160), row


def test_large_photographs_are_sent_as_large_as_a_screen_in_bounded_memory(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    large = Image.fromarray(pixels).resize((4000, 3000), Image.Resampling.BICUBIC)
    files = {"jpeg": save(large, "JPEG"), "png": save(large.convert("RGBA"), "PNG", compress_level=1)}
    with serve_review(make_photographs(tmp_path, files)) as page:
        answers: list[Image.Image] = []
        asked = [
            threading.Thread(target=lambda row=row: answers.append(fetch(page, f"/pictures/{page.stamp}/{row}")[1]))
            for row in [0, 1] * 6
        ]
        for each in asked:
            each.start()
        for each in asked:
            each.join()
        status = Path(f"/proc/{page.process.pid}/status")
        peak = int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024 if status.exists() else 0
    assert [picture.size for picture in answers] == [(2000, 1500)] * 12
    assert peak < 700


def test_tasks_for_label_studio_hold_the_originals(photographs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(photographs)
    export_tasks("digits", "https://host/", Path("served.json"))
    assert read_json(Path("served.json"))[0]["data"]["image"] == "https://host/row-0"
    export_tasks("digits", "", Path("held.json"))
    kind, _, content = read_json(Path("held.json"))[0]["data"]["image"].partition(",")
    assert (kind, Image.open(io.BytesIO(base64.b64decode(content))).size) == ("data:image/jpeg;base64", (400, 500))


def leave_one_out(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()[:-1]}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)


def is_at(tab: Any, place: str) -> None:
    expect(tab.locator("#zoom-picture")).to_have_attribute("style", place)


def test_a_picture_is_zoomed_and_moved(browser: "Browser", photographs: Path) -> None:
    with serve_review(photographs) as page:
        tab = new_tab(browser)
        open_review(tab, page.url)
        expect(tab.locator("#example img")).to_have_js_property("naturalWidth", 400)
        assert tab.locator(".seen").count() == 0
        first = tab.locator(".heading .id").inner_text()
        for opening, closing in (("z", "z"), ("z", "Escape"), ("Z", "z")):
            tab.keyboard.press(opening)
            expect(tab.locator("#zoom")).to_be_visible()
            tab.keyboard.press(closing)
            expect(tab.locator("#zoom")).to_be_hidden()
        tab.keyboard.press("z")
        is_at(tab, "transform: translate(0px, -400px) scale(3.2);")
        tab.keyboard.press("ArrowDown")
        is_at(tab, "transform: translate(0px, -560px) scale(3.2);")
        # keys that decide do nothing while nothing but the picture is seen
        tab.keyboard.press("k")
        tab.keyboard.press("ArrowRight")
        tab.mouse.move(640, 0)
        is_at(tab, "transform: translate(0px, 0px) scale(3.2);")
        tab.mouse.wheel(0, -500)
        expect(tab.locator("#zoom-picture")).to_have_css("transform", re.compile(r"^matrix\(8, 0, 0, 8, "))
        tab.mouse.click(300, 300)
        expect(tab.locator("#zoom")).to_be_hidden()
        assert tab.locator(".heading .id").inner_text() == first
        tab.locator("#example img").click()
        expect(tab.locator("#zoom-title")).to_contain_text(first)
        tab.locator("#zoom-close").click()
        expect(tab.locator("#zoom")).to_be_hidden()
        tab.keyboard.press("ArrowRight")
        expect(tab.locator(".heading .id")).not_to_have_text(first)
        assert tab.complaints == []


def test_a_finger_zooms_and_moves(browser: "Browser", photographs: Path) -> None:
    with serve_review(photographs) as page:
        tab = new_tab(browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
        open_review(tab, page.url)
        tab.locator("#example img").tap()
        expect(tab.locator("#zoom")).to_be_visible()
        is_at(tab, "transform: translate(-142.6px, 0px) scale(1.688);")
        finger = tab.context.new_cdp_session(tab)
        touch(finger, [(200, 400)], [(260, 400)])
        is_at(tab, "transform: translate(-82.6px, 0px) scale(1.688);")
        touch(finger, [(100, 400), (300, 400)], [(50, 400), (350, 400)])
        expect(tab.locator("#zoom-picture")).to_have_css("transform", re.compile(r"^matrix\(2\."))
        tab.touchscreen.tap(200, 300)
        expect(tab.locator("#zoom")).to_be_hidden()
        assert tab.complaints == []


def touch(session: Any, start: list[tuple[int, int]], end: list[tuple[int, int]]) -> None:
    for kind, places in (("touchStart", start), ("touchMove", end), ("touchEnd", [])):
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_the_card_says_what_the_model_sees(browser: "Browser", photographs: Path) -> None:
    features = photographs / "data/digits/features"
    features.mkdir()
    write_json(features / "source.json", {"name": "a network", "pretrained": True, "metric": "cosine"})
    np.save(features / "features.npy", np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32))
    with serve_review(photographs) as page:
        tab = new_tab(browser)
        open_review(tab, page.url)
        expect(tab.locator(".seen")).to_have_text("judged by a network")
        assert len(page.read("/api/rows/0")["nearest"]) == 6
        tab.close()
    see_with_a_network(photographs, 30)
    with serve_review(photographs) as page:
        tab = new_tab(browser)
        open_review(tab, page.url)
        expect(tab.locator(".seen")).to_have_text("trained on 8×8, resized, or judged by a network")
        tab.keyboard.press("g")
        expect(tab.locator("#tiles .picture")).to_have_count(20)
        assert tab.complaints == []


@pytest.mark.parametrize("break_it", [lambda path: path.write_bytes(path.read_bytes()[:-30]), leave_one_out])
def test_an_archive_that_is_damaged_or_of_another_run_is_named(
    photographs: Path, monkeypatch: pytest.MonkeyPatch, break_it: Callable[[Path], object]
) -> None:
    break_it(photographs / "data/digits/raw/pictures.zip")
    monkeypatch.chdir(photographs)
    with pytest.raises(InputError, match=r"pictures.zip: (damaged|lacks 1 row\(s\) \(id row-29\); `dvc repro`)"):
        open_catalogue("digits")
