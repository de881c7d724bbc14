"""The tab of rows without a label in a real browser: they are labelled by keys, and then cleaned data."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stages.artifacts.files import read_table
from tests.browser import expect, new_tab, open_review
from tests.review import Page, serve_review
from tests.sources import run, write_block
from tests.test_review_page import counts, decided, is_at
from tests.test_unlabelled import make_table, run_from

if TYPE_CHECKING:
    from playwright.sync_api import Browser

READ = ["given_label", "label", "status", "by", "decided_by"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small table after all stages, to be copied."""
    folder = tmp_path_factory.mktemp("unlabelled")
    write_block(folder, make_table(folder))
    with pytest.MonkeyPatch.context() as patch:
        run_from(folder, "fetch", patch)
    return folder


@pytest.fixture
def page(made: Path, tmp_path: Path) -> Iterator[Page]:
    with serve_review(shutil.copytree(made, tmp_path / "work"), dataset="toy") as page:
        yield page


def open_unlabelled(browser: "Browser", page: Page, **options: Any) -> Any:
    tab = new_tab(browser, **options)
    open_review(tab, page.url)
    tab.keyboard.press("Shift+L")
    expect(tab.locator("#tab-unlabelled")).to_have_attribute("aria-pressed", "true")
    return tab


def test_labels_given_by_keys_are_cleaned_data(browser: "Browser", page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    data = page.folder / "data/toy"
    ids = read_table(data / "quality/unlabelled.csv")["id"].tolist()
    tab = open_unlabelled(browser, page)
    is_at(tab, ids[0])
    expect(tab.locator(".heading strong")).to_have_text("no label")
    counts(tab, "#keep", 0)
    # there is no label to keep: the key does nothing
    for key in ("k", "2", "a"):
        tab.keyboard.press(key)
    decided(tab, 2)
    is_at(tab, ids[2])
    expect(tab.locator("#tab-unlabelled")).to_contain_text("2 of 30")
    expect(tab.locator("#progress-text")).not_to_contain_text("wrong")
    tab.keyboard.press("x")
    tab.keyboard.press("s")
    expect(tab.locator("#progress-text")).to_contain_text("1 removed · 1 not sure")
    tab.keyboard.press("u")
    expect(tab.locator("#progress-text")).not_to_contain_text("not sure")
    lines = read_table(data / "decisions.csv")
    assert lines["given_label"].tolist() == [""] * 5
    assert lines["decision"].tolist() == ["relabel", "relabel", "remove", "unsure", "undo"]
    # none of it is a find: neither for the labels that were given, nor for what is expected
    answer = page.read("/api/session")
    assert answer["forecast"]["left"]["rows"] == 90
    assert not {row["id"] for row in answer["rows"]} & set(ids)
    assert run(page.folder, "clean", monkeypatch) == 0
    cleaned = read_table(data / "cleaned/labels.csv").set_index("id")
    suggested = lines["label"][1]
    assert cleaned.loc[ids[0], READ].tolist() == ["", "bee", "labelled", "Ann", "people"]
    assert cleaned.loc[ids[1], READ].tolist() == ["", suggested, "labelled", "Ann", "people"]
    assert cleaned.loc[ids[2], READ].tolist() == ["", "", "removed", "Ann", "people"]
    assert cleaned.loc[ids[3], READ].tolist() == ["", "", "unlabelled", "", ""]
    assert tab.complaints == []


def test_among_many_nothing_is_kept_that_has_no_label(browser: "Browser", page: Page) -> None:
    tab = open_unlabelled(browser, page)
    tab.keyboard.press("g")
    counts(tab, "#tiles [data-id]", 30)
    counts(tab, "#page-correct", 0)
    expect(tab.locator("#bulk")).not_to_contain_text("Keep")
    for place in range(2):
        tab.locator("#tiles [data-id]").nth(place).click()
    tab.keyboard.press("k")
    tab.keyboard.press("1")
    decided(tab, 2)
    lines = read_table(page.folder / "data/toy/decisions.csv")
    assert lines[["given_label", "decision", "label"]].to_numpy().tolist() == [["", "relabel", "ant"]] * 2
    tab.keyboard.press("b")
    expect(tab.locator("#tiles li").nth(2)).not_to_contain_text("sure:")
    assert tab.complaints == []


def test_the_server_refuses_to_keep_what_is_not_there(page: Page) -> None:
    row = {"id": read_table(page.folder / "data/toy/quality/unlabelled.csv")["id"][0], "decision": "keep"}
    status, answer = page.post("/api/decisions", reviewer="Ann", rows=[row])
    assert status == 409
    assert "has no label to keep" in answer["error"]
