"""Of all that people said the last word counts, and a decision that does not fit is named with its line."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.artifacts.decisions import COLUMNS, STATUS, Decision, Verdict, apply_verdict, parse_decisions
from stages.artifacts.fitting import Rows, check_decisions, read_decisions
from stages.artifacts.standing import agree, find_conflict, find_standing
from stages.command.errors import InputError

HEAD = ",".join(COLUMNS)
ROWS = Rows({"a": "cat", "b": "dog", "c": "cow", "é,1": "cat"}, {})
CLASSES = ["cat", "cow", "dog"]


def write(tmp_path: Path, *lines: str, head: str = HEAD) -> Path:
    path = tmp_path / "decisions.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


def test_decisions_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a,cat,keep,,reviewer-a,2026-01-02T03:04:05Z",
        'b,dog,relabel,cow,reviewer-a,,"horns, clearly\nseen",dog,0.01,',
        "",
        '"é,1",cat,remove,,reviewer-b,,,,,',
        "b,dog,relabel,cow,reviewer-b",
    )
    decisions = read_decisions(path, ROWS, CLASSES)
    assert {row_id: (d.decision, d.label, d.reviewer) for row_id, d in decisions.items()} == {
        "a": ("keep", "", "reviewer-a"),
        "b": ("relabel", "cow", "reviewer-a; reviewer-b"),
        "é,1": ("remove", "", "reviewer-b"),
    }
    assert decisions["b"].note == "horns, clearly\nseen"


def test_other_columns_and_a_mark_of_byte_order_do_no_harm(tmp_path: Path) -> None:
    path = write(
        tmp_path, "0.1,keep,a,cat,,reviewer-a,,", head="\ufeffscore,decision,id,given_label,label,reviewer,time,note"
    )
    assert read_decisions(path, ROWS, CLASSES)["a"].decision == "keep"


PROBLEMS = [
    (
        "a,cat,delete,,reviewer-a,,",
        "line 2: id 'a': decision 'delete' is not one of keep, relabel, remove, unsure, undo",
    ),
    ("a,cat,,,reviewer-a,,", "line 2: id 'a': decision '' is not one of"),
    ("a,cat,relabel,horse,reviewer-a,,", "line 2: id 'a': label 'horse' is not a class; classes: cat, cow, dog"),
    ("a,cat,relabel,,reviewer-a,,", "line 2: id 'a': relabel needs a label; classes: cat, cow, dog"),
    ("a,cat,relabel,cat,reviewer-a,,", "line 2: id 'a' is relabelled to the label it has; write keep instead"),
    ("a,cat,keep,dog,reviewer-a,,", "line 2: id 'a': keep takes no label, but 'dog' stands there; clear it"),
    ("a,cat,remove,cat,reviewer-a,,", "line 2: id 'a': remove takes no label, but 'cat' stands there; clear it"),
    ("a,cat,keep,,,,", "line 2: id 'a': reviewer is empty; write who decided"),
    ("a,cat,keep,", "line 2: not 10 cells as in line 1, but 4; an empty cell needs its comma"),
    (
        "a,cat,keep,,reviewer-a,,no, yes,,,,",
        "line 2: not 10 cells as in line 1, but 12; put quotes around a cell that holds a comma",
    ),
    (
        'a,cat,keep,,reviewer-a,,"no',
        "not a CSV file in UTF-8 (unexpected end of data); save it as one, and close every quote",
    ),
    (
        "a,cat,keep,,reviewer-a,,\na,cat,remove,,reviewer-b,,",
        "holds a conflict on id 'a' (line 2: keep by reviewer-a, line 3: remove by reviewer-b); settle",
    ),
    (
        "a,cat,relabel,dog,reviewer-a,,\na,cat,relabel,cow,reviewer-b,,",
        "holds a conflict on id 'a' (line 2: relabel to 'dog' by reviewer-a, line 3: relabel to 'cow' by reviewer-b)",
    ),
    (
        "a,cat,keep,,reviewer-a,today",
        "line 2: id 'a': time 'today' is not ISO 8601; write it like 2026-11-24T10:00:00Z",
    ),
]


@pytest.mark.parametrize(("lines", "message"), PROBLEMS)
def test_a_decision_that_does_not_fit_is_named(tmp_path: Path, lines: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_decisions(write(tmp_path, lines), ROWS, CLASSES)
    assert message in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_all_that_is_wrong_in_a_file_is_named_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, "a,cat,keep", "b,dog,keep,,,,", "a,cat,keep,,ann,,no, yes,,,,", "c,cow,relabel,cow,ann,,")
    with pytest.raises(InputError) as caught:
        read_decisions(path, ROWS, CLASSES)
    named = [line.removeprefix(f"{path} ").split(";")[0] for line in str(caught.value).splitlines()]
    assert named == [
        "line 2: not 10 cells as in line 1, but 3",
        "line 4: not 10 cells as in line 1, but 12",
        "line 3: id 'b': reviewer is empty",
        "line 5: id 'c' is relabelled to the label it has",
    ]


def test_who_was_not_sure_is_not_asked_again(tmp_path: Path) -> None:
    path = write(tmp_path, "a,dog,unsure,,ann")
    assert list(check_decisions(path, ROWS, CLASSES).describe()) == []


def test_what_fits_no_row_is_put_aside_and_named(tmp_path: Path) -> None:
    path = write(tmp_path, "z,cat,keep,,ann", "a,dog,keep,,ann", "b,cat,remove,,ann", "c,cow,keep,,ann")
    fitted = check_decisions(path, ROWS, CLASSES)
    assert list(fitted.standing) == list(read_decisions(path, ROWS, CLASSES)) == ["c"]
    assert list(fitted.describe()) == [
        "decisions on 1 row(s) that have left the data are put aside: z",
        "decisions on 2 row(s) are put aside, for the given label has changed since: a, b; look at these again",
    ]


CHANGED = {
    "kept, and as it was": ("cat", "keep", "", "cat", ("keep", "")),
    "kept, then labelled otherwise": ("cat", "keep", "", "dog", None),
    "relabelled, then so labelled at the source": ("cat", "relabel", "dog", "dog", ("keep", "")),
    "relabelled, then labelled otherwise": ("cat", "relabel", "dog", "cow", None),
    "not sure": ("cat", "unsure", "", "dog", None),
    "removed, and as it was": ("cat", "remove", "", "cat", ("remove", "")),
    "removed, then labelled otherwise": ("cat", "remove", "", "dog", None),
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_changed_given_label_is_what_was_decided_or_has_to_be_looked_at_again(change: str, tmp_path: Path) -> None:
    before, decision, label, now, expected = CHANGED[change]
    path = write(tmp_path, f"a,{before},{decision},{label},ann")
    found = read_decisions(path, Rows({"a": now}, {}), CLASSES)
    assert {row_id: (said.decision, said.label) for row_id, said in found.items()} == (
        {"a": expected} if expected else {}
    )
    assert all(said.given_label == now for said in found.values())


MOVED: dict[str, tuple[list[str], dict[str, str], dict[str, str]]] = {
    "to another class": (["cat/1,cat,relabel,dog,ann,,11"], {"dog/1": "11"}, {"dog/1": "keep"}),
    "to another name": (["cat/1,cat,keep,,ann,,11"], {"cat/one": "11"}, {"cat/one": "keep"}),
    "against the decision": (["cat/1,cat,keep,,ann,,11"], {"dog/1": "11"}, {}),
    "into a split": (["cat/1,cat,relabel,cow,ann,,11"], {"train/cat/1": "11"}, {"train/cat/1": "relabel"}),
    "one of two copies": (["cat/1,cat,keep,,ann,,11"], {"cat/2": "11", "new/cat/1": "11"}, {"new/cat/1": "keep"}),
    "two copies are as likely": (["cat/1,cat,keep,,ann,,11"], {"cat/2": "11", "cat/3": "11"}, {}),
    "to remove one of two copies leaves the other": (["cat/1,cat,remove,,ann,,11"], {"test/cat/1": "11"}, {}),
    "a row has its own decision": (
        ["cat/1,cat,relabel,dog,ann,,11", "cat/2,cat,keep,,bob,,11"], {"cat/2": "11"}, {"cat/2": "keep"},
    ),
    "without a content": (["cat/1,cat,keep,,ann,,"], {"dog/1": "11"}, {}),
    "all that was said": (
        ["cat/1,cat,keep,,ann,,11", "cat/1,cat,relabel,cow,ann,,11", "cat/1,cat,undo,,ann,,"],
        {"a/cat/1": "11"},
        {"a/cat/1": "keep"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("move", MOVED)
def test_a_decision_follows_a_picture_that_is_moved(move: str, tmp_path: Path) -> None:
    lines, contents, expected = MOVED[move]
    path = write(tmp_path, *lines, head="id,given_label,decision,label,reviewer,time,content")
    given = {row_id: next(name for name in CLASSES if name in row_id.split("/")) for row_id in contents}
    fitted = check_decisions(path, Rows(given, contents), CLASSES)
    assert {row_id: said.decision for row_id, said in agree(fitted.standing).items()} == expected
    followed = expected.keys() - {line.split(",")[0] for line in lines}
    said = [line for line in fitted.describe() if "follow pictures" in line]
    assert (
        said
        == [f"decisions on 1 row(s) follow pictures that lie elsewhere now: cat/1 → {new}" for new in sorted(followed)]
        or move == "against the decision"
    )


LINE, LATER = "a,cat,keep,,ann,2026-01-02T03:04:05Z", "b,dog,keep,,bob,2026-01-02T03:04:06Z,,,,,0123abcd"


@pytest.mark.parametrize(
    "lines",
    [
        [f"{HEAD},run", LATER, LINE], [HEAD, LINE, f"{HEAD},run", LATER], [f"{HEAD},run", LATER, HEAD, LINE],
        [HEAD, f"{HEAD},run", LINE, LATER], [f"{HEAD},run", HEAD, LINE, LATER],
        [f"{HEAD},run", f"{HEAD},run", LATER, LINE],
        [f"{HEAD},content", LINE, f"{HEAD},content,run", "b,dog,keep,,bob,2026-01-02T03:04:06Z,,,,,beef,0123abcd"],
    ],
)  # fmt: skip
def test_the_first_line_may_come_again_with_more_columns(tmp_path: Path, lines: list[str]) -> None:
    decisions = parse_decisions(write(tmp_path, *lines[1:], head=lines[0]))
    assert {said.reviewer: (said.id, said.run) for said in decisions} == {"ann": ("a", ""), "bob": ("b", "0123abcd")}


@pytest.mark.parametrize("again", [f"{HEAD},other", "id,given_label,decision,label,reviewer,note", f"{HEAD},content"])
def test_the_first_line_may_not_come_again_with_others(tmp_path: Path, again: str) -> None:
    path = write(tmp_path, LINE, again, head=f"{HEAD},run")
    with pytest.raises(InputError, match=r"line 3: names columns again, and not those of line 1 or more at their end;"):
        parse_decisions(path)


def test_a_cell_may_be_called_as_its_column(tmp_path: Path) -> None:
    assert [said.id for said in parse_decisions(write(tmp_path, "id,given_label,keep,,reviewer"))] == ["id"]


@pytest.mark.parametrize("into", ["main", "other"])
@pytest.mark.parametrize("before", [[], ["c,cow,keep,,cyd,2026-01-01T00:00:00Z"]])
@pytest.mark.parametrize("both", [False, True])
def test_a_branch_that_adds_the_column_merges_with_one_that_does_not(
    tmp_path: Path, into: str, before: list[str], both: bool
) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--initial-branch=main")
    (tmp_path / ".gitattributes").write_text("decisions.csv merge=union text eol=lf\n")
    write(tmp_path, *before)
    git("add", "--all")
    git("commit", "--message", "Before")
    git("branch", "other")
    write(tmp_path, *before, LATER, head=f"{HEAD},run")
    git("commit", "--all", "--message", "With the column")
    git("checkout", "other")
    write(tmp_path, *before, LINE, head=f"{HEAD},run" if both else HEAD)
    git("commit", "--all", "--message", "Without")
    git("checkout", into)
    git("merge", "--no-edit", "other" if into == "main" else "main")
    rows = Rows({"a": "cat", "b": "dog", "c": "cow"}, {})
    standing = check_decisions(tmp_path / "decisions.csv", rows, CLASSES).standing
    assert {row_id: [said.run for said in same] for row_id, same in standing.items()} == {
        "a": [""], "b": ["0123abcd"], **({"c": [""]} if before else {}),
    }  # fmt: skip


def test_a_file_with_other_columns_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, head="id;given_label")
    with pytest.raises(InputError, match=r"line 1: no column id, given_label, .*; the first line must be id,given"):
        read_decisions(path, ROWS, CLASSES)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    path.write_bytes(f"{HEAD}\na,cat,keep,,Jörg,,\n".encode("latin-1"))
    with pytest.raises(InputError, match="not a CSV file in UTF-8"):
        read_decisions(path, ROWS, CLASSES)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"not found; make it with the one line {HEAD}"):
        read_decisions(tmp_path / "decisions.csv", ROWS, CLASSES)


def say(decision: str, reviewer: str = "ann", time: str = "", settles: str = "") -> Decision:
    label = "dog" if decision == "relabel" else ""
    return Decision("a", "cat", decision, label, reviewer, f"2026-01-01T00:00:{time}Z" if time else "", settles=settles)


def numbered(*said: Decision) -> list[Decision]:
    return [replace(decision, line=line) for line, decision in enumerate(said, start=2)]


def stands(*said: Decision) -> list[tuple[str, str]]:
    standing = find_standing(numbered(*said)).get("a", [])
    return sorted((decision.reviewer, decision.decision) for decision in standing)


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ([say("keep"), say("relabel")], [("ann", "relabel")]),
        ([say("keep"), say("undo")], []),
        ([say("keep"), say("relabel"), say("undo")], [("ann", "keep")]),
        ([say("undo"), say("keep")], [("ann", "keep")]),
        ([say("keep"), say("undo"), say("keep")], [("ann", "keep")]),
        ([say("keep"), say("undo", "bob")], [("ann", "keep")]),
        ([say("keep"), say("remove", "bob")], [("ann", "keep"), ("bob", "remove")]),
        ([say("keep"), say("remove", "bob"), say("relabel", "cyd", settles="ann; bob")], [("cyd", "relabel")]),
        (
            [say("keep"), say("remove", "bob"), say("keep", "cyd", settles="ann; bob"), say("undo", "cyd")],
            [("ann", "keep"), ("bob", "remove")],
        ),
        ([say("keep", settles="ann; bob"), say("remove", "bob")], [("ann", "keep"), ("bob", "remove")]),
        # the time and not the place counts, as a merge puts one side's lines after the other's
        ([say("keep", time="09"), say("relabel", time="03")], [("ann", "keep")]),
        ([say("relabel", time="03.500"), say("keep", time="03")], [("ann", "relabel")]),
        # a line that a merge has kept twice counts once
        ([say("keep", time="03"), say("keep", time="03"), say("undo", time="04")], []),
        ([say("keep", time="05"), say("remove"), say("relabel", time="04")], [("ann", "remove")]),
    ],
)
def test_the_last_word_of_each_reviewer_stands(said: list[Decision], standing: list[tuple[str, str]]) -> None:
    assert stands(*said) == standing


def test_who_is_unsure_contradicts_nobody() -> None:
    standing = find_standing(numbered(say("unsure"), say("remove", "bob")))
    assert not list(find_conflict(standing["a"]))
    assert {row_id: decision.reviewer for row_id, decision in agree(standing).items()} == {"a": "bob"}
    assert not agree(find_standing(numbered(say("unsure"))))


SAID = st.builds(
    say,
    st.sampled_from([*Verdict, "undo"]),
    st.sampled_from(["ann", "bob", "cyd"]),
    st.integers(10, 59).map(str),
    settles=st.sampled_from(["", "ann; bob"]),
)


@settings(deadline=None)
@given(st.lists(SAID, unique_by=lambda decision: decision.time), st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter_where_they_have_times(said: list[Decision], random: object) -> None:
    shuffled = said.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert stands(*shuffled) == stands(*said)


def test_what_does_not_stand_need_not_fit(tmp_path: Path) -> None:
    path = write(tmp_path, "z,cat,keep,,ann", "z,cat,undo,,ann", "a,ox,keep,,ann", "a,cat,remove,,ann")
    assert list(read_decisions(path, ROWS, CLASSES)) == ["a"]


def test_each_verdict_but_unsure_gives_a_status_and_a_label() -> None:
    assert list(STATUS.values()) == ["kept", "relabelled", "removed"]
    assert [apply_verdict(verdict, "cat", "dog") for verdict in STATUS] == ["cat", "dog", ""]
    # as they are read from a file
    assert STATUS["keep"] == "kept"  # type: ignore[index]


def test_bytes_that_a_full_disk_left_are_named_with_their_line(tmp_path: Path) -> None:
    path = write(tmp_path, "a,cat,keep,,Ann,,")
    path.write_bytes(path.read_bytes() + b"\0\0\0\0,keep,,Ann,,\nb,cat,keep,,Ann,,\n")
    with pytest.raises(InputError, match=r"line 3: holds NUL bytes, as after a full disk; take the line out"):
        read_decisions(path, ROWS, CLASSES)


def test_what_is_wrong_at_an_earlier_commit_is_named_with_it(tmp_path: Path) -> None:
    path = write(tmp_path)
    text = f"\ufeff{HEAD}\na,cat\n"
    with pytest.raises(
        InputError, match=r"decisions.csv at v1.0.0 line 2: not \d+ cells as in line 1, but 2; an empty"
    ):
        parse_decisions(path, text.encode(), "v1.0.0")
    assert parse_decisions(path, text.replace("a,cat\n", "").encode(), "v1.0.0") == []


def test_a_column_that_comes_twice_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, head=f"{HEAD},label,note")
    with pytest.raises(InputError, match="line 1: more than one column label, note; take out or rename the others"):
        read_decisions(path, ROWS, CLASSES)


def test_a_long_note_is_read(tmp_path: Path) -> None:
    note = "long " * 40_000
    assert read_decisions(write(tmp_path, f"a,cat,keep,,Ann,,{note}"), ROWS, CLASSES)["a"].note == note


def test_blanks_around_a_name_make_nobody_another_person(tmp_path: Path) -> None:
    path = write(tmp_path, "a,cat,keep,,Ann,,", "a,cat,remove,,Ann ,,", "a,cat,remove,,\u00a0Ann,,")
    assert read_decisions(path, ROWS, CLASSES)["a"].reviewer == "Ann"


@pytest.mark.parametrize(
    "time", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999-12:00", "0001-01-01T00:00:00+14:00"]
)
def test_a_time_at_the_end_of_all_times_is_none(tmp_path: Path, time: str) -> None:
    with pytest.raises(InputError, match="is not ISO 8601"):
        read_decisions(write(tmp_path, f"a,cat,keep,,Ann,{time},"), ROWS, CLASSES)
