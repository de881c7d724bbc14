"""Rows of a CSV file are found without reading it all, whatever is in their cells."""

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.artifacts import examples
from stages.artifacts.examples import Cells, open_examples
from stages.command.errors import InputError

CELL = st.text(st.sampled_from("ab,\"\n\r'éبⱥ 😀;"), max_size=6)


def as_bytes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), dtype=np.uint8)


@given(st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=2)))
def test_every_row_reads_as_it_was_written(rows: list[list[str]]) -> None:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    cells = Cells(as_bytes(file.getvalue()))
    expected = [[cell.replace("\r", " ") for cell in row] for row in rows]
    assert list(cells.columns) == expected[0]
    assert [cells._read(row + 1) for row in range(len(cells))] == expected[1:]


def test_blocks_may_end_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pd.DataFrame({"text": ['a "quoted"\nline', "", "b,c", "é\n\n", "plain"]})
    written = table.to_csv(index=False, lineterminator="\n")
    for size in range(1, 12):
        monkeypatch.setattr(examples, "BLOCK_BYTES", size)
        # the last line's end may be missing
        for text in (written, written.removesuffix("\n")):
            cells = Cells(as_bytes(text))
            assert [cells.content(row) for row in range(len(cells))] == list(table["text"])


def test_long_texts_and_wide_tables_are_cut() -> None:
    text = Cells(as_bytes(f"text\n{'x' * 200_000}\n"))
    assert (text.kind, len(text.content(0)), text.excerpt(0, 10, 4)) == ("text", 200_000, "x" * 10 + "…")
    table = Cells(as_bytes("a,b,c\nlonger,2,3\n"))
    assert (table.kind, table.content(0), table.excerpt(0, 4, 2)) == ("table", ["longer", "2", "3"], ["long…", "2"])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (None, "", "holds nothing to look at"),
        ("rows.csv", "", "rows.csv: holds 0 rows where there should be 3"),
        ("rows.csv", "text\na\nb\n", "rows.csv: holds 2 rows where there should be 3"),
        ("rows.csv", 'text\na\nb\n"c\n', None),
    ],
)
def test_other_rows_than_there_should_be_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str | None, content: str, message: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data/toy/prepared").mkdir(parents=True)
    if name:
        Path("data/toy/prepared", name).write_text(content)
    if message:
        with pytest.raises(InputError, match=message):
            open_examples("toy", "prepared", ["x", "y", "z"])
    else:
        assert open_examples("toy", "prepared", ["x", "y", "z"]).content(2).strip() == "c"
