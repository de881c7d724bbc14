"""The review's server writes each decision down, loses none, and lets in nobody but the page."""

import csv
import io
import json
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from review.guard import Door
from review.listening import listen
from review.lists import first_sets
from review.pictures import Gallery
from review.unusual import UnusualCells
from stages.artifacts.decisions import COLUMNS
from stages.artifacts.examples import Cells, Pictures
from stages.artifacts.quality import read_run
from stages.artifacts.trust import HEADLINES
from stages.command.errors import InputError
from tests.browser import WAIT_S
from tests.commands import run_python
from tests.conftest import Clone
from tests.kinds import LONG, make_found, write_rows
from tests.review import HEAD, Page, copy_artifacts, serve_review


@pytest.fixture
def folder(shared_clone: Clone, tmp_path: Path) -> Path:
    return copy_artifacts(shared_clone, tmp_path)


@pytest.fixture
def page(folder: Path) -> Iterator[Page]:
    with serve_review(folder) as page:
        yield page


def read_lines(page: Page) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(page.decisions.read_text())))


def test_the_flagged_rows_come_worst_first(page: Page) -> None:
    session = page.read("/api/session")
    issues = pd.read_csv(page.folder / "data/digits/issues.csv", dtype=str)
    assert [row["id"] for row in session["rows"]] == list(issues["id"])
    assert [row["rank"] for row in session["rows"]] == list(range(1, 301))
    assert [row["flagged"] for row in session["rows"]] == [True] * 18 + [False] * 282
    assert all(row["queued"] for row in session["rows"])
    assert session["classes"] == list("0123456789")
    assert (session["kind"], session["reviewer"], session["standing"]) == ("picture", "Ann", {})


def test_a_row_comes_with_what_to_compare_it_with(page: Page) -> None:
    row = page.read("/api/session")["rows"][0]
    details = page.read(f"/api/rows/{row['row']}")
    probs = np.load(page.folder / "data/digits/predictions/pred_probs.npy")[row["row"]]
    assert [int(each["label"]) for each in details["likeliest"]] == np.argsort(-probs).tolist()
    assert [each["label"] for each in details["typical"]] == [row["given_label"], row["suggested_label"]]
    for each in details["typical"]:
        assert len(each["rows"]) == 6
        assert {typical["given_label"] for typical in each["rows"]} == {each["label"]}
    images = np.load(page.folder / "data/digits/prepared/images.npy").astype(float)
    differences = np.square(images - images[row["row"]]).sum(axis=(1, 2, 3))
    assert [near["row"] for near in details["nearest"]] == np.argsort(differences, kind="stable")[1:7].tolist()


def test_pictures_come_one_by_one_and_as_a_sheet(page: Page) -> None:
    session = page.read("/api/session")
    images = np.load(page.folder / "data/digits/prepared/images.npy")
    row = session["rows"][0]["row"]
    picture = Image.open(io.BytesIO(page.get(f"/pictures/{session['stamp']}/{row}").read()))
    np.testing.assert_array_equal(np.asarray(picture), images[row, 0])
    sheet = np.asarray(Image.open(io.BytesIO(page.get(f"/sheets/{session['stamp']}/labels/0").read())))
    assert sheet.shape == (80, 80)
    for place, listed in enumerate(session["rows"][:100]):
        top, left = divmod(place, 10)
        np.testing.assert_array_equal(sheet[top * 8 :, left * 8 :][:8, :8], images[listed["row"], 0])


def test_a_decision_is_a_line_with_what_was_seen(page: Page) -> None:
    row = page.read("/api/session")["rows"][0]
    answer = page.decide(row["id"], "relabel", "3", note="two\nlines, “one”")
    assert [said["label"] for said in answer["changed"][row["id"]]] == ["3"]
    (line,) = read_lines(page)
    assert {name: line[name] for name in ("id", "given_label", "decision", "label", "reviewer", "note")} == {
        "id": row["id"], "given_label": row["given_label"], "decision": "relabel", "label": "3", "reviewer": "Ann",
        "note": "two lines, “one”",
    }  # fmt: skip
    assert line["suggested_label"] == row["suggested_label"]
    assert float(line["label_quality"]) == pytest.approx(row["label_quality"])
    assert line["run"] == read_run(page.folder / "data/digits")
    assert pd.Timestamp.now(tz="UTC") - pd.Timestamp(line["time"]) < pd.Timedelta(minutes=1)


def test_who_decides_blindly_has_seen_nothing(page: Page) -> None:
    page.decide(page.read("/api/session")["rows"][0]["id"], "keep", blind=True)
    (line,) = read_lines(page)
    assert (line["suggested_label"], line["label_quality"], line["run"]) == ("", "", "")


def test_a_file_without_the_column_of_runs_goes_on_working(page: Page) -> None:
    head = ",".join(COLUMNS)
    page.decisions.write_text(f"{head}\n")
    row = page.read("/api/session")["rows"][0]
    page.decide(row["id"], "keep")
    assert page.decisions.read_text().startswith(f"{head}\n{row['id']},")
    assert "run" not in read_lines(page)[0]
    # and from the moment on that it has it
    page.decisions.write_text(page.decisions.read_text().replace(head, f"{head},run"))
    page.decide(row["id"], "remove")
    assert [line["run"] or "" for line in read_lines(page)] == ["", read_run(page.folder / "data/digits")]


def test_a_rows_history_has_what_was_taken_back(page: Page) -> None:
    row = page.read("/api/session")["rows"][0]
    assert page.read(f"/api/history/{row['row']}")["said"] == []
    page.decide(row["id"], "relabel", "3", note="a kink")
    page.decide(row["id"], "keep", reviewer="Bob", blind=True)
    page.post("/api/undo", reviewer="Ann")
    history = page.read(f"/api/history/{row['row']}")
    assert (history["id"], history["run"]) == (row["id"], read_run(page.folder / "data/digits"))
    said = history["said"]
    assert [(each["reviewer"], each["decision"], each["counts"]) for each in said] == [
        ("Ann", "relabel", False), ("Bob", "keep", True), ("Ann", "undo", False),
    ]  # fmt: skip
    assert (said[0]["note"], said[0]["run"], said[1]["label_quality"], said[1]["run"]) == (
        "a kink",
        history["run"],
        "",
        "",
    )
    assert page.get("/api/history/99999").status == 404


def test_undo_takes_back_the_last_choice_whole_also_after_a_restart(page: Page) -> None:
    ids = [row["id"] for row in page.read("/api/session")["rows"][:3]]
    page.decide(ids[0], "keep")
    page.post("/api/decisions", reviewer="Ann", rows=[{"id": row_id, "decision": "remove"} for row_id in ids])
    page.decide(ids[1], "keep", reviewer="Bob")
    with serve_review(page.folder) as again:
        assert sorted(again.post("/api/undo", reviewer="Ann")[1]["ids"]) == sorted(ids)
        standing = again.read("/api/decisions")["standing"]
        assert {row_id: [said["decision"] for said in same] for row_id, same in standing.items()} == {
            ids[0]: ["keep"],
            ids[1]: ["keep"],
        }
        assert again.post("/api/undo", reviewer="Ann")[1]["ids"] == [ids[0]]
        status, answer = again.post("/api/undo", reviewer="Ann")
        assert (status, answer["error"]) == (409, "Ann has no decision to take back")
    assert [line["decision"] for line in read_lines(page)].count("undo") == 4


def test_a_line_that_a_merge_kept_twice_is_taken_back_at_once(page: Page) -> None:
    row = page.read("/api/session")["rows"][0]
    with page.decisions.open("a") as file:
        file.write(f"{row['id']},{row['given_label']},keep,,Ann,2026-01-02T03:04:05Z\n" * 2)
    assert page.post("/api/undo", reviewer="Ann")[1]["ids"] == [row["id"]]
    assert page.post("/api/undo", reviewer="Ann")[0] == 409


def test_a_conflict_is_settled_by_a_later_word(page: Page) -> None:
    row_id = page.read("/api/session")["rows"][0]["id"]
    page.decide(row_id, "keep")
    page.decide(row_id, "remove", reviewer="Bob")
    assert len(page.read("/api/decisions")["standing"][row_id]) == 2
    page.decide(row_id, "remove", reviewer="Cyd", settles="Ann; Bob")
    (said,) = page.read("/api/decisions")["standing"][row_id]
    assert said["reviewer"] == "Cyd"


def test_what_others_write_is_seen_and_kept(page: Page) -> None:
    ids = [row["id"] for row in page.read("/api/session")["rows"][:2]]
    version = page.read("/api/decisions")["version"]
    assert page.read(f"/api/decisions?known={version}") == {"version": version, "before": version, "changed": {}}
    given = page.read("/api/session")["rows"][0]["given_label"]
    # by hand, and without the end of the line
    with page.decisions.open("a") as file:
        file.write(f"{ids[0]},{given},remove,,Bob")
    assert page.read(f"/api/decisions?known={version}")["changed"][ids[0]][0]["reviewer"] == "Bob"
    page.decide(ids[1], "keep")
    assert [line["reviewer"] for line in read_lines(page)] == ["Bob", "Ann"]
    # as git does when it switches branches
    page.decisions.write_text(f"{HEAD}\n")
    assert page.read("/api/decisions")["standing"] == {}


def test_many_at_once_lose_nothing(folder: Path) -> None:
    with serve_review(folder) as one, serve_review(folder) as other:
        ids = [row["id"] for row in one.read("/api/session")["rows"]][:75]

        def work(page: Page, reviewer: str) -> None:
            for row_id in ids:
                page.decide(row_id, "keep", reviewer=reviewer)

        threads = [
            threading.Thread(target=work, args=(page, f"{name}{place}"))
            for place, page in enumerate((one, other))
            for name in ("a", "b")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lines = read_lines(one)
        assert len(lines) == len({(line["id"], line["reviewer"]) for line in lines}) == 4 * len(ids)
        assert one.read("/api/decisions")["standing"] == other.read("/api/decisions")["standing"]


def test_a_choice_that_comes_again_is_written_once(page: Page) -> None:
    row_id = page.read("/api/session")["rows"][0]["id"]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: page.decide(row_id, "remove", name="1-a"), range(8)))
    assert {answer["ids"][0] for answer in answers} == {row_id}
    assert page.read("/api/decisions")["standing"][row_id][0]["decision"] == "remove"
    # what is taken back meanwhile stays so
    page.post("/api/undo", reviewer="Ann")
    page.decide(row_id, "remove", name="1-a")
    assert [line["decision"] for line in read_lines(page)] == ["remove", "undo"]
    # chosen anew, or by what gives no names
    for more in ({"name": "2-a"}, {}, {}):
        page.decide(row_id, "remove", **more)
    assert len(read_lines(page)) == 5


def test_a_killed_server_has_every_decision_that_it_answered(folder: Path) -> None:
    with serve_review(folder) as page:
        row_id = page.read("/api/session")["rows"][0]["id"]
        page.decide(row_id, "keep")
        page.process.kill()
    with serve_review(folder) as again:
        assert again.read("/api/session")["standing"][row_id][0]["decision"] == "keep"


KEPT = [{"id": "0", "decision": "keep"}]
MISTAKES: list[tuple[dict[str, Any], int, str]] = [
    ({"rows": [{"id": "x", "decision": "keep"}]}, 409, "id 'x' is not in the data set"),
    ({"rows": [{"id": "0", "decision": "burn"}]}, 409, "id '0': decision 'burn' is not one of keep,"),
    ({"rows": [{"id": "0", "decision": "relabel", "label": "x"}]}, 409, "id '0': label 'x' is not a class"),
    ({"rows": [{"id": "0", "decision": "relabel", "label": "0"}]}, 409, "is relabelled to the label it has"),
    ({"rows": [{"id": "1", "decision": "keep"}, {"id": "x", "decision": "keep"}]}, 409, "id 'x' is not in"),
    ({"rows": KEPT, "note": "x" * 10_001}, 400, "this is not a choice: String should have at most 10000 characters"),
    ({"rows": KEPT, "reviewer": " \n\0 "}, 400, "this is not a choice: the reviewer's name is empty"),
    ({"rows": []}, 400, "this is not a choice: List should have at least 1 item"),
    ({"rows": KEPT, "reviewer": ""}, 400, "this is not a choice: the reviewer's name is empty"),
    ({"rows": [{"id": 0, "decision": "keep"}]}, 400, "this is not a choice: Input should be a valid string"),
]


def test_what_does_not_fit_is_refused_and_not_written(page: Page) -> None:
    for sent, expected, message in MISTAKES:
        status, answer = page.post("/api/decisions", **({"reviewer": "Ann"} | sent))
        assert (status, message in answer["error"]) == (expected, True), answer
    assert page.decisions.read_text() == f"{HEAD}\n"


def test_a_name_and_a_note_are_one_line_each(page: Page) -> None:
    rows = [{"id": page.read("/api/session")["rows"][0]["id"], "decision": "keep"}]
    page.post("/api/decisions", reviewer=" Ann\n B. ", note="first\r\nsecond\0\x1b", rows=rows)
    (line,) = read_lines(page)
    assert (line["reviewer"], line["note"]) == ("Ann B.", "first second")


def test_a_file_that_cannot_be_written_is_said_and_left_whole(page: Page) -> None:
    row_id = page.read("/api/session")["rows"][0]["id"]
    page.decisions.write_text("broken")
    status, answer = page.post("/api/decisions", reviewer="Ann", rows=[{"id": row_id, "decision": "keep"}])
    assert status == 409
    assert "decisions.csv line 1: no column id" in answer["error"]
    assert page.decisions.read_text() == "broken"


def test_nobody_else_gets_in(page: Page) -> None:
    body = json.dumps({"reviewer": "Ann", "rows": [{"id": "0", "decision": "keep"}]}).encode()
    own = {"Cookie": page.cookie, "Origin": page.origin, "Content_Type": "application/json"}
    refused = [
        (401, page.request("GET", "/api/session")),
        (401, page.request("GET", "/?token=guess")),
        (401, page.request("GET", "/api/session", Cookie=f"review-{page.port}=guess")),
        (421, page.get("/api/session", Host=f"evil.example:{page.port}")),
        (421, page.get("/api/session", Host="127.0.0.1:1")),
        (421, page.get(f"/?token={page.token}", Host="evil.example")),
        (403, page.request("POST", "/api/decisions", body, **{**own, "Origin": "http://evil.example"})),
        (403, page.request("POST", "/api/decisions", body, **{**own, "Origin": "null"})),
        (403, page.request("POST", "/api/decisions", body, Cookie=page.cookie, Content_Type="application/json")),
        (403, page.request("POST", "/api/decisions", body, **{**own, "Content_Type": "text/plain"})),
        (401, page.request("POST", "/api/decisions", body, Origin=page.origin, Content_Type="application/json")),
        (405, page.request("PUT", "/api/decisions", body, **own)),
    ]
    assert [answer.status for _, answer in refused] == [status for status, _ in refused]
    assert page.decisions.read_text() == f"{HEAD}\n"


def test_nothing_outside_the_data_set_is_served(page: Page) -> None:
    pictures = f"/pictures/{page.stamp}"
    for path in ("/page/../__main__.py", "/page/..%2f__main__.py", "/page/%2e%2e/guard.py", "/params.yaml",
                 f"{pictures}/1797", f"{pictures}/-1", f"/previews/{page.stamp}/1797",
                 f"/sheets/{page.stamp}/labels/3", f"/sheets/{page.stamp}/others/0", "/api/found/others",
                 "/api/rows/99999", "/page/", "/page/.."):  # fmt: skip
        assert page.get(path).status == 404, path


def test_the_token_opens_the_page_and_its_rules_are_strict(page: Page) -> None:
    answer = page.request("GET", f"/?token={page.token}")
    assert answer.status == 200
    assert answer.headers["Set-Cookie"] == f"{page.cookie}; Path=/; HttpOnly; SameSite=Strict"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert page.get("/api/session").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "named", "known"),
    [
        ("127.0.0.1", "127.0.0.1:8710", True),
        ("127.0.0.1", "localhost:8710", True),
        ("127.0.0.1", "LocalHost:8710", True),
        ("127.0.0.1", "[::1]:8710", True),
        ("127.0.0.1", "192.0.2.7:8710", False),
        ("127.0.0.1", "evil.example:8710", False),
        ("127.0.0.1", "localhost", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", ":8710", False),
        ("127.0.0.1", "localhost:8710:8710", False),
        ("127.0.0.1", "localhost@evil.example:8710", False),
        ("127.0.0.1", "evil@localhost:8710", False),
        ("127.0.0.1", "[localhost]:8710", False),
        ("127.0.0.1", "localhost:8710/", False),
        ("127.0.0.1", "localhost:08710", False),
        ("0.0.0.0", "192.0.2.7:8710", True),
        ("0.0.0.0", "evil.example:8710", False),
        ("0.0.0.0", f"{socket.gethostname()}:8710", True),
        ("0.0.0.0", f"{socket.gethostname().upper()}:8710", True),
        ("[::]", "[2001:DB8::7]:8710", True),
        ("192.0.2.7", "192.0.2.8:8710", False),
        ("box.example", "box.example:8710", True),
        ("box.example", "BOX.Example:8710", True),
        ("Box.Example", "box.example:8710", True),
        ("box.example", "evil.example:8710", False),
    ],
)
def test_a_host_is_known_or_an_address(host: str, named: str, known: bool) -> None:
    assert Door(host, 8710, "token").knows(named) == known


@pytest.mark.parametrize("named", ["localhost", "localhost:80", "LOCALHOST", "[::1]", "127.0.0.1"])
def test_a_port_that_browsers_leave_out_is_known(named: str) -> None:
    assert Door("127.0.0.1", 80, "token").knows(named)
    assert not Door("127.0.0.1", 80, "token").knows(f"{named.removesuffix(':80')}:8710")


def test_rows_without_pictures_show_as_text_and_as_tables(folder: Path) -> None:
    (folder / "data/digits/prepared/images.npy").unlink()
    rows = folder / "data/digits/prepared/rows.csv"
    pd.DataFrame({"text": [f"<b>row {row}</b>" for row in range(1797)]}).to_csv(rows, index=False)
    with serve_review(folder) as page:
        session = page.read("/api/session")
        row = session["rows"][0]
        assert (session["kind"], row["content"]) == ("text", f"<b>row {row['row']}</b>")
        assert page.read(f"/api/rows/{row['row']}")["nearest"] == []
        assert page.get(f"/pictures/{session['stamp']}/0").status == 404
    pd.DataFrame({"a": range(1797), "b": "x"}).to_csv(rows, index=False)
    with serve_review(folder) as page:
        session = page.read("/api/session")
        row = session["rows"][0]
        assert (session["kind"], session["columns"], row["content"]) == ("table", ["a", "b"], [str(row["row"]), "x"])
        assert row["unusual"] == [["a", str(row["row"])], ["b", "x"]]
        # those of the row itself, beside it
        (first, *_) = page.read(f"/api/rows/{row['row']}")["typical"][0]["rows"]
        assert first["unusual"] == [["a", str(first["row"])], ["b", "x"]]


def test_it_is_known_what_the_worst_rows_are_expected_to_hold(folder: Path) -> None:
    path = folder / "data/digits/issues.csv"
    with serve_review(folder) as page:
        session = page.read("/api/session")
        assert session["min_yield"] == 0.5
        assert session["on_top"]
        assert session["trust"]["verdict"] in HEADLINES
        forecast = page.read("/api/forecast")
        assert forecast == session["forecast"]
        assert forecast["left"] == {"rows": 1797, **{key: forecast["left"][key] for key in ("errors", "low", "high")}}
        assert [forecast["curve"][name][0] for name in ("rows", "expected", "low", "high")] == [0, 0, 0, 0]
        for row in session["rows"][:5]:
            page.decide(row["id"], "remove")
        moved = page.read("/api/forecast")
        assert moved["left"]["rows"] == 1792
        # five were found, of which far fewer were expected, so more are expected in all
        assert moved["left"]["errors"] + 5 > forecast["left"]["errors"] + 2
    issues = pd.read_csv(path, dtype=str)
    issues["flagged"] = np.where(issues.index == 7, "yes", "no")
    issues.to_csv(path, index=False)
    with serve_review(folder) as page:
        session = page.read("/api/session")
        # what is expected is of the worst rows, and others are flagged here
        assert not session["on_top"]
        assert [row["rank"] for row in session["rows"][:3]] == [8, 1, 2]


def test_unusual_cells_are_those_least_like_the_class() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({f"c{k}": rng.normal(size=400).round(3) for k in range(4)}).astype(str)
    table["colour"], table["constant"], table["id"] = "red", "1", [f"x{row}" for row in range(400)]
    table["gap"] = np.where(np.arange(400) % 2, "", "7")
    labels = ["a", "b"] * 200
    table.loc[3, ["c2", "colour", "constant"]] = ["-8", "blue", "5"]
    # what is usual in one class is not in the other
    table["size"] = np.where(np.arange(400) % 2, "1000", "1")
    table.loc[5, "size"] = "1"
    table.loc[7, "c1"] = ""
    cells = Cells(np.frombuffer(table.to_csv(index=False).encode(), dtype=np.uint8))
    unusual = UnusualCells(cells, labels)
    assert set(unusual.columns(3)[:3]) == {2, 4, 5}
    assert unusual.columns(5)[0] == 8
    assert unusual.columns(7)[0] == 1
    assert UnusualCells(cells, [str(row) for row in range(400)]).columns(3)[0] in {2, 4, 5}


def test_duplicates_and_outliers_are_lists_of_their_own(tmp_path: Path) -> None:
    with serve_review(make_found(tmp_path, "text")) as page:
        session = page.read("/api/session")
        assert session["found"] == {
            "spread": {"shown": 20, "all": 20},
            "duplicates": {"shown": 4, "all": 4},
            "outliers": {"shown": 2, "all": 2},
        }
        duplicates = page.read("/api/found/duplicates")["rows"]
        assert [(row["id"], row["set"], row["kind"], row["labels_differ"]) for row in duplicates] == [
            ("row-4", 1, "exact", True),
            ("row-5", 1, "exact", True),
            ("row-6", 2, "near", False),
            ("row-9", 2, "near", False),
        ]
        assert duplicates[0]["content"] == duplicates[1]["content"] == "text 4"
        outliers = page.read("/api/found/outliers")["rows"]
        assert [(row["id"], row["score"]) for row in outliers] == [("row-1", 0.0375), ("row-30", 0.0475)]
        # what is listed is cut, what is opened is whole
        assert len(outliers[0]["content"]) == 601
        assert page.read("/api/rows/1")["content"] == LONG
        flagged = len(session["rows"])
        page.decide("row-30", "remove")
        page.decide("row-40", "remove")
        assert {line["id"]: line["decision"] for line in read_lines(page)} == {"row-30": "remove", "row-40": "remove"}
    with serve_review(tmp_path) as again:
        # what was decided there stays there
        assert [row["id"] for row in again.read("/api/session")["rows"][flagged:]] == ["row-40"]


def test_pictures_of_every_list_have_sheets(folder: Path) -> None:
    rows = [(1, str(row), str(row % 10), "exact", "0", False) for row in (3, 13)]
    (folder / "data/digits/examples").mkdir()
    head = "set,id,given_label,kind,score,labels_differ"
    write_rows(folder / "data/digits/examples/duplicates.csv", head, rows)
    images = np.load(folder / "data/digits/prepared/images.npy")
    with serve_review(folder) as page:
        sheet = np.asarray(Image.open(io.BytesIO(page.get(f"/sheets/{page.stamp}/duplicates/0").read())))
    np.testing.assert_array_equal(sheet[:, :16], np.hstack([images[3, 0], images[13, 0]]))


def test_lists_without_end_are_cut_between_sets() -> None:
    sets = pd.DataFrame({"set": np.repeat([1, 2, 3], [4000, 900, 200]), "id": "x"})
    assert len(first_sets(sets)) == 4900
    assert len(first_sets(sets.head(4950))) == 4950
    assert len(first_sets(pd.DataFrame({"set": np.ones(6000), "id": "x"}))) == 5000


@pytest.mark.parametrize(("channels", "size"), [(1, (8, 8)), (3, (40, 30)), (3, (300, 200)), (2, (5, 33))])
def test_pictures_of_any_size_make_sheets(tmp_path: Path, channels: int, size: tuple[int, int]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (30, channels, *size), dtype=np.uint8)
    pictures = Gallery(Pictures(images))
    sheet = Image.open(io.BytesIO(pictures.sheet(list(range(23)), 10).content))
    side = min(max(size), 160)
    assert sheet.size == (10 * side, 3 * side)


def run_review(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_python("-m", "review", *arguments, folder=folder, server="review")


def break_outliers(folder: Path) -> None:
    (folder / "data/digits/examples").mkdir()
    write_rows(folder / "data/digits/examples/outliers.csv", "id,given_label,score", [("nowhere", "1", "0.5")])


STARTING: list[tuple[Callable[[Path], object], list[str], str]] = [
    (lambda folder: None, ["../digits"], "'../digits' cannot name a data set"),
    (lambda folder: None, ["digit"], "params.yaml: no block for the data set 'digit' (did you mean 'digits'?)"),
    (
        lambda folder: (folder / "data/digits/decisions.csv").unlink(),
        ["digits"],
        "decisions.csv: not found; make it with the one line id,given_label,decision",
    ),
    (lambda folder: (folder / "data/digits/issues.csv").unlink(), ["digits"], "issues.csv: not found; `dvc repro`"),
    (
        lambda folder: (folder / "data/digits/decisions.csv").write_text("id,given_label,decision,label,reviewer\n"),
        ["digits"],
        "decisions.csv line 1: no column time, note, suggested_label, label_quality, settles, in which the review page",
    ),
    (
        lambda folder: (folder / "data/digits/prepared/images.npy").unlink(),
        ["digits"],
        "data/digits/prepared: holds nothing to look at",
    ),
    (
        break_outliers,
        ["digits"],
        "outliers.csv: is not of the same run as prepared/",
    ),
    (
        lambda folder: (folder / "data/digits/issues.csv").write_text("id,flagged\nnowhere,yes\n"),
        ["digits"],
        "issues.csv: is not of the same run as quality/",
    ),
    (
        lambda folder: (folder / "data/digits/quality/label_quality.csv").write_text("id,label_quality\n1,0.5\n"),
        ["digits"],
        "quality/label_quality.csv: has no column given_prob, suggested_prob, error_prob, prior_error_prob, rank; ",
    ),
    (
        lambda folder: (folder / "params.yaml").write_text("digits: {find_issues: {min_yield: 2}}\n"),
        ["digits"],
        "params.yaml: digits.find_issues.min_yield: 2 is not allowed",
    ),
    (lambda folder: None, ["digits", "--host", "192.0.2.1"], "cannot listen on 192.0.2.1:"),
    (lambda folder: None, ["digits", "--port", "99999"], "cannot listen on 127.0.0.1:99999"),
]


@pytest.mark.parametrize(("break_it", "arguments", "message"), STARTING)
def test_what_keeps_it_from_starting_is_named(
    folder: Path, break_it: Callable[[Path], object], arguments: list[str], message: str
) -> None:
    break_it(folder)
    done = run_review(folder, *arguments)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_answers_do_not_wait_for_the_network() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_taken_port_is_named_or_avoided() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"cannot listen on 127.0.0.1:{port}"):
            listen("127.0.0.1", port)
    with listen("127.0.0.1", None) as first, listen("127.0.0.1", None) as second:
        assert first.getsockname()[1] != second.getsockname()[1]


def test_it_ends_quietly_when_interrupted(folder: Path) -> None:
    with serve_review(folder) as page:
        page.read("/api/session")
        page.process.send_signal(signal.SIGINT)
        assert page.process.wait(WAIT_S) == 130
        assert page.process.stdout is not None
        assert "Traceback" not in page.process.stdout.read()
