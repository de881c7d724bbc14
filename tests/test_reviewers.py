"""How far reviewers agree with each other and with themselves, in the report."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stages.artifacts.decisions import parse_decisions
from stages.artifacts.files import read_table
from stages.artifacts.fitting import Rows
from stages.certificate.checks import COLUMNS
from stages.report.agreement import MIN_ROWS
from stages.report.reviewers import list_reviewers, read_looks
from tests.annotators import run_stages
from tests.browser import new_tab
from tests.review import HEAD
from tests.sources import run

if TYPE_CHECKING:
    from playwright.sync_api import Browser

N_ROWS = 40
DIFFERING = 4
ROWS = Rows({**{f"r{row}": "cat" for row in range(N_ROWS)}, "new": ""}, {})


def line(row_id: str, said: str, reviewer: str, minute: int, settles: str = "") -> str:
    """Return a line of decisions.csv; ``said`` is keep, remove, unsure, undo or another label."""
    decision = said if said in {"keep", "remove", "unsure", "undo"} else "relabel"
    label = said if decision == "relabel" else ""
    cells = {"id": row_id, "given_label": ROWS.given.get(row_id, "cat"), "decision": decision, "label": label}
    cells |= {"reviewer": reviewer, "time": f"2026-11-24T{minute // 60:02}:{minute % 60:02}:00Z", "settles": settles}
    return ",".join(cells.get(name, "") for name in HEAD.split(","))


def write(folder: Path, lines: Sequence[str], checks: Sequence[tuple[str, ...]] = ()) -> None:
    (folder / "certificate").mkdir(parents=True, exist_ok=True)
    (folder / "decisions.csv").write_text("\n".join([HEAD, *lines]) + "\n")
    (folder / "certificate/checks.csv").write_text(
        "\n".join([",".join(COLUMNS), *(",".join(check) for check in checks)]) + "\n"
    )


def decide_twice(reviewers: tuple[str, str] = ("ann", "bob")) -> list[str]:
    """Let two reviewers decide on all rows, the second differ in a few of them, and the first settle these."""
    ann, bob = reviewers
    lines = [line(f"r{row}", "keep", ann, row) for row in range(N_ROWS)]
    lines += [line(f"r{row}", "dog" if row < DIFFERING else "keep", bob, 100 + row) for row in range(N_ROWS)]
    return lines + [line(f"r{row}", "dog", ann, 200 + row, settles=f"{ann}; {bob}") for row in range(DIFFERING)]


def test_reviewers_are_held_against_each_other(tmp_path: Path) -> None:
    write(tmp_path, decide_twice())
    looks = read_looks(tmp_path, ROWS)
    assert looks.shared == N_ROWS
    for who in list_reviewers(looks).to_dict("records"):
        assert (who["rows"], who["compared"], who["agree"]) == (N_ROWS, N_ROWS, 1 - DIFFERING / N_ROWS)
        assert 0 < who["low"] < who["agree"] < who["high"] < 1
        assert who["again"] == 0


@pytest.mark.parametrize(
    "words",
    {
        "unsure": [("r0", "unsure")],
        "taken back": [("r0", "dog"), ("r0", "undo")],
        "left the data": [("gone", "keep")],
        "no given label": [("new", "dog")],
        "after it was settled": [("r1", "dog")],
    }.values(),
)
def test_what_is_no_second_look_by_itself_does_not_count(words: list[tuple[str, str]], tmp_path: Path) -> None:
    first = [line(row_id, "dog" if row_id == "new" else "keep", "ann", 0) for row_id in ("r0", "new", "gone")]
    settled = [line("r1", "keep", "ann", 1), line("r1", "keep", "cy", 2, settles="ann")]
    more = [
        line("r1" if row_id == "settled" else row_id, said, "bob", 10 + n) for n, (row_id, said) in enumerate(words)
    ]
    write(tmp_path, [*first, *settled, *more])
    assert read_looks(tmp_path, ROWS).shared == 0


def test_reviewers_are_held_against_themselves(tmp_path: Path) -> None:
    lines = [line(f"r{row}", "unsure" if row == 1 else "keep", "ann", row) for row in range(N_ROWS)]
    # decided after the second look, and by somebody else: neither is a first look of ann's
    lines += [line("r39", "keep", "ann", 500), line("r2", "keep", "bob", 3)]
    lines = [each for each in lines if not each.startswith("r39,cat,keep,,ann,2026-11-24T00:39")]
    said = {0: ("relabel", "dog"), 2: ("unsure", "")}
    checks = [
        (f"r{row}", "again", "cat", *said.get(row, ("keep", "")), "ann", "2026-11-24T05:00:00Z", "abc")
        for row in range(N_ROWS)
    ]
    checks += [("r2", "again", "cat", "keep", "", "cy", "2026-11-24T05:00:00Z", "abc")]
    checks += [("r3", "known", "dog", "keep", "", "ann", "2026-11-24T05:00:00Z", "abc")]
    write(tmp_path, lines, checks)
    ann = list_reviewers(read_looks(tmp_path, ROWS)).set_index("reviewer").loc["ann"]
    # neither r1, of which ann was not sure at first, nor r2, nor r39
    assert (ann["again"], ann["same"]) == (N_ROWS - 3, 1 - 1 / (N_ROWS - 3))
    assert ann["same_low"] < ann["same"] < ann["same_high"]
    assert np.isnan(ann["agree"])


def test_of_few_rows_nothing_is_told(tmp_path: Path) -> None:
    write(tmp_path, [each for each in decide_twice() if int(each[1 : each.index(",")]) < MIN_ROWS - 1])
    table = list_reviewers(read_looks(tmp_path, ROWS))
    assert table["compared"].tolist() == [MIN_ROWS - 1] * 2
    assert table[["agree", "low", "high"]].isna().all(axis=None)


def test_the_report_has_a_section_once_somebody_looked_again(
    browser: "Browser", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_stages(tmp_path, monkeypatch)
    page = tmp_path / "reports/toy/index.html"
    assert 'id="reviewers"' not in page.read_text()
    given = read_table(tmp_path / "data/toy/quality/label_quality.csv").set_index("id")["given_label"]
    lines = [each.replace(",cat,", f",{given[each.split(',')[0]]},", 1) for each in decide_twice(("ann <b>", "bob"))]
    file = tmp_path / "data/toy/decisions.csv"
    file.write_text("\n".join([HEAD, *(each.replace("relabel,dog", "remove,") for each in lines)]) + "\n")
    assert len(parse_decisions(file)) == len(lines)
    assert run(tmp_path, "report", monkeypatch) == 0
    text = page.read_text()
    assert "ann &lt;b&gt;" in text
    assert f"More than one reviewer was sure of {N_ROWS} rows." in text
    tab = new_tab(browser, viewport={"width": 390, "height": 800})
    tab.goto(page.as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
