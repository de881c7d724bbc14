"""Any data set of OpenML is a table, but for features that are only numbered."""

from typing import Any

import pytest

from stages.fetch.raw import RawData, SourceError
from stages.fetch.settings import Settings
from stages.fetch.sources import openml
from stages.fetch.table import RawTable
from tests.openml import Point, make_pointer, serve, table_answers

COLUMNS = {"key": "string", "age": "numeric", "size": "real", "colour": "nominal", "note": "string", "sold": "nominal"}
HEAD = """@RELATION pets
@ATTRIBUTE key string
@ATTRIBUTE age numeric
@ATTRIBUTE size real
@ATTRIBUTE colour {red,'light, blue','50%'}
@ATTRIBUTE note string
@ATTRIBUTE sold {yes,no}
"""
DATA = """@DATA
k1,3,0.1,red,'it\\'s 100% good, they say',yes
k2,?,2,'light, blue','plain',no
% a comment
k3,5,?,'50%',?,?
"""
ROWS = [
    {"age": "3", "size": "0.1", "colour": "red", "note": "it's 100% good, they say"},
    {"age": "", "size": "2.0", "colour": "light, blue", "note": "plain"},
    {"age": "5", "size": "", "colour": "50%", "note": ""},
]


@pytest.fixture
def openml_at(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Point:
    return make_pointer(monkeypatch, tmp_path_factory.mktemp("scikit_learn_data"))


def ask(
    openml_at: Point, columns: dict[str, str], arff: str, target: str | None, **settings: Any
) -> RawTable | RawData:
    answers = table_answers("pets", columns, arff.encode(), "HOST", target=target, ignored="key")
    with serve(answers) as address:
        openml_at(address, answers)
        return openml.fetch("pets@1", Settings(sources=["any"], **settings))


def test_categories_texts_and_missing_values_come_as_they_are_published(openml_at: Point) -> None:
    raw = ask(openml_at, COLUMNS, HEAD + DATA, "sold")
    assert isinstance(raw, RawTable)
    assert raw.rows.to_dict("records") == ROWS
    assert raw.table.to_dict("list") == {"id": ["0", "1", "2"], "label": ["yes", "no", ""]}


def test_the_settings_name_other_columns_those_that_openml_ignores_included(openml_at: Point) -> None:
    raw = ask(openml_at, COLUMNS, HEAD + DATA, "sold", label="colour", id="key")
    assert raw.table.to_dict("list") == {"id": ["k1", "k2", "k3"], "label": ["red", "light, blue", "50%"]}
    assert isinstance(raw, RawTable)
    assert list(raw.rows) == ["age", "size", "note", "sold"]


def test_dates_come_as_text(openml_at: Point) -> None:
    head = "@RELATION pets\n@ATTRIBUTE day date 'yyyy-MM-dd'\n@ATTRIBUTE share string\n@ATTRIBUTE sold {yes,no}\n"
    arff = head + "@DATA\n'2020-01-31','20 %',yes\n?,half,no\n"
    raw = ask(openml_at, {"day": "date", "share": "string", "sold": "nominal"}, arff, "sold")
    assert isinstance(raw, RawTable)
    assert raw.rows.to_numpy().tolist() == [["2020-01-31", "20 %"], ["", "half"]]


@pytest.mark.parametrize(
    ("names", "second", "kind"),
    [
        (("x1", "x2"), "2,1.5", RawData),
        (("V1", "V22"), "2,1.5", RawData),
        (("x1", "y2"), "2,1.5", RawTable),
        (("x1", "x"), "2,1.5", RawTable),
        (("x1", "x2"), "?,1.5", RawTable),
    ],
)
def test_only_complete_numbered_numbers_are_no_table(
    openml_at: Point, names: tuple[str, str], second: str, kind: type
) -> None:
    columns = {**dict.fromkeys(names, "numeric"), "class": "nominal"}
    head = "".join(f"@ATTRIBUTE {name} numeric\n" for name in names)
    raw = ask(openml_at, columns, f"@RELATION a\n{head}@ATTRIBUTE class {{a,b}}\n@DATA\n1,2,a\n{second},b\n", "class")
    assert type(raw) is kind
    assert list(raw.table["label"]) == ["a", "b"]


@pytest.mark.parametrize(
    ("target", "settings", "message"),
    [
        (None, {}, r"OpenML names no target; name one in fetch\.label; there are: age, size, colour, note, sold"),
        ("age,sold", {}, r"OpenML names several targets \(age,sold\); name one in fetch\.label"),
        ("sold", {"label": "sells"}, r"fetch\.label: no column is called 'sells'; there are: age, size,"),
        ("sold", {"id": "age"}, r"fetch\.id: 'age' is empty in 1 row\(s\) \(row 1, counted from 0\)"),
    ],
)
def test_a_label_that_cannot_be_told_is_named(
    openml_at: Point, target: str | None, settings: dict[str, str], message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        ask(openml_at, COLUMNS, HEAD + DATA, target, **settings)
