"""Parquet files keep their types on the way to text; without pyarrow a line says what to install."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from stages.crossval_predict.external import read_pred_probs
from stages.fetch.raw import SourceError
from stages.fetch.settings import Settings
from stages.fetch.sources import parquet

SETTINGS = Settings(sources=["any"], label="label")
DAY, NOON = datetime.date(2020, 1, 31), datetime.datetime(2020, 1, 31, 12)


def write(path: Path, columns: dict[str, Any], **types: str) -> Path:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    arrays = {name: pa.array(values, type=types.get(name)) for name, values in columns.items()}
    pa.parquet.write_table(pa.table(arrays), path)
    return path


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1, None, 2**53 + 1], "int64", ["1", "", "9007199254740993"]),
        ([1, None], "uint8", ["1", ""]),
        ([0.1, 1.0, None, float("nan"), 1e300, float("inf")], "float64", ["0.1", "1.0", "", "", "1e+300", "inf"]),
        ([0.1, 1 / 3, None], "float32", ["0.1", "0.33333334", ""]),
        ([True, None, False], "bool", ["True", "", "False"]),
        (["007", None, "", "NA", "a\r\nb\r"], "string", ["007", "", "", "NA", "a\r\nb\r"]),
        ([DAY, None], "date32", ["2020-01-31", ""]),
        ([datetime.datetime(2020, 1, 31), None], "timestamp[us]", ["2020-01-31", ""]),
        ([NOON, None, NOON.replace(microsecond=5)], "timestamp[us]",
         ["2020-01-31T12:00:00", "", "2020-01-31T12:00:00.000005"]),
        ([NOON.replace(tzinfo=datetime.UTC)], None, ["2020-01-31T12:00:00+00:00"]),
        ([Decimal("1.50"), Decimal("1000.00"), None], None, ["1.50", "1000.00", ""]),
        ([None, None], "null", ["", ""]),
    ],
)  # fmt: skip
def test_a_value_is_written_in_one_way(
    tmp_path: Path, values: list[Any], kind: str | None, expected: list[str]
) -> None:
    types = {"x": kind} if kind else {}
    path = write(tmp_path / "a.parquet", {"x": values, "label": ["a"] * len(values)}, **types)
    assert parquet.fetch(str(path), SETTINGS).rows["x"].tolist() == expected


def test_categories_come_by_name_and_the_index_not_at_all(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    frame = pd.DataFrame({"x": pd.Categorical(["b", None, "a"]), "label": pd.Categorical([2, 1, 2])}, index=[5, 7, 9])
    frame.to_parquet(tmp_path / "a.parquet")
    raw = parquet.fetch(str(tmp_path / "a.parquet"), SETTINGS)
    assert raw.rows.to_dict("list") == {"x": ["b", "", "a"]}
    assert raw.table.to_dict("list") == {"id": ["0", "1", "2"], "label": ["2", "1", "2"]}
    frame.rename_axis("key").to_parquet(tmp_path / "a.parquet")
    raw = parquet.fetch(str(tmp_path / "a.parquet"), SETTINGS.model_copy(update={"id": "key"}))
    assert raw.table["id"].tolist() == ["5", "7", "9"]


def test_several_files_are_one_table(tmp_path: Path) -> None:
    write(tmp_path / "1.parquet", {"x": [1, None], "label": ["a", "b"]})
    write(tmp_path / "2.parquet", {"label": ["c"], "x": [0.5]})
    assert parquet.fetch(f"{tmp_path}/*.parquet", SETTINGS).rows["x"].tolist() == ["1.0", "", "0.5"]
    write(tmp_path / "2.parquet", {"label": ["c"], "y": [0.5]})
    with pytest.raises(
        SourceError, match=r"2\.parquet: lacks 'x' and adds 'y'; its columns must be those of .*1\.parquet"
    ):
        parquet.fetch(f"{tmp_path}/{{1,2}}.parquet", SETTINGS)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"x": [[1]], "y": [{"a": 1}], "z": [b"a"]},
         "columns of no single values: x (list<element: int64>), y (struct<a: int64>), z (binary); leave them out"),
        ({" ": [0.5]}, "column number 1 has no name, and cells that are not empty; give it one"),
        ({"x": ["a\0b"]}, "the column 'x' holds a NUL byte; take it out"),
    ],
)  # fmt: skip
def test_what_no_table_can_hold_is_named(tmp_path: Path, columns: dict[str, Any], message: str) -> None:
    path = write(tmp_path / "a.parquet", {**columns, "label": ["a"]})
    with pytest.raises(SourceError) as caught:
        parquet.fetch(str(path), SETTINGS)
    assert message in str(caught.value)


def test_a_file_of_another_format_is_named(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    (tmp_path / "a.parquet").write_text("x,label\n")
    with pytest.raises(SourceError, match=r"a\.parquet: not a Parquet file, or damaged \(.*\); put a whole one"):
        parquet.fetch(str(tmp_path / "a.parquet"), SETTINGS)


def test_without_pyarrow_a_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "pa", None)
    with pytest.raises(SourceError, match="reading Parquet needs pyarrow: pip install pyarrow=="):
        parquet.fetch("a.parquet", SETTINGS)


def test_probabilities_may_be_in_one(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    probs = pd.DataFrame({"dog": [1, 0.75], "id": ["b", "a"], "cat": [0, 0.25]})
    probs.to_parquet(tmp_path / "probs.parquet")
    read = read_pred_probs(str(tmp_path / "probs.parquet"), pd.Series(["a", "b"]), ["cat", "dog"])
    assert read.tolist() == [[0.25, 0.75], [0, 1]]


def test_an_index_that_was_read_as_a_column_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns = {"Unnamed: 0": [4, 7], "x": [1, 2], "Unnamed: 3": [None, None], "label": ["a", "b"]}
    path = write(tmp_path / "a.parquet", columns, **{"Unnamed: 3": "string"})
    assert parquet.fetch(str(path), SETTINGS).rows.to_dict("list") == {"x": ["1", "2"]}
    assert capsys.readouterr().out.splitlines() == [
        f"fetch: {path}: column(s) 1 left out: no name, numbers the rows",
        f"fetch: {path}: column(s) 3 left out: no name, all cells empty",
    ]
    with_ids = Settings(sources=["any"], label="label", id="Unnamed: 0")
    assert parquet.fetch(str(path), with_ids).table["id"].tolist() == ["4", "7"]
