"""What `labels diff` says changed between two versions."""

import io
import re
from pathlib import Path

import pandas as pd
import pytest

from labels.compare import compare, summarise, take_given
from labels.diff import show_rows
from labels.page import fill_page
from labels.revisions import Revision
from labels.table import escape_formula, format_csv, format_table
from labels.versions import LabelVersion, fill_decided_by, read_examples
from stages.artifacts.decisions import Decision
from tests.conftest import Clone
from tests.kinds import ARABIC, N_ROWS, make_kind

REGIVEN = "given label changed at the source: a → b"
CELLS = ["id", "given_label", "label", "status", "by"]


def version(*rows: str, decisions: tuple[Decision, ...] = ()) -> LabelVersion:
    table = pd.DataFrame([row.split(",") for row in rows], columns=CELLS, dtype=str)
    return LabelVersion("a version", fill_decided_by(table), {decision.id: [decision] for decision in decisions})


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


def test_all_that_was_decided_is_what_differs_from_the_given_labels() -> None:
    now = version("1,a,b,relabelled,ann", "2,a,,removed,undecided: remove", "3,b,b,kept,ann", "4,b,b,kept,")
    changes = compare(take_given(now), now)
    assert changes[["id", "from", "to"]].to_numpy().tolist() == [["1", "a", "b"], ["2", "a", ""]]
    assert summarise(changes) == "2 rows changed: 1 relabelled, 1 removed"


def test_who_decided_is_a_column_and_for_older_versions_read_off_by() -> None:
    rows = [
        ["1", "a", "", "removed", "undecided: remove"],
        ["2", "a", "b", "relabelled", "ann"],
        ["3", "a", "a", "kept", ""],
    ]
    older = pd.DataFrame(rows, columns=CELLS, dtype=str)
    assert fill_decided_by(older)["decided_by"].tolist() == ["rule", "people", ""]
    # whatever a person's name is
    named = older.assign(decided_by=["people", "people", ""])
    assert fill_decided_by(named)["decided_by"].tolist() == ["people", "people", ""]
    said = Decision("1", "a", "remove", "", "undecided: remove", note="torn")
    changes = compare(version("1,a,a,kept,"), LabelVersion("new", named.head(1), {"1": [said]}))
    assert changes[["decided", "why"]].to_numpy().tolist() == [[True, "torn"]]


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


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|'/c calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "-", "--1", "-1-1", "+1=1"]
)
def test_no_cell_is_a_formula_of_a_spreadsheet(cell: str) -> None:
    changes = compare(version(f"{cell},a,a,kept,"), version(f"{cell},a,{cell},relabelled,{cell}"))
    read = pd.read_csv(io.StringIO(format_csv(changes), newline=""), dtype=str, keep_default_na=False)
    assert read["id"][0] == read["to"][0] == read["by"][0] == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "-1", "+1.5", "-1e-3", "a=b", "'=1", "1-1", "7", " x"])
def test_cells_that_are_no_formulas_stay(cell: str) -> None:
    assert escape_formula(cell) == cell


@pytest.mark.parametrize("kind", ["text", "table"])
def test_texts_and_table_rows_stand_beside_their_changes(workplace: Path, kind: str) -> None:
    make_kind(workplace, kind)
    cleaned = Path("data/digits/cleaned")
    cleaned.mkdir()
    Path("data/digits/prepared/rows.csv").rename(cleaned / "rows.csv")
    ids = [f"row-{row}" for row in range(N_ROWS)]
    old = version(*(f"{row_id},a,a,kept," for row_id in ids))
    new = version(*(f"{row_id},a,{'b,relabelled' if row_id in ids[:2] else 'a,kept'},ann" for row_id in ids))
    changes = compare(old, new)
    shown = show_rows("digits", changes, (old, new), (None, None))
    assert (list(shown), shown["row-0"].kind) == (ids[:2], kind)
    page = fill_page("digits", "v1.0.0", "now", changes, shown)
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;" in page
    assert page.count('<details class="text">' if kind == "text" else '<details class="more">') == (
        1 if kind == "text" else 2
    )


def test_texts_of_an_earlier_version_come_from_dvc(workplace: Path) -> None:
    make_kind(workplace, "text")
    repository = Clone(workplace)
    cleaned = Path("data/digits/cleaned")
    cleaned.mkdir()
    Path("data/digits/prepared/rows.csv").rename(cleaned / "rows.csv")
    for command in (["git", "init", "--quiet"], ["dvc", "init", "--quiet"], ["dvc", "add", "--quiet", str(cleaned)]):
        repository.run(*command)
    repository.commit("Keep the texts")
    revision = Revision("HEAD", repository.run("git", "rev-parse", "HEAD").strip())
    (cleaned / "rows.csv").write_text("text\nchanged\n")
    examples = read_examples("digits", version("0,a,a,kept,"), revision)
    assert (examples.kind, len(examples), examples.content(2)) == ("text", N_ROWS, ARABIC)


TABLE = """\
id   from  to         by   why
7    7     (removed)  bob  <b>smudged</b> | torn
129  8     1          ann
2 rows changed: 1 relabelled, 1 removed
"""


def test_two_versions_are_compared_and_shown(released: Clone, tmp_path: Path) -> None:
    csv, html = tmp_path / "changes.csv", tmp_path / "changes.html"
    printed = released.labels("diff", "digits", "v1.0.0", "v1.1.0", "--csv", str(csv), "--html", str(html))
    assert printed == f"digits: v1.0.0 → v1.1.0\n{TABLE}written to {csv}\nwritten to {html}\n"
    assert csv.read_text().splitlines()[:2] == [
        "id,from,to,by,why,status,time",
        "7,7,,bob,<b>smudged</b> | torn,removed,2026-11-24T10:00:31Z",
    ]
    page = html.read_text()
    assert page.count('<img src="data:image/png;base64,') == 2
    assert "&lt;b&gt;smudged&lt;/b&gt; | torn" in page
    assert not re.search(r"""(src|href)=["'](?!data:)|url\(|@import""", page)


def test_the_working_tree_is_compared_with_the_last_release(released: Clone) -> None:
    assert released.labels("diff", "digits") == "digits: v1.1.0 → the working tree\n0 rows changed\n"
    assert released.labels("diff", "digits", "HEAD~1") == f"digits: HEAD~1 → the working tree\n{TABLE}"


def test_data_comes_from_the_remote_and_without_it_one_line_says_how(released: Clone, tmp_path: Path) -> None:
    released.run("git", "clone", "--quiet", str(released.folder), str(tmp_path / "other"))
    other = Clone(tmp_path / "other")
    assert other.labels("diff", "digits", "v1.0.0", "v1.1.0").endswith(TABLE)
    assert "labels.csv: not found; `dvc repro` makes it, or `dvc pull" in other.labels("diff", "digits", code=2)
    other.run("dvc", "remote", "modify", "--local", "store", "url", str(tmp_path / "nothing"))
    printed = other.labels("diff", "digits", "v1.0.0", "v1.1.0", code=2)
    assert printed.startswith("labels: error: data/digits/cleaned/labels.csv at v1.0.0: neither in DVC's cache nor")
    assert "`dvc fetch --all-tags`" in printed
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["diff", "digits", "v9"],
            "'v9' is neither a released version of digits nor a git revision (released: v1.0.0, v1.1.0)",
        ),
        (["diff", "digitz"], "no block for the data set 'digitz' (did you mean 'digits'?)"),
        (["diff", "../digits"], "'../digits' cannot name a data set"),
        (["diff", "mnist"], "mnist has no released version to compare with; name a git revision"),
        (["diff", "mnist", "HEAD"], "mnist: the pipeline at HEAD does not make it"),
        (["diff", "mnist", "HEAD"], "; `python -m labels diff mnist given` compares with the labels before any"),
        (["diff"], "the following arguments are required: dataset; see `python -m labels diff --help`"),
        (["dif", "digits"], "invalid choice: 'dif'"),
        (["diff", "digits", "v1.0.0", "--csv", "README.md/changes.csv"], "README.md"),
    ],
)
def test_a_mistake_is_one_line(released: Clone, arguments: list[str], message: str) -> None:
    printed = released.labels(*arguments, code=2)
    assert printed.startswith("labels: error: ")
    assert message in printed
    assert printed.count("\n") == 1
