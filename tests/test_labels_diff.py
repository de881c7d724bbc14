"""What `labels diff` says changed between two versions."""

import io

import pandas as pd
import pytest

from labels.compare import compare, summarise
from labels.page import fill_page
from labels.table import format_csv, format_table
from labels.versions import LabelVersion
from stages.decisions import Decision

REGIVEN = "given label changed at the source: a → b"
CELLS = ["id", "given_label", "label", "status", "by"]


def version(*rows: str, decisions: tuple[Decision, ...] = ()) -> LabelVersion:
    table = pd.DataFrame([row.split(",") for row in rows], columns=CELLS, dtype=str)
    return LabelVersion("a version", table, {decision.id: [decision] for decision in decisions})


CASES = [
    # before, after, its decision, status, from, to, why
    ("1,a,a,kept,", "1,a,b,relabelled,ann", "looks like b", "relabelled", "a", "b", "looks like b"),
    ("1,a,a,kept,", "1,a,,removed,ann", "", "removed", "a", "", ""),
    ("1,a,,removed,undecided: remove", "1,a,a,kept,ann", "fine", "kept again", "", "a", "fine"),
    ("1,a,,removed,undecided: remove", "1,a,a,kept,", None, "kept again", "", "a", "no longer flagged"),
    ("1,a,b,relabelled,ann", "1,a,a,kept,", None, "kept again", "b", "a", "the decision by ann was taken back"),
    ("1,a,a,kept,", "1,b,b,kept,", None, "given changed", "a", "b", REGIVEN),
    (
        "1,a,b,relabelled,ann",
        "1,b,b,kept,ann",
        "",
        "given changed",
        "b",
        "b",
        "given label changed at the source: a → b",
    ),
    ("2,a,a,kept,", "2,a,a,kept,\n1,a,a,kept,", None, "added", "", "a", ""),
    ("2,a,a,kept,\n1,a,,removed,ann", "2,a,a,kept,", None, "left", "", "", ""),
    ("1,a,a,kept,", "1,a,a,kept,ann", "", None, "", "", ""),
]


@pytest.mark.parametrize(("before", "after", "note", "status", "was", "now", "why"), CASES)
def test_each_kind_of_change(
    before: str, after: str, note: str | None, status: str | None, was: str, now: str, why: str
) -> None:
    said = () if note is None else (Decision("1", "a", "", "", "ann", "2026-11-24T10:00:00Z", note),)
    changes = compare(version(*before.split("\n")), version(*after.split("\n"), decisions=said))
    found = changes[["id", "status", "from", "to", "why"]].to_numpy().tolist()
    assert found == ([["1", status, was, now, why]] if status else [])


def test_the_order_is_the_new_versions_and_the_count_names_each_kind() -> None:
    old = version("1,a,a,kept,", "2,a,a,kept,", "3,a,a,kept,", "4,a,a,kept,")
    changes = compare(old, version("4,a,,removed,ann", "2,a,b,relabelled,ann", "9,a,a,kept,", "1,a,a,kept,"))
    assert list(changes["id"]) == ["4", "2", "9", "3"]
    assert summarise(changes) == "4 rows changed: 1 relabelled, 1 removed, 1 added, 1 left"
    assert format_table(changes).splitlines() == [
        "id  from      to         by   why",
        "4   a         (removed)  ann",
        "2   a         b          ann",
        "9   (absent)  a",
        "3   a         (absent)",
    ]


def test_what_people_wrote_cannot_act_on_a_page_or_a_terminal() -> None:
    note = Decision("<i>1", "a", "", "", "ann", "", 'a "quoted", <b>bold</b>\n\x1b[31mnote')
    changes = compare(
        version("<i>1,a,a,kept,"), version("<i>1,a,<script>alert(1)</script>,relabelled,ann", decisions=(note,))
    )
    page = fill_page("digits", "v1.0.0", "<u>", changes, {})
    for hostile in ("<script", "<i>", "<b>", "<u>"):
        assert hostile not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "\x1b" not in format_table(changes)
    assert len(format_table(changes).splitlines()) == 2
    read = pd.read_csv(io.StringIO(format_csv(changes)), dtype=str, keep_default_na=False)
    assert read["why"][0] == note.note
    assert read["to"][0] == "<script>alert(1)</script>"
