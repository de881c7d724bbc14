"""What the review's server says of the map and of similar rows, and the two in a real browser."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix, save_npz

from review.similar import Similar
from stages.artifacts.files import write_json
from tests.browser import expect, new_tab, open_review
from tests.commands import run_python
from tests.kinds import make_found
from tests.review import Page, add_map, make_artifacts, serve_review, write_trust

if TYPE_CHECKING:
    from playwright.sync_api import Browser

N_ROWS, N_FLAGGED = 240, 12
CLASSES = ["<b>cat</b>", "dog", "eel"]
RNG = np.random.default_rng(0)


def make_places() -> np.ndarray:
    """Lay the flagged rows out in a column on the left, and all others in a square on the right."""
    rows = np.arange(N_ROWS)
    other = rows - N_FLAGGED
    left = np.stack([np.zeros(N_ROWS), rows * 10 / (N_FLAGGED - 1)], axis=1)
    right = np.stack([8 + other % 15 / 2, other // 15 * 10 / 15], axis=1)
    return np.where(rows[:, None] < N_FLAGGED, left, right)


PLACES = make_places()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return add_map(make_artifacts(tmp_path, CLASSES, N_ROWS, N_FLAGGED), PLACES)


@pytest.fixture
def page(folder: Path) -> Iterator[Page]:
    write_features(folder, PLACES)
    with serve_review(folder) as page:
        yield page


PLAIN = ("pixels", "columns", "words")


def write_features(folder: Path, vectors: np.ndarray, name: str = "words") -> None:
    features = folder / "data/digits/features"
    features.mkdir()
    np.save(features / "features.npy", vectors.astype(np.float32))
    write_json(features / "source.json", {"name": name, "metric": "euclidean", "pretrained": name not in PLAIN})


def fail(folder: Path) -> str:
    """Return the line with which the review ends."""
    done = run_python("-m", "review", "digits", "--port", "0", folder=folder, env={"PATH": ""}, server="review")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_points_are_packed_as_the_page_reads_them(page: Page) -> None:
    session = page.read("/api/session")
    assert session["map"] == {"method": "pca", "most": 5000}
    answer = page.get(f"/points/{session['stamp']}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/octet-stream")
    assert "immutable" in answer.headers["cache-control"]
    packed = answer.read()
    assert len(packed) == 16 * N_ROWS
    places, probs = np.split(np.frombuffer(packed, "<f4", 3 * N_ROWS), [2 * N_ROWS])
    given, suggested = np.split(np.frombuffer(packed, "<u2", offset=12 * N_ROWS), 2)
    assert places.reshape(-1, 2) == pytest.approx(PLACES, abs=1e-5)
    assert probs[[0, N_FLAGGED]] == pytest.approx([0.8, 0.05])
    assert list(suggested[:4]) == [0, 1, 2, 0]
    assert list(given[[0, 1, 2, 12, 13]]) == [2, 0, 1, 0, 1]


def test_picked_rows_are_described_in_their_order(page: Page) -> None:
    status, answer = page.post("/api/picked", rows=[200, 3])
    assert status == 200
    assert [row["id"] for row in answer["rows"]] == ["row-200", "row-3"]
    assert [row["content"] for row in answer["rows"]] == ["<i>text</i> 200", "<i>text</i> 3"]
    assert page.post("/api/picked", rows=[]) == (200, {"rows": []})


@pytest.mark.parametrize(
    ("rows", "status", "said"),
    [
        ([0, N_ROWS], 404, "there is no row 240"),
        ([-1], 400, "this is not a pick: Input should be greater than or equal to 0"),
        (["3"], 400, "this is not a pick: Input should be a valid integer"),
        ([0] * 5001, 400, "this is not a pick: List should have at most 5000 items after validation"),
    ],
)
def test_what_cannot_be_picked_is_refused(page: Page, rows: list[Any], status: int, said: str) -> None:
    answered, answer = page.post("/api/picked", rows=rows)
    assert answered == status
    assert answer["error"].startswith(said)


def test_a_decision_names_its_row(page: Page) -> None:
    assert page.decide("row-30", "keep")["changed"]["row-30"][0]["row"] == 30


def test_the_most_similar_rows_come_after_the_row_itself(page: Page) -> None:
    assert page.read("/api/session")["similar"] == "words"
    found = [row["id"] for row in page.read("/api/similar/0")["rows"]]
    assert found[:4] == ["row-0", "row-1", "row-2", "row-3"]
    assert len(found) == len(set(found)) == 60
    assert page.get(f"/api/similar/{N_ROWS}").status == 404


def test_without_a_map_and_a_comparison_there_is_neither(tmp_path: Path) -> None:
    with serve_review(make_artifacts(tmp_path, CLASSES, N_ROWS, N_FLAGGED)) as page:
        session = page.read("/api/session")
        assert (session["map"], session["similar"]) == (None, None)
        assert page.get(f"/points/{session['stamp']}").status == page.get("/api/similar/0").status == 404


@pytest.mark.parametrize("name", ["examples/map.npy", "features/features.npy"])
def test_what_is_of_another_run_is_named(folder: Path, name: str) -> None:
    if name.startswith("features/"):
        write_features(folder, PLACES)
    (folder / "data/digits" / name).parent.mkdir(exist_ok=True)
    np.save(folder / "data/digits" / name, np.zeros((N_ROWS - 1, 2), np.float32))
    assert fail(folder).endswith(f"{name}: is not of the same run as quality/; `dvc repro` makes both again\n")


VECTORS = np.vstack([RNG.normal(size=(500, 20)), RNG.normal(size=(3, 20)).repeat(2, axis=0)]).astype(np.float32)


@pytest.mark.parametrize("vectors", [VECTORS, csr_matrix(VECTORS * (np.abs(VECTORS) > 0.8))], ids=["dense", "sparse"])
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("row", [0, 250, 501, 505])
def test_similar_rows_are_the_nearest(
    vectors: np.ndarray | csr_matrix, metric: str, row: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.similar.BLOCK_BYTES", 8000)
    dense = (vectors.toarray() if isinstance(vectors, csr_matrix) else vectors).astype(np.float64)
    dense = dense / np.linalg.norm(dense, axis=1, keepdims=True) if metric == "cosine" else dense
    distances = np.linalg.norm(dense - dense[row], axis=1)
    distances[row] = np.inf
    found = Similar(vectors, "pixels", metric).find(row, 30)
    assert found == list(np.argsort(distances, kind="stable")[:30])


@pytest.mark.parametrize(("n_rows", "count"), [(1, 0), (2, 1), (5, 4)])
def test_of_few_rows_all_others_are_similar(n_rows: int, count: int) -> None:
    assert len(Similar(VECTORS[:n_rows], "pixels").find(0, 59)) == count


def test_sparse_features_are_read(folder: Path) -> None:
    write_features(folder, PLACES, "net")
    features = folder / "data/digits/features"
    (features / "features.npy").unlink()
    save_npz(features / "features.npz", csr_matrix(PLACES.astype(np.float32)))
    with serve_review(folder) as page:
        assert page.read("/api/session")["similar"] == "features of net"
        assert [row["id"] for row in page.read("/api/similar/1")["rows"]][:3] == ["row-1", "row-0", "row-2"]


def open_map(browser: "Browser", page: Page, **options: Any) -> Any:
    tab = new_tab(browser, **options)
    open_review(tab, page.url)
    tab.keyboard.press("v")
    tab.locator("#map-legend button").first.wait_for()
    return tab


def place_of(tab: Any, x: float, y: float) -> tuple[float, float]:
    """Return where a place of the plane is on the screen, while all points are in view."""
    box = tab.locator("#map-canvas").bounding_box()
    (left, bottom), (right, top) = PLACES.min(axis=0), PLACES.max(axis=0)
    scale = 0.9 * min((box["width"] - 2) / (right - left), (box["height"] - 2) / (top - bottom))
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return middle[0] + (x - (left + right) / 2) * scale, middle[1] - (y - (bottom + top) / 2) * scale


def draw_around(tab: Any, *corners: tuple[float, float]) -> None:
    tab.mouse.move(*place_of(tab, *corners[0]))
    tab.mouse.down()
    for corner in corners[1:]:
        tab.mouse.move(*place_of(tab, *corner), steps=4)
    tab.mouse.up()


LEFT = (-0.6, -0.4), (1, -0.4), (1, 10.4), (-0.6, 10.4)


def decided(tab: Any, count: int) -> None:
    tab.locator("#progress-text", has_text=re.compile(f"^{count} of")).wait_for()


def read_lines(page: Page) -> list[dict[str, str]]:
    with page.decisions.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_a_line_is_drawn_around_is_selected_and_decided_on(browser: "Browser", page: Page) -> None:
    tab = open_map(browser, page)
    expect(tab.locator("#tab-map")).to_contain_text("Map 240")
    expect(tab.locator("#map-said")).to_have_text("240 rows by PCA.")
    assert tab.locator("#map-canvas").get_attribute("aria-label") == "Map of 240 rows by PCA. "
    # nothing is selected, so keys do nothing
    tab.keyboard.press("k")
    expect(tab.locator("#bulk #keep, #bulk .keep")).to_be_disabled()
    tab.keyboard.down("Shift")
    draw_around(tab, *LEFT)
    tab.keyboard.up("Shift")
    expect(tab.locator("#map-said")).to_contain_text("12 are selected.")
    expect(tab.locator("#tiles .selected")).to_have_count(12)
    # taken out again
    tab.locator("#tiles button").first.click()
    expect(tab.locator("#map-said")).to_contain_text("11 are selected.")
    tab.keyboard.press("a")
    decided(tab, 11)
    lines = read_lines(page)
    assert {line["id"] for line in lines} == {f"row-{row}" for row in range(1, 12)}
    assert {line["decision"] for line in lines} == {"relabel"}
    tab.locator("#map-colour").select_option("decided")
    expect(tab.locator("#map-legend button")).to_have_text(["undecided 229", "relabelled 11"])
    tab.keyboard.press("u")
    decided(tab, 0)
    expect(tab.locator("#map-legend button")).to_have_text(["undecided 240"])
    # a line around nothing selects nothing
    tab.locator("#map-select").click()
    draw_around(tab, (3, 2), (5, 2), (5, 4))
    expect(tab.locator("#tiles button")).to_have_count(0)
    expect(tab.locator("#map-said")).to_have_text("240 rows by PCA.")
    assert tab.complaints == []


def test_a_point_shows_its_row_and_a_click_opens_it(browser: "Browser", page: Page) -> None:
    tab = open_map(browser, page)
    x, y = place_of(tab, *PLACES[5])
    tab.mouse.move(x + 3, y)
    card = tab.locator("#map-hover")
    expect(card).to_contain_text("<i>text</i> 5")
    expect(card).to_contain_text("id row-5")
    expect(card).to_contain_text(re.compile(r"wrong: \d\d %"))
    expect(tab.locator("#map-legend .under")).to_contain_text(CLASSES[1])
    tab.mouse.move(x + 100, y)
    expect(card).to_be_hidden()
    tab.mouse.click(x + 3, y)
    expect(tab.locator(".heading .id")).to_have_text("id row-5")
    tab.keyboard.press("x")
    decided(tab, 1)
    assert [(line["id"], line["decision"]) for line in read_lines(page)] == [("row-5", "remove")]
    tab.keyboard.press("g")
    expect(tab.locator("#map-canvas")).to_be_visible()
    # other lists are shown as they were before
    tab.keyboard.press("l")
    expect(tab.locator("#focus")).to_be_visible()
    expect(tab.locator("#map")).to_be_hidden()
    assert tab.complaints == []


def test_a_drag_and_the_wheel_move_the_map(browser: "Browser", page: Page) -> None:
    tab = open_map(browser, page)
    x, y = place_of(tab, *PLACES[0])
    tab.mouse.move(x + 200, y - 100)
    tab.mouse.down()
    tab.mouse.move(x + 250, y - 130, steps=5)
    tab.mouse.up()
    expect(tab.locator("#grid")).to_be_visible()
    tab.mouse.move(x + 50, y - 30)
    tab.mouse.wheel(0, -600)
    card = tab.locator("#map-hover")
    tab.mouse.move(x + 51, y - 29)
    expect(card).to_contain_text("id row-0")
    tab.locator("#map-fit").click()
    tab.mouse.move(x, y)
    expect(card).to_contain_text("id row-0")
    for button in ("#map-in", "#map-out"):
        tab.locator(button).focus()
        tab.keyboard.press("Enter")
    tab.mouse.move(x, y + 1)
    expect(card).to_contain_text("id row-0")
    assert tab.complaints == []


def test_blind_the_map_says_nothing_of_what_the_model_thinks(browser: "Browser", page: Page) -> None:
    tab = open_map(browser, page)
    expect(tab.locator("#map-colour option")).to_have_count(4)
    tab.locator("#map-colour").select_option("prob")
    expect(tab.locator("#map-legend button")).to_have_text(["1 to 10 % 228", "50 to 90 % 12"])
    tab.keyboard.press("b")
    expect(tab.locator("#map-colour option")).to_have_text(["given label", "decision"])
    expect(tab.locator("#map-legend button")).to_have_count(3)
    x, y = place_of(tab, *PLACES[5])
    tab.mouse.move(x, y)
    expect(tab.locator("#map-hover")).to_contain_text("id row-5")
    expect(tab.locator("#map-hover")).not_to_contain_text("wrong")
    expect(tab.locator("#map-hover .suggested")).to_have_count(0)


def test_on_a_phone_a_button_makes_a_drag_select(browser: "Browser", page: Page) -> None:
    tab = open_map(browser, page, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.locator("#map-select").tap()
    tab.locator("#map-canvas").scroll_into_view_if_needed()
    draw_around(tab, *LEFT)
    expect(tab.locator("#map-said")).to_contain_text("12 are selected.")
    tab.locator("#map-select").tap()
    expect(tab.locator("#map-select")).to_have_attribute("aria-pressed", "false")
    tab.touchscreen.tap(*place_of(tab, *PLACES[3]))
    expect(tab.locator(".heading .id")).to_have_text("id row-3")
    assert tab.complaints == []


def test_more_rows_than_a_person_can_look_at_are_not_selected(browser: "Browser", tmp_path: Path) -> None:
    folder = add_map(make_artifacts(tmp_path, CLASSES, 5200, 5), np.resize(PLACES, (5200, 2)), "tsne")
    with serve_review(folder) as page:
        tab = open_map(browser, page)
        tab.locator("#map-select").click()
        draw_around(tab, (-0.4, -0.4), (15.4, -0.4), (15.4, 10.4), (-0.4, 10.4))
        expect(tab.locator("#map-said")).to_have_text(
            "5,200 rows by t-SNE. 5,200 rows lie in it: draw around 5,000 at most."
        )
        expect(tab.locator("#tiles button")).to_have_count(0)


def test_many_classes_have_colours_and_a_legend_that_shows_one_alone(browser: "Browser", tmp_path: Path) -> None:
    folder = add_map(make_artifacts(tmp_path, [f"class {k}" for k in range(77)], N_ROWS, 0), PLACES)
    write_trust(folder / "data/digits", "weak")
    with serve_review(folder) as page:
        tab = open_map(browser, page)
        entries = tab.locator("#map-legend button")
        expect(entries).to_have_count(77)
        colours = tab.locator("#map-legend i").evaluate_all("all => all.map(each => each.style.background)")
        assert len(set(colours)) == 77
        entries.nth(40).focus()
        tab.keyboard.press("Enter")
        expect(entries.nth(40)).to_have_attribute("aria-pressed", "true")
        # a weak model's chances are not shown
        expect(tab.locator("#map-colour option")).to_have_text(["given label", "decision", "suggested label"])
        tab.keyboard.press("g")
        expect(tab.locator("#opinion .heading")).to_have_text("No row is selected.")
        assert tab.complaints == []


def test_similar_rows_are_a_queue(browser: "Browser", page: Page) -> None:
    tab = new_tab(browser)
    open_review(tab, page.url)
    expect(tab.locator("#tab-similar")).to_have_count(0)
    tab.locator("#similar").click()
    expect(tab.locator("#rest")).to_have_text("The 59 rows most like id row-0, by words; it comes first itself.")
    expect(tab.locator("#tab-similar")).to_contain_text("Similar 59")
    expect(tab.locator(".heading .id")).to_have_text("id row-1")
    tab.keyboard.press("k")
    expect(tab.locator(".heading .id")).to_have_text("id row-2")
    decided(tab, 1)
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("f")
    expect(tab.locator("#rest")).to_contain_text("most like id row-3,")
    tab.keyboard.press("g")
    expect(tab.locator("#tiles button")).to_have_count(60)
    expect(tab.locator("#tiles button").first).to_contain_text("id row-3")
    assert tab.complaints == []


@pytest.mark.parametrize("kind", ["text", "table"])
def test_rows_of_every_kind_are_shown_on_the_map_and_as_similar(browser: "Browser", tmp_path: Path, kind: str) -> None:
    folder = make_found(tmp_path, kind)
    n_rows = len((folder / "data/digits/quality/label_quality.csv").read_text().splitlines()) - 1
    add_map(folder, np.resize(PLACES, (n_rows, 2)))
    measure = {"text": "words", "table": "columns"}[kind]
    write_features(folder, np.random.default_rng(0).normal(size=(n_rows, 4)), measure)
    write_json(folder / "data/digits/prepared/kind.json", kind)
    with serve_review(folder) as page:
        tab = open_map(browser, page)
        tab.mouse.move(*place_of(tab, *PLACES[4]))
        expect(tab.locator("#map-hover .excerpt")).to_be_visible()
        tab.keyboard.press("l")
        tab.keyboard.press("f")
        said = f"The {min(59, n_rows - 1)} rows most like id row-0, by {measure};"
        expect(tab.locator("#rest")).to_contain_text(said)
        assert tab.complaints == []
