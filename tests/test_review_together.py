"""Several people on one data set get different rows, and say of the rows that everybody gets what they think alone."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from review.dealing import place_of, read_part
from review.options import read_page_options
from stages.artifacts.decisions import COLUMNS
from stages.artifacts.files import read_table
from tests.commands import run_python
from tests.review import Page, make_artifacts, serve_review

CLASSES = ["a", "b", "c"]


def is_mine(row: dict[str, Any], dealing: dict[str, Any]) -> bool:
    """Say what dealing.js does."""
    overlap = dealing["overlap"]
    if row["deal"] < overlap:
        return True
    return bool(int((row["deal"] - overlap) / (1 - overlap) * dealing["parts"]) + 1 == dealing["part"])


def read_parts(folder: Path, parts: int, *arguments: str) -> list[list[str]]:
    dealt = []
    for part in range(1, parts + 1):
        with serve_review(folder, "--part", f"{part}/{parts}", *arguments) as page:
            session = page.read("/api/session")
            dealt.append([row["id"] for row in session["rows"] if is_mine(row, session["dealing"])])
    return dealt


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_each_row_is_in_one_part_wherever_it_is_dealt(tmp_path: Path, parts: int) -> None:
    # two clones
    folders = [make_artifacts(tmp_path / name, CLASSES, 200, 60, 100) for name in ("one", "other")]
    here, there = (read_parts(folder, parts) for folder in folders)
    assert here == there
    assert sorted(row for part in here for row in part) == sorted(f"row-{row}" for row in range(160))
    assert all(160 / parts * 0.7 < len(part) < 160 / parts * 1.3 for part in here)


def test_everybody_gets_the_rows_of_the_overlap(tmp_path: Path) -> None:
    one, other = read_parts(make_artifacts(tmp_path, CLASSES, 1000, 900), 2, "--overlap", "10%")
    shared = set(one) & set(other)
    assert 60 < len(shared) < 120
    assert len({*one, *other}) == 900
    assert shared == {f"row-{row}" for row in range(900) if place_of(f"row-{row}") < 0.1}


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "1 / 2", "１/２"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no part; the first of two is 1/2"):
        read_part(text)


def test_a_mistake_in_a_part_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        read_page_options(["digits", "--part", "3/2"])
    assert "argument --part: '3/2' is no part; the first of two is 1/2" in capsys.readouterr().err


def test_agreement_is_of_what_people_said_by_themselves(tmp_path: Path) -> None:
    with serve_review(make_artifacts(tmp_path, CLASSES, 30, 10)) as page:
        assert agreement(page) is None
        for row, (ann, bob) in enumerate(
            [("keep", "keep"), ("remove", "remove"), ("keep", "remove"), ("keep", "unsure")]
        ):
            page.decide(f"row-{row}", ann)
            page.decide(f"row-{row}", bob, reviewer="Bob")
        page.decide("row-5", "keep")
        found = agreement(page)
        assert (found["rows"], found["same"]) == (3, 2)
        assert 0.2 < found["low"] < 2 / 3 < found["high"] < 0.95
        # who settles it knows what both said: they differed all the same
        page.decide("row-2", "keep", reviewer="Bob", settles="Ann; Bob")
        assert agreement(page) == found
        page.post("/api/undo", reviewer="Bob")
        page.post("/api/undo", reviewer="Bob")
        page.post("/api/undo", reviewer="Bob")
        assert (agreement(page)["rows"], agreement(page)["same"]) == (2, 2)
    with serve_review(tmp_path) as again:
        assert (agreement(again)["rows"], agreement(again)["same"]) == (2, 2)


def agreement(page: Page) -> Any:
    return page.read("/api/watch")["agreement"]


# starts the review, and does not wait for anybody
STARTED = (
    "import sys; from unittest import mock; import review.__main__ as review\n"
    "review.has_screen = lambda: True\n"
    "with mock.patch('webbrowser.open') as opened, mock.patch('uvicorn.Server.run'):\n"
    "    review.main(sys.argv[1:])\n"
    "print('opened', opened.call_count)\n"
)


def test_no_browser_is_opened_if_none_is_wanted(tmp_path: Path) -> None:
    make_artifacts(tmp_path, CLASSES, 30, 10)
    for arguments, count in ((("--no-browser",), 0), ((), 1)):
        start = ("-c", STARTED, "digits", "--port", "0", *arguments)
        done = run_python(*start, folder=tmp_path, env={"PATH": ""}, server="review")
        assert f"opened {count}" in done.stdout
        assert "open http://127.0.0.1:" in done.stdout


def test_who_is_not_sure_or_differs_has_not_decided(tmp_path: Path) -> None:
    data = make_artifacts(tmp_path, CLASSES, 30, 10) / "data/digits"
    given = read_table(data / "issues.csv").set_index("id")["given_label"]
    said = [("row-0", "keep", "Ann"), ("row-1", "unsure", "Ann"), ("row-2", "keep", "Ann"), ("row-2", "remove", "Bob")]
    lines = [f"{row},{given[row]},{verdict},,{who}" for row, verdict, who in said]
    (data / "decisions.csv").write_text("\n".join([",".join(COLUMNS), *lines, ""]))
    done = run_python("-c", STARTED, "digits", "--port", "0", folder=tmp_path, env={"PATH": ""}, server="review")
    assert "review: digits: 10 flagged rows, 1 decided on, 1 not sure, 1 in conflict\n" in done.stdout
