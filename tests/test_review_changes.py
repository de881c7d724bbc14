"""What others do to the files under an open page is said, loses no decision, and moves none to another row."""

import csv
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.review import HEAD, Page, make_artifacts, serve_review

ROWS = ["row-0", "row-1", "row-2"]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with serve_review(make_artifacts(tmp_path, ["a", "b", "c"], 30, 5)) as page:
        # what an open page knows
        assert page.stamp
        yield page


def watch(page: Page, run: str | None = None) -> Any:
    answer = page.get("/api/watch", review_run=page.stamp if run is None else run)
    return page.take(answer)


def mend(page: Page, *, again: bool) -> int:
    status, answer = page.post("/api/lost", again=again)
    assert status == 200, answer
    return int(answer["written"])


def read(page: Page) -> list[dict[str, str]]:
    with page.decisions.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def git(page: Page, *arguments: str) -> None:
    author = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    subprocess.run(["git", *author, *arguments], cwd=page.folder, check=True, capture_output=True)


def start_repository(page: Page) -> None:
    git(page, "init", "--quiet")
    git(page, "add", "data/digits/decisions.csv")
    git(page, "commit", "--quiet", "-m", "Start")


TAKEN_OUT: dict[str, Callable[[Page, str], object]] = {
    "an editor saves an older copy": lambda page, older: page.decisions.write_text(older),
    "by another name and a move": lambda page, older: save_elsewhere(page, older).replace(page.decisions),
    "with a line of its own": lambda page, older: page.decisions.write_text(f"{older}row-9,c,keep,,Cyd\n"),
    "with other ends of lines": lambda page, older: page.decisions.write_text(older, newline="\r\n"),
    "git checkout": lambda page, _: git(page, "checkout", "--", "data/digits/decisions.csv"),
    "git stash": lambda page, _: git(page, "stash"),
}


def save_elsewhere(page: Page, text: str) -> Path:
    path = page.folder / "copy.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize("how", TAKEN_OUT)
def test_lines_that_are_gone_are_said_and_written_again_once(page: Page, how: str) -> None:
    page.decide("row-3", "keep", reviewer="Bob")
    older = page.decisions.read_text()
    start_repository(page)
    for row in ROWS:
        page.decide(row, "keep", note="why")
    page.post("/api/undo", reviewer="Ann")
    written = read(page)
    TAKEN_OUT[how](page, older)
    assert watch(page)["lost"] == 4
    assert set(page.read("/api/decisions")["standing"]) - {"row-9"} == {"row-3"}
    assert (mend(page, again=True), mend(page, again=True), watch(page)["lost"]) == (4, 0, 0)
    assert [line for line in read(page) if line["reviewer"] != "Cyd"] == written
    assert set(page.read("/api/decisions")["standing"]) - {"row-9"} == {"row-0", "row-1", "row-3"}
    assert page.post("/api/undo", reviewer="Ann")[1]["ids"] == ["row-1"]


def test_lines_that_come_back_by_themselves_are_not_offered(page: Page) -> None:
    start_repository(page)
    for row in ROWS:
        page.decide(row, "keep")
    git(page, "stash")
    assert watch(page)["lost"] == 3
    git(page, "stash", "pop")
    assert watch(page)["lost"] == mend(page, again=True) == 0
    assert len(read(page)) == 3


def test_what_was_taken_out_on_purpose_is_left_out(page: Page) -> None:
    page.decide("row-0", "keep")
    page.decisions.write_text(f"{HEAD}\n")
    assert watch(page)["lost"] == 1
    assert mend(page, again=False) == watch(page)["lost"] == 0
    page.decide("row-1", "keep")
    assert [line["id"] for line in read(page)] == ["row-1"]


def test_lines_that_others_moved_or_saved_in_another_form_are_there(page: Page) -> None:
    for row in ROWS:
        page.decide(row, "keep", note="a note, with a comma")
    lines = page.decisions.read_text().splitlines()
    page.decisions.write_text("\r\n".join([lines[0], *reversed(lines[1:])]) + "\r\n", newline="")
    assert watch(page)["lost"] == 0


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "removed": (Path.unlink, "is not there any more"),
    "emptied": (lambda path: path.write_bytes(b""), "is empty"),
    "cut in its last line": (lambda path: path.write_bytes(path.read_bytes()[:-30]), "line 5: is cut off"),
    "cut in a name": (lambda path: path.write_bytes(path.read_bytes().partition(b"Ann")[0] + b"An"), "is cut off"),
    "cut in its columns": (lambda path: path.write_bytes(path.read_bytes()[:20]), "line 1: is cut off"),
}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_file_takes_no_decision_until_it_is_written_again(page: Page, how: str) -> None:
    with page.decisions.open("a") as file:
        file.write("row-9,c,keep,,Cyd\n")
    for row in ROWS:
        page.decide(row, "keep")
    whole, (damage, said) = page.decisions.read_bytes(), DAMAGES[how]
    damage(page.decisions)
    left = page.decisions.read_bytes() if page.decisions.exists() else None
    assert said in watch(page)["damage"]
    status, answer = page.post("/api/decisions", reviewer="Ann", rows=[{"id": "row-4", "decision": "keep"}])
    assert (status, said in answer["error"]) == (409, True)
    assert (page.decisions.read_bytes() if page.decisions.exists() else None) == left
    assert mend(page, again=True) > 0
    assert page.decisions.read_bytes() == whole
    assert (watch(page)["damage"], watch(page)["lost"]) == ("", 0)
    page.decide("row-4", "keep")
    assert page.decisions.read_bytes().startswith(whole)


def make_anew(page: Page) -> None:
    """Replace the results by those of other rows with the same ids."""
    decided = page.decisions.read_text()
    shutil.rmtree(page.folder / "data")
    make_artifacts(page.folder, ["a", "b", "x"], 31, 4)
    page.decisions.write_text(decided)


def test_a_page_of_older_results_changes_nothing_and_shows_nothing_new(page: Page) -> None:
    page.decide("row-0", "keep")
    old = page.read("/api/session")
    make_anew(page)
    assert watch(page, old["stamp"])["outdated"]
    for renewed in (False, True):
        if renewed:
            assert page.read("/api/session")["classes"] == ["a", "b", "x"]
        for run in (old["stamp"], *([] if renewed else [""])):
            paths = ("/api/rows/1", "/api/forecast", "/api/found/spread", f"/pictures/{old['stamp']}/1")
            assert [page.get(path, review_run=run).status for path in paths] == [409] * 4
        choice = {"reviewer": "Ann", "rows": [{"id": "row-1", "decision": "keep"}], "run": old["stamp"]}
        status, answer = page.post("/api/decisions", **choice)
        assert (status, "made anew" in answer["error"]) == (409, True)
    assert watch(page, old["stamp"])["outdated"]
    assert [line["id"] for line in read(page)] == ["row-0"]
    # the last word can be taken back all the same
    assert page.post("/api/undo", reviewer="Ann")[1]["ids"] == ["row-0"]


def test_a_page_that_loads_the_new_results_goes_on(page: Page) -> None:
    page.decide("row-0", "keep")
    make_anew(page)
    session = page.read("/api/session")
    assert (session["total"], list(session["standing"])) == (31, ["row-0"])
    page.decide("row-30", "keep", run=session["stamp"])
    assert page.read(f"/api/decisions?known={session['version']}")["changed"].keys() == {"row-30"}
    # and still knows what was written before
    page.decisions.write_text(f"{HEAD}\n")
    assert watch(page, session["stamp"])["lost"] == 2


def test_results_that_are_not_all_there_are_not_loaded(page: Page) -> None:
    stamp = page.stamp
    quality = page.folder / "data/digits/quality"
    quality.rename(quality.with_name("elsewhere"))
    assert page.get("/api/session").status == 409
    assert watch(page)["outdated"]
    quality.with_name("elsewhere").rename(quality)
    assert page.read("/api/session")["stamp"] == stamp
    page.decide("row-1", "keep", run=stamp)


def test_the_same_results_have_the_same_stamp_after_a_restart(page: Page) -> None:
    with serve_review(page.folder) as again:
        assert again.stamp == page.stamp
