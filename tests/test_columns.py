"""What is a number, a date or a category is decided by a column as a whole, and said; whatever is in a cell."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stages.command.errors import InputError
from stages.preprocess.columns import read_column
from stages.preprocess.settings import Settings
from tests.conftest import ROOT
from tests.tables import Preparing

NAN = np.nan


class Case(NamedTuple):
    """Cells, the keys of preprocess, and what comes of them: their kind, the first values, and what is said."""

    cells: Sequence[str]
    kind: str
    values: Sequence[float]
    said: str = ""
    keys: dict[str, Any] = {}  # noqa: RUF012


MANY = [str(number) for number in range(59)]
CASES = {
    # numbers that are no dates
    "a blank among decimals": Case(["3046.05", " ", "29.85", "2020.01"], "numeric", [3046.05, NAN, 29.85]),
    "a word among years": Case(
        ["5000", "4200", "n/k", "1800"], "categorical", [2, 1, 3], "3 of 4 cells are numbers; not: 'n/k'; name those"
    ),
    "a word that is missing": Case(["5000", "4200", "n/k"], "numeric", [5000, 4200, NAN], keys={"missing": ["n/k"]}),
    "year and month with a blank": Case(["2020 05", "2021 06"], "categorical", [0, 1]),
    "the clock": Case(["now", "today", "now", "NOW"], "categorical", [1, 2, 1]),
    "the clock among dates": Case(["2020-01-01"] * 30 + ["now"], "date", [18262], "30 of 31 cells are dates; not:"),
    "not a time": Case(["NaT", "2020-01-01"], "categorical", [1, 0], "1 of 2 cells are dates; not: 'NaT'"),
    # dates
    "for ever": Case(["2020-01-31", "9999-12-31", ""], "date", [18292, 2932896, NAN]),
    "long ago": Case(["0001-01-01", "1066-10-14"], "date", [-719162, -329893]),
    "times with zones": Case(["2020-01-01T00:00:00+02:00", "1970-01-01 12:00Z"], "date", [18261 + 22 / 24, 0.5]),
    "fractions of seconds": Case(["1970-01-02 00:00:00.500000001"] * 2, "date", [1 + 0.5 / 86400]),
    "months": Case(["2020-01", "2020-02"], "date", [18262, 18293]),
    "other signs": Case(["2020/01/31", "2020.02.01", "2020-2-2"], "date", [18292, 18293, 18294]),
    "no such day": Case(["2020-02-30", "2020-02-01"], "categorical", [1, 0], "1 of 2 cells are dates; not: '2020-02-"),
    "no such time": Case(["2020-02-03T25:00", "2020-02-01"], "categorical", [1, 0], "1 of 2 cells are dates; not:"),
    "no year 0": Case(["0000-00-00", "0000-01-01"], "categorical", [0, 1]),
    "said to be dates": Case(
        ["2020", "20200131", "1970-01-02"], "date", [18262, 18292, 1], keys={"columns": {"x": "date"}}
    ),
    "days first": Case(["31.12.2020", "01.01.2021"], "categorical", [1, 0], "dates such as '01.01.2021' are not read"),
    "months first": Case(["12/31/2020 10:00", "1/1/21"], "categorical", [1, 0], "dates such as '1/1/21' are not read"),
    "months by name": Case(["31 Dec 2020", "January 1, 2021"], "categorical", [0, 1], "dates such as '31 Dec 2020'"),
    # one odd cell
    "one odd cell": Case(
        [*MANY, "forty"], "numeric", [0, 1], "'x': numeric, 1 missing; 59 of 60 cells are numbers; not: 'forty', taken"
    ),
    "an odd sign": Case([*MANY, "1O"], "numeric", [0, 1], "59 of 60 cells are numbers; not: '1O'"),
    "many odd cells": Case(
        [*MANY, *["forty"] * 4], "left out", [], "59 of 63 cells are numbers; not: 'forty'; name those that mean"
    ),
    "said to be categories": Case(
        ["5", "6", "x"] * 9, "categorical", [0, 1, 2], "'x': categorical, 3 different\n",
        {"columns": {"x": "categorical"}},
    ),
    # missing
    "a blank mark": Case(["39", " ?", "50"], "numeric", [39, NAN, 50], "'x': numeric, 1 missing\n"),
    "a wide blank": Case(["39", "\u00a0\u3000", "\u00a050"], "numeric", [39, NAN, 50]),
    "blanks in words": Case(["a", " a", "a ", "b", " "], "categorical", [0, 0, 0, 1, NAN], "2 different, 1 missing"),
    "a mark in words": Case(["a", "-", "b"], "categorical", [0, NAN, 1], keys={"missing": ["-"]}),
    "a blank mark that is named": Case(["1", " - ", "2"], "numeric", [1, NAN, 2], keys={"missing": ["- "]}),
    "a number that is missing": Case(["1", "-999", "2"], "numeric", [1, NAN, 2], keys={"missing": ["-999"]}),
    "nothing": Case(["", " ", "?"], "numeric", [NAN, NAN, NAN], "'x': numeric, 3 missing"),
    # signs in numbers
    "currency": Case(["$1,234.50", "-$7", "$ 0"], "numeric", [1234.5, -7, 0], "numbers with '$', ',' for thousands"),
    "currency behind": Case(["1.234,50 €", "7 €"], "numeric", [1234.5, 7], "'€', '.' for thousands, ',' as the deci"),
    "per cent": Case(["12 %", "7.5%"], "numeric", [12, 7.5], "read as numbers with '%', such as"),
    "per cent in some": Case(["12%", "0.5"], "categorical", [1, 0], "1 of 2 cells are numbers; not: '12%'"),
    "two currencies": Case(["$5", "€4", "$6"], "categorical", [0, 2, 1], "numbers of several units ('$5', '$6', '€4')"),
    "a currency twice": Case(["$5€", "$6"], "categorical", [0, 1], "1 of 2 cells are numbers; not: '$5€'"),
    "thousands": Case(["1,234", "999", "1,234,567"], "numeric", [1234, 999, 1234567], "if that is the decimal sign"),
    "thousands by blanks": Case(["1 234", "2\u202f345"], "numeric", [1234, 2345], "numbers with ' ' for thousands"),
    "decimal commas": Case(["1,5", "-0,25", "3"], "numeric", [1.5, -0.25, 3], "numbers with ',' as the decimal si"),
    "decimal commas that are said": Case(["1,234", "2"], "numeric", [1.234, 2], "'x': numeric\n", {"decimal": ","}),
    "points beside decimal commas": Case(["1.5", "2"], "numeric", [1.5, 2], "'.' as the decimal s", {"decimal": ","}),
    "both signs": Case(["1.5", "2,5"], "categorical", [0, 1], "1 of 2 cells are numbers; not: '2,5'"),
    "a long minus": Case(["−5", "5"], "numeric", [-5, 5]),
    "lists": Case(["1,2,3", "4,5"], "categorical", [0, 1]),
    "codes": Case(["A11", "A34", "12A"], "categorical", [1, 2, 0]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_column_is_read_as_a_whole(name: str, prepare: Preparing) -> None:
    case = CASES[name]
    n_rows = len(case.cells)
    done = prepare({"x": [*case.cells], "z": ["1"] * n_rows}, ["ab"[row > 0] for row in range(n_rows)], **case.keys)
    assert (done.code, done.err) == (0, "")
    assert f"'x': {case.kind}" in done.out
    assert case.said in done.out
    if case.kind == "left out":
        assert [column["name"] for column in done.columns] == ["z"]
        return
    assert done.kinds == [case.kind, "numeric"]
    np.testing.assert_allclose(prepare.features()[: len(case.values), 0], case.values, rtol=1e-15)


def test_remarks_are_printed_as_the_page_shows_and_kept_for_the_report(prepare: Preparing) -> None:
    table = {"age": [*MANY, "forty"], "price": [f"${1 + row},234.50" for row in range(60)], "size": [*MANY, "7"]}
    done = prepare(table, ["ab"[row * row % 7 % 2] for row in range(60)])
    lines = [line.replace(": toy:", ": churn:") for line in done.out.splitlines()[:2]]
    assert f"```text\n{lines[0]}\n{lines[1]}\n```" in (ROOT / "docs/own-data.md").read_text()
    assert [remark["column"] for remark in done.remarks] == ["age", "price"]
    assert lines[0].endswith(done.remarks[0]["text"])


def test_of_very_many_columns_the_log_lists_those_with_remarks(prepare: Preparing) -> None:
    table = {f"n{number}": ["1", "1", "2", "2"] * 10 for number in range(60)} | {"age": [*MANY[:39], "forty"]}
    lines = prepare(table).out.splitlines()
    assert [line.split(": ", 2)[2][:20] for line in lines] == [
        "'age': numeric, 1 missing"[:20], "60 more columns, whi", "40 rows of 61 column",
    ]  # fmt: skip


@pytest.mark.parametrize("large", ["1e200", "-1e101", "1" + "0" * 300, "$1e150"])
def test_a_number_too_large_for_a_model_names_its_column(large: str, prepare: Preparing) -> None:
    done = prepare({"size": ["1", "2", large, large]})
    assert (done.code, done.files) == (2, {})
    assert done.err.startswith(
        "preprocess: toy: error: raw/rows.csv: 2 value(s) beyond 1e+100, too large for a model, in c"
    )
    assert f"in column 'size'; mend them at the source, name them in preprocess.missing ('{large}'), or set" in done.err
    assert prepare({"size": ["1", "2", large, large]}, missing=[large]).kinds == ["numeric"]


@pytest.mark.parametrize("keys", [{"missing": ["-"]}, {"decimal": ","}, {"missing": ["-"], "decimal": ","}])
def test_keys_of_cells_are_for_tables_alone(keys: dict[str, Any], prepare: Preparing) -> None:
    done = prepare({"said": ["a b", "c d"]}, text="said", **keys)
    assert done.code == 2
    assert "has no effect if preprocess.text is set; remove" in done.err


WORDS = [
    "now", "today", "NaT", "nan", "5000", "3046.05", "2020 05", "2020", "9999-12-31", "0000-00-00", "2020-01-31",
    "99999", "1677-09-21", "2262-04-12", "2020-01-31T23:59:60", "2020-W05", "+12020-01-01", "-0001-01-01", "1e309",
    "1e-400", "inf", "0x1F", "1_000", "$", "%", "-", "+-5", "$-$5", "1,5", "1.234,5", "$5", "€5", "5%", "٣", "²",
    "\u200b7", "1e5", "True", "false", "", " ", "?", "-$1,234.5e3%", "1 234", "2020-01-01T00:00:00+99:99",
    "Dec 31, 2020", "24:00",
]  # fmt: skip
SIGNS = st.text("0123456789-/.:,TZ+eE $€% ", max_size=24)
CELLS = (
    st.sampled_from(WORDS) | SIGNS | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
    | st.dates().map(str) | st.datetimes().map(str) | st.floats().map(repr) | st.integers().map(str)
)  # fmt: skip
DATES = st.sampled_from(WORDS) | SIGNS | st.dates().map(str) | st.datetimes(timezones=st.timezones()).map(str)
KINDS = st.sampled_from([None, "numeric", "categorical", "date"])


def test_the_stage_gives_the_same_bytes_each_time_whatever_is_in_a_cell(prepare: Preparing) -> None:
    table = {"x": WORDS, "turned": WORDS[::-1], "dates": [["2020-01-01", "now"][row % 2] for row in range(len(WORDS))]}
    first = prepare(table)
    assert (first.code, first.err) == (0, "")
    assert prepare(table) == first


@settings(max_examples=400, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=12), KINDS, st.sampled_from([".", ","]), st.randoms(use_true_random=False))
@example(["now", "today"], "date", ".", np.random.RandomState(0))
@example(["5000", "4200"], "date", ".", np.random.RandomState(0))
def test_any_cells_are_read_the_same_each_time_in_any_order(
    cells: list[str], kind: Any, decimal: Any, random: Any
) -> None:
    keys = Settings(columns={} if kind is None else {"x": kind}, decimal=decimal)
    try:
        column = read_column("x", pd.Series(cells, dtype="str"), keys)
    except InputError:
        return
    assert len(str(column).splitlines()) == 1
    assert not np.isinf(column.values).any()
    order = list(range(len(cells)))
    random.shuffle(order)
    again = read_column("x", pd.Series([cells[row] for row in order], dtype="str"), keys)
    assert again.values.tobytes() == column.values[order].tobytes()
    assert str(again) == str(column)
    assert (again.kind, again.categories) == (column.kind, column.categories)


@settings(max_examples=200, deadline=None)
@given(st.lists(DATES, min_size=1, max_size=4), KINDS)
def test_a_date_is_of_the_year_that_the_cell_names(cells: list[str], kind: Any) -> None:
    try:
        column = read_column("x", pd.Series(cells, dtype="str"), Settings(columns={} if kind is None else {"x": kind}))
    except InputError:
        return
    for cell, value in zip(cells, column.values, strict=True):
        if column.kind == "date" and not np.isnan(value):
            # a zone may lead into the year beside it
            year = np.datetime64(int(np.floor(value)), "D").astype("datetime64[Y]").astype(int) + 1970
            assert abs(year - int(cell.strip()[:4])) <= 1


@given(st.lists(st.datetimes(), min_size=1, max_size=6))
def test_times_are_days_since_1970(times: list[Any]) -> None:
    column = read_column("x", pd.Series([str(time) for time in times], dtype="str"), Settings())
    assert column.kind == "date"
    expected = [(np.datetime64(time, "us") - np.datetime64(0, "us")) / np.timedelta64(1, "D") for time in times]
    np.testing.assert_allclose(column.values, expected, rtol=1e-15, atol=1e-11)
