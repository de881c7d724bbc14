"""Class names that look alike are named, renamed and merged; labels that are measurements are refused."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stages.preprocess.classes import find_alike
from tests.sources import run
from tests.tables import Preparing

HEAD = "id,given_label,decision,label,reviewer\n"
ALIKE = {
    "case and blanks": ["ham", "ham ", "Ham"],
    "a wide blank": ["ham", "ham\u00a0"],
    "a blank within": ["not spam", "not  spam", "not_spam", "not-spam"],
    "a form": ["caf\u00e9", "cafe\u0301"],
    "a wide form": ["A1", "\uff21\uff11"],
    "a final point": ["<=50K", "<=50K."],
    "numbers": ["1", "1.0", "01"],
    "a sign that does not show": ["ham", "ham\u200b", "\ufeffham"],
    "two cases of a letter": ["straße", "STRASSE"],
}
APART = [
    ["1", "-1", "+2"], ["<=50K", ">50K"], ["0", "1", "2"], ["a", "b", "ab"], ["c", "c++", "c#"], ["1.5", "15"],
    ["2020-01", "2020-10"], ["-", "--", "."], ["nan", "None", "NA"], ["e", "é"],
]  # fmt: skip


def spread(names: Sequence[str], each: int = 2) -> tuple[dict[str, list[str]], list[str]]:
    """Return a column of numbers, and as many labels of each name."""
    labels = [name for _ in range(each) for name in names]
    return {"x": [str(row % 7) for row in range(len(labels))]}, labels


@pytest.mark.parametrize("name", ALIKE)
def test_classes_that_look_alike_are_named_in_one_line(name: str, prepare: Preparing) -> None:
    done = prepare(*spread([*ALIKE[name], "other"]))
    lines = [line for line in done.out.splitlines() if "classes that may be one" in line]
    assert done.code == 0
    assert len(lines) == 1
    assert lines[0].count(" (2)") == len(ALIKE[name])
    assert "other" not in lines[0]
    assert [remark["column"] for remark in done.remarks] == [None]


def test_blanks_and_forms_are_made_visible(prepare: Preparing) -> None:
    assert (
        'classes that may be one, by their names: "ham" (2), "Ham" (2), "ham " (2); if so, set preprocess.classes to '
        '{"Ham": "ham", "ham ": "ham"}\n'
    ) in prepare(*spread(["Ham", "ham ", "ham", "eggs"])).out
    assert '"caf\\xe9" (2), "cafe\\u0301" (2)' in prepare(*spread([*ALIKE["a form"], "other"])).out


@pytest.mark.parametrize("names", APART)
def test_other_names_are_not_alike(names: list[str], prepare: Preparing) -> None:
    assert "may be one" not in prepare(*spread(names)).out


@pytest.mark.parametrize("name", ALIKE)
def test_classes_are_merged(name: str, prepare: Preparing) -> None:
    done = prepare(*spread([*ALIKE[name], "other"]), classes=dict.fromkeys(ALIKE[name], "one"))
    assert (done.code, done.remarks) == (0, [])
    assert done.files["classes.json"].decode() == '[\n  "one",\n  "other"\n]\n'


def test_a_class_gets_a_new_name_and_a_single_class_is_none(prepare: Preparing) -> None:
    done = prepare(*spread(["cat", "dog", "cow"]), classes={"cat": "zebra"})
    assert np.load(prepare.folder / "data/toy/prepared/labels.npy").tolist() == [2, 1, 0] * 2
    assert '"cow",\n  "dog",\n  "zebra"' in done.files["classes.json"].decode()
    assert "every row is labelled 'cat'" in prepare(*spread(["cat", "dog"]), classes={"dog": "cat"}).err


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ({"Dog": "cat"}, "preprocess.classes: no class is called 'Dog' (did you mean 'dog'?); there are: 'cat', 'dog'"),
        ({"dog ": "cat"}, "no class is called 'dog ' (did you mean 'dog'?)"),
        ({"": "cat"}, "no class is called ''; there are"),
        (
            {"dog": "cat", "cat": "dog"},
            "preprocess.classes: 'cat', 'dog': both an old name and a new one; give another",
        ),
        ({"dog": "cat", "cat": "pet"}, "preprocess.classes: 'cat': both an old name and a new one"),
        ({"dog": ""}, "2 row(s) (id 1, 3) without a label; label them at the source, or set preprocess.unlabelled"),
        ({1: "cat"}, "preprocess.classes.1: 1 is not allowed: give a text, in quotes"),
        ({"dog": 1}, "preprocess.classes.dog: 1 is not allowed: give a text, in quotes"),
    ],
)
def test_a_mistake_in_classes_is_one_line(classes: dict[str, str], message: str, prepare: Preparing) -> None:
    done = prepare(*spread(["cat", "dog"]), classes=classes)
    assert (done.code, done.files, done.err.count("\n")) == (2, {}, 1)
    assert message in done.err


LETTERS = st.sampled_from("aAé\u0301e \u00a0\u200b\\\"'\n.1_-😀\u2028") | st.characters(codec="utf-8")


@given(st.lists(st.text(LETTERS, min_size=1, max_size=4), min_size=2, max_size=12, unique=True))
def test_whatever_the_names_the_setting_can_be_copied(names: list[str]) -> None:
    for line in find_alike(pd.Series(names, dtype="str")):
        assert len(line.splitlines()) == 1
        renamed = yaml.safe_load(line.split("set preprocess.classes to ")[-1])
        assert {*renamed, *renamed.values()} <= set(names)
        assert not renamed.keys() & set(renamed.values())


def test_a_decision_on_an_old_name_is_put_aside_and_said(prepare: Preparing) -> None:
    table, labels = spread(["ham", "ham ", "spam"], 4)
    prepare(table, labels)
    # rows 1 and 4 are "ham " at the source, 2 is spam
    decided = '1,ham ,keep,,ann\n4,ham ,remove,,ann\n2,spam,relabel,ham,ann\n7,"ham ",relabel,spam,ann\n'
    (prepare.folder / "data/toy/decisions.csv").write_text(HEAD + decided)
    assert prepare(table, labels, classes={"ham ": "ham"}).code == 0
    assert run(prepare.folder, "split", prepare.patch) == 0
    said = prepare.capsys.readouterr().out
    assert "decisions on 3 row(s) are put aside, for the given label has changed since: 1, 4, 7; look at these" in said
    (prepare.folder / "data/toy/decisions.csv").write_text(HEAD + decided.replace("ham ", "ham"))
    assert run(prepare.folder, "split", prepare.patch) == 0
    assert "put aside" not in prepare.capsys.readouterr().out


def test_a_decision_for_an_old_name_stops_with_its_line(prepare: Preparing) -> None:
    table, labels = spread(["ham", "ham ", "spam"], 4)
    (prepare.folder / "data/toy").mkdir(parents=True)
    (prepare.folder / "data/toy/decisions.csv").write_text(HEAD + '2,spam,relabel,"ham ",ann\n')
    assert prepare(table, labels, classes={"ham ": "ham"}).code == 0
    assert run(prepare.folder, "split", prepare.patch) == 2
    assert (
        "decisions.csv line 2: id '2': label 'ham ' is not a class; classes: ham, spam"
        in prepare.capsys.readouterr().err
    )


MEASURES = {
    "prices": [f"{100000 + 1234.5 * row}" for row in range(30)],
    "with a currency": [f"${row + 1},{row:03}.50" for row in range(30)],
    "with decimal commas": [f"{row},25" for row in range(30)],
    "per cent": [f"{row * 3.3:.1f} %" for row in range(30)],
    "whole numbers": [str(row * row * 7) for row in range(30)],
    "powers": [f"{row}.5e-3" for row in range(30)],
    "days": [f"2020-01-{row + 1:02}" for row in range(30)],
}
CLASSES = {
    "digits": [str(row % 10) for row in range(40)],
    "digits once each": [str(row) for row in range(10)],
    "many whole numbers": [f"{row % 50:04}" for row in range(100)],
    "consecutive ones": [str(row) for row in range(30)],
    "ratings": [str(1 + row % 9 / 2) for row in range(40)],
    "words": [f"class {row}" for row in range(30)],
    "codes": [f"{row}-{row}" for row in range(30)],
}


@pytest.mark.parametrize("name", MEASURES)
def test_labels_that_are_measurements_are_refused_in_one_line(name: str, prepare: Preparing) -> None:
    done = prepare({"rooms": [str(row) for row in range(30)]}, MEASURES[name])
    noun = "dates" if name == "days" else "numbers"
    assert (done.code, done.files, len(done.err.splitlines())) == (2, {}, 1)
    assert f"raw/labels.csv: labels are 30 different {noun} in 30 rows: classes are needed, and these are m" in done.err


@pytest.mark.parametrize("name", CLASSES)
def test_labels_that_name_classes_are_not(name: str, prepare: Preparing) -> None:
    done = prepare({"rooms": [str(row % 5) for row in range(len(CLASSES[name]))]}, CLASSES[name])
    assert done.code == 0
    assert "measurements" not in done.out


def test_measurements_with_many_rows_each_are_said_to_be_such(prepare: Preparing) -> None:
    done = prepare({"rooms": [str(row % 5) for row in range(200)]}, [f"{row % 25}.5" for row in range(200)])
    assert done.code == 0
    assert (
        "labels are 25 different numbers in 200 rows, each taken as a class; if they are measurements, make" in done.out
    )
