"""Decisions win, the rule takes the rest, and a decision that does not fit is named before anything is written."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.clean.__main__ import Settings, check_classes, clean_labels
from stages.clean.decisions import COLUMNS, Decision, read_decisions
from stages.command import InputError
from tests.conftest import Clone

HEAD = ",".join(COLUMNS)
GIVEN = {"a": "cat", "b": "dog", "c": "cow", "é,1": "cat"}
CLASSES = ["cat", "cow", "dog"]


def write(tmp_path: Path, *lines: str, head: str = HEAD) -> Path:
    path = tmp_path / "decisions.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


def test_decisions_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a,cat,keep,,reviewer-a,2026-01-02T03:04:05Z,",
        'b,dog,relabel,cow,reviewer-a,,"horns, clearly\nseen"',
        "",
        '"é,1",cat,remove,,reviewer-b,,',
        "b,dog,relabel,cow,reviewer-b,,",
    )
    decisions = read_decisions(path, GIVEN, CLASSES)
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
    assert read_decisions(path, GIVEN, CLASSES)["a"].decision == "keep"


PROBLEMS = [
    ("z,cat,keep,,reviewer-a,,", "line 2: id 'z' is not in the data set; correct the id or take the line out"),
    ("a,dog,keep,,reviewer-a,,", "line 2: id 'a' was decided on as 'dog' but is now given as 'cat'; look at it again"),
    ("a,cat,delete,,reviewer-a,,", "line 2: id 'a': decision 'delete' is none of keep, relabel, remove"),
    ("a,cat,,,reviewer-a,,", "line 2: id 'a': decision '' is none of"),
    ("a,cat,relabel,horse,reviewer-a,,", "line 2: id 'a': label 'horse' is not a class; classes: cat, cow, dog"),
    ("a,cat,relabel,,reviewer-a,,", "line 2: id 'a': label '' is not a class"),
    ("a,cat,relabel,cat,reviewer-a,,", "line 2: id 'a' is relabelled to the label it has; write keep instead"),
    ("a,cat,keep,dog,reviewer-a,,", "line 2: id 'a': keep takes no label, but 'dog' stands there; clear it"),
    ("a,cat,remove,cat,reviewer-a,,", "line 2: id 'a': remove takes no label, but 'cat' stands there; clear it"),
    ("a,cat,keep,,,,", "line 2: id 'a': reviewer is empty; write who decided"),
    ("a,cat,keep,,reviewer-a,", "line 2: not 7 cells as in line 1; an empty cell needs its comma"),
    (
        "a,cat,keep,,reviewer-a,,no, yes",
        "line 2: not 7 cells as in line 1; put quotes around a cell that holds a comma",
    ),
    (
        'a,cat,keep,,reviewer-a,,"no',
        "not a CSV file in UTF-8 (unexpected end of data); save it as one, and close every quote",
    ),
    (
        "a,cat,keep,,reviewer-a,,\na,cat,remove,,reviewer-b,,",
        "contradicts itself on id 'a' (line 2: keep by reviewer-a, line 3: remove by reviewer-b); agree on one",
    ),
    (
        "a,cat,relabel,dog,reviewer-a,,\na,cat,relabel,cow,reviewer-a,,",
        "contradicts itself on id 'a' (line 2: relabel to 'dog' by reviewer-a, line 3: relabel to 'cow' by reviewer-a)",
    ),
]


@pytest.mark.parametrize(("lines", "message"), PROBLEMS)
def test_a_decision_that_does_not_fit_is_named(tmp_path: Path, lines: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_decisions(write(tmp_path, lines), GIVEN, CLASSES)
    assert message in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_a_file_with_other_columns_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, head="id;given_label")
    with pytest.raises(InputError, match=r"line 1: no column id, given_label, .*; the first line must be id,given"):
        read_decisions(path, GIVEN, CLASSES)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    path.write_bytes(f"{HEAD}\na,cat,keep,,Jörg,,\n".encode("latin-1"))
    with pytest.raises(InputError, match="not a CSV file in UTF-8"):
        read_decisions(path, GIVEN, CLASSES)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"not found; make it with the one line {HEAD}"):
        read_decisions(tmp_path / "decisions.csv", GIVEN, CLASSES)


QUALITY = pd.DataFrame(
    {
        "id": ["a", "b", "c"],
        "given_label": ["cat", "dog", "cow"],
        "suggested_label": ["dog", "cow", "cat"],
        "suggested_prob": ["0.95", "0.5", "0.99"],
    }
)


@pytest.mark.parametrize(
    ("undecided", "expected"),
    [
        ("remove", [("", "removed", "undecided: remove"), ("", "removed", "undecided: remove"), ("cow", "kept", "")]),
        ("keep", [("cat", "kept", "undecided: keep"), ("dog", "kept", "undecided: keep"), ("cow", "kept", "")]),
        (
            "relabel",
            [
                ("dog", "relabelled", "undecided: relabel"),
                ("", "removed", "undecided: relabel, unsure"),
                ("cow", "kept", ""),
            ],
        ),
    ],
)
def test_the_rule_takes_flagged_rows_that_nobody_decided_on(
    undecided: str, expected: list[tuple[str, str, str]]
) -> None:
    cleaned = clean_labels(QUALITY, {"a", "b"}, {}, Settings(undecided=undecided))  # type: ignore[arg-type]
    assert list(cleaned[["label", "status", "by"]].itertuples(index=False, name=None)) == expected


@given(
    st.sets(st.sampled_from("abc")),
    st.dictionaries(st.sampled_from("abc"), st.sampled_from(["keep", "relabel", "remove"])),
    st.sampled_from(["remove", "keep", "relabel"]),
)
def test_a_decision_always_wins(flagged: set[str], verdicts: dict[str, str], undecided: str) -> None:
    decisions = {
        row_id: Decision(2, row_id, "", verdict, "ox" if verdict == "relabel" else "", "reviewer-a", "", "")
        for row_id, verdict in verdicts.items()
    }
    cleaned = clean_labels(QUALITY, flagged, decisions, Settings(undecided=undecided))  # type: ignore[arg-type]
    expected = {"keep": "kept", "relabel": "relabelled", "remove": "removed"}
    for row in cleaned.to_dict("records"):
        if row["id"] in verdicts:
            assert row["status"] == expected[verdicts[row["id"]]]
            assert row["by"] == "reviewer-a"
            assert row["label"] == {"kept": row["given_label"], "relabelled": "ox", "removed": ""}[row["status"]]
        elif row["id"] not in flagged:
            assert (row["label"], row["status"], row["by"]) == (row["given_label"], "kept", "")


def test_a_class_is_never_emptied() -> None:
    cleaned = clean_labels(QUALITY, {"a", "b", "c"}, {}, Settings(undecided="remove"))
    message = r"no row would be left of 3 class\(es\): 'cat', 'cow', 'dog'; flag fewer \(find_issues in params.yaml\)"
    with pytest.raises(InputError, match=message):
        check_classes(cleaned, CLASSES)
    check_classes(clean_labels(QUALITY, {"a", "b", "c"}, {}, Settings(undecided="keep")), CLASSES)


def test_the_cleaned_data_are_ready_to_train_on(clone: Clone) -> None:
    decisions = clone.path("data/digits/decisions.csv")
    worst = pd.read_csv(clone.path("data/digits/issues.csv"), dtype=str).head(3)
    ids, given = list(worst["id"]), list(worst["given_label"])
    new = "0" if given[1] != "0" else "1"
    with decisions.open("a") as file:
        file.write(f"{ids[0]},{given[0]},keep,,reviewer-a,2026-01-02T03:04:05Z,\n")
        file.write(f"{ids[1]},{given[1]},relabel,{new},reviewer-a,2026-01-02T03:04:06Z,plainly a {new}\n")
    clone.repro()
    folder = clone.path("data/digits/cleaned")
    labels = pd.read_csv(folder / "labels.csv", dtype=str, keep_default_na=False).set_index("id")
    assert list(labels.columns) == ["given_label", "label", "status", "by"]
    assert list(labels.loc[ids[0]]) == [given[0], given[0], "kept", "reviewer-a"]
    assert list(labels.loc[ids[1]]) == [given[1], new, "relabelled", "reviewer-a"]
    assert list(labels.loc[ids[2]]) == [given[2], "", "removed", "undecided: remove"]
    assert len(labels) == len(np.load(folder / "images.npy")) == 1797
    assert "FAILED" not in clone.run("sh", "-c", "cd data/digits/cleaned && sha256sum --check SHA256SUMS")
    changes = pd.read_csv(clone.path("data/digits/changes.csv"), dtype=str, keep_default_na=False).set_index("id")
    assert len(changes) == 17
    assert list(changes.loc[ids[1], ["label", "status", "by", "note"]]) == [
        new,
        "relabelled",
        "reviewer-a",
        f"plainly a {new}",
    ]
    assert "decisions.csv" in clone.run("git", "status", "--short")


def test_wrong_decisions_are_all_named_and_nothing_is_written(clone: Clone) -> None:
    outputs = ("data/digits/changes.csv", "data/digits/cleaned/labels.csv", "data/digits/cleaned/images.npy")
    before = [clone.path(name).read_bytes() for name in outputs]
    with clone.path("data/digits/decisions.csv").open("a") as file:
        file.write("99999,1,keep,,reviewer-a,,\n0,1,keep,,reviewer-a,,\n")
    for printed in (clone.stage("clean", code=2), clone.repro(code=255)):
        assert "clean: digits: error: data/digits/decisions.csv line 2: id '99999' is not in the data set" in printed
        assert "line 3: id '0' was decided on as '1' but is now given as '0'" in printed
        assert "Traceback" not in printed
        assert [clone.path(name).read_bytes() for name in outputs] == before
