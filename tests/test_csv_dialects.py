"""CSV files of many habits are read as they are, or refused in a line that says what to set."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from stages.artifacts.files import read_table
from tests.sources import list_files, run, write_block

JOINED = ["y\tsaid", "pos\tgood", 'neg\t"i left', "neg\tdull", "pos\tfine", 'neg\tso bad "', "pos\tgood"]
SIGNS = ["good", '"i left', "dull", "fine", 'so bad "', "good"]
MOODS = ["pos", "neg", "neg", "pos", "neg", "pos"]
NUMBERED = ["0.5,a", "3.5,b", "0.5,a"]
COFFEE = "y,said\na,café\nb,tea\n"
READ_COFFEE: dict[str, Any] = {"said": ["café", "tea"]}


@dataclass
class Read:
    """A file, what params.yaml says of it, and its columns, its labels and what is said of how it was read."""

    content: str | bytes
    rows: dict[str, list[str]]
    labels: list[str]
    said: str
    csv: dict[str, Any] = field(default_factory=dict)
    fetch: dict[str, Any] = field(default_factory=dict)


def lines(*texts: str, end: str = "\n") -> str:
    return "".join(f"{text}{end}" for text in texts)


READS: dict[str, Read] = {
    # quotes
    "signs, tabs": Read(lines(*JOINED), {"said": SIGNS}, MOODS, "separated by tabs, not quoted (quotes are signs of"),
    "signs, commas": Read(
        lines(*JOINED).replace("\t", ","), {"said": SIGNS}, MOODS, "separated by ',', not quoted (quotes are signs of"
    ),
    "signs, label last": Read(
        lines(*("\t".join(line.split("\t")[::-1]) for line in JOINED)).replace('so bad "', '"so bad'),
        {"said": ["good", '"i left', "dull", "fine", '"so bad', "good"]}, MOODS, "by tabs, not quoted",
    ),
    "signs to the end": Read('y\tsaid\na\t"so\nb\tno\n', {"said": ['"so', "no"]}, ["a", "b"], "by tabs, not quoted"),
    "signs in a cell": Read(
        'y\tsaid\na\t"so" he said\nb\tno\n', {"said": ['"so" he said', "no"]}, ["a", "b"], "by tabs, not quoted"
    ),
    "signs, a rare class": Read(
        'y\tsaid\na\tx\na\t"so\nrare\tno"\nb\tx\n', {"said": ["x", '"so', 'no"', "x"]}, ["a", "a", "rare", "b"],
        "by tabs, not quoted",
    ),
    "signs by name": Read(
        'y,said\na,"so"\nb,"no\n', {"said": ['"so"', '"no']}, ["a", "b"], "',', not quoted", {"quote": "none"}
    ),
    "a poem": Read(
        'y,said\na,"Well, then\nso, be it"\nb,x\n', {"said": ["Well, then\nso, be it", "x"]}, ["a", "b"], "quoted by \""
    ),
    "no labels": Read('y,said\n,x\n,"a\n,b"\nc,\n', {"said": ["x", "a\n,b", ""]}, ["", "", "c"], "quoted by \""),
    "code": Read('y\tsaid\na\t"if x:\n\ty"\nb\tz\n', {"said": ["if x:\n\ty", "z"]}, ["a", "b"], "tabs, quoted by \""),
    "one row by name": Read(
        'y,said\nb,x\na,"so\nb,it"\n', {"said": ["x", "so\nb,it"]}, ["b", "a"], "',', quoted by \"", {"quote": '"'}
    ),
    "doubled quotes": Read('y,said\na,"so ""x"", y"\nb,\n', {"said": ['so "x", y', ""]}, ["a", "b"], "quoted by \""),
    "backslashes": Read(
        'y,said\na,"so \\"x\\", \\n"\nb,"\\\\"\n', {"said": ['so "x", \\n', "\\\\"]}, ["a", "b"], "a backslash before"
    ),
    "backslashes before others": Read(
        'y,said\na,"it\\\'s \\"so\\""\nb,x\n', {"said": ['it\\\'s "so"', "x"]}, ["a", "b"], "a backslash before"
    ),
    "a path": Read('y,said\na,"C:\\"\nb,x\n', {"said": ["C:\\", "x"]}, ["a", "b"], "quoted by \"\n"),
    "apostrophes": Read("y,said\na,'x, y'\nb,z\n", {"said": ["x, y", "z"]}, ["a", "b"], "by '\n", {"quote": "'"}),
    # blanks
    "blanks before quotes": Read(
        'a, name, y\n2.5, "Doe, J", a\n3.5, "Roe, K", b\n', {"a": ["2.5", "3.5"], "name": ["Doe, J", "Roe, K"]},
        ["a", "b"], "separated by ',' and blanks",
    ),
    "blanks, names without": Read(
        'y;name\na; "Doe; J"\nb; x\n', {"name": ["Doe; J", "x"]}, ["a", "b"], "separated by ';' and blanks"
    ),
    "blanks, no quotes": Read("a, y\n1, a\n2, b\n", {"a": ["1", "2"]}, ["a", "b"], "separated by ',' and blanks"),
    "blanks alone": Read(
        "a   y\n1  a\n22 b\n", {"a": ["1", "22"]}, ["a", "b"], "separated by ' ' and blanks", {"delimiter": " "}
    ),
    "blanks of cells": Read("y,said\na, x\nb,z \n", {"said": [" x", "z "]}, ["a", "b"], "separated by ',', quoted"),
    # no header
    "names given": Read(
        lines(*NUMBERED), {"x": ["0.5", "3.5", "0.5"]}, ["a", "b", "a"], "separated by ','", {"header": ["x", "y"]}
    ),
    "names by number": Read(
        "ham\tgo, then\nspam\twin, now, this\n", {"c2": ["go, then", "win, now, this"]}, ["ham", "spam"], "by tabs",
        {"header": False}, {"label": "c1"},
    ),
    "names given and there": Read(
        "x,y\n1,a\n2,b\n", {"x": ["1", "2"]}, ["a", "b"], "the names of the columns again left out in 1 line(s)",
        {"header": ["x", "y"]},
    ),
    "files put together": Read(
        "x,y\n1,a\nx,y\n2,b\n", {"x": ["1", "2"]}, ["a", "b"], "the names of the columns again left out in 1 line(s)"
    ),
    # columns without a name
    "index": Read(",a,y\n0,1,a\n1,2,b\n", {"a": ["1", "2"]}, ["a", "b"], "column(s) 1 left out: no name, numbers t"),
    "index, semicolons": Read(
        ";a;y\n0;1;a\n1;2;b\n", {"a": ["1", "2"]}, ["a", "b"],
        "utf-8, cells separated by ';', quoted by \"; column(s) 1 left out: no name, numbers the rows\n",
    ),
    "index of a part": Read(",a,y\n7,1,a\n3,2,b\n", {"a": ["1", "2"]}, ["a", "b"], "column(s) 1 left out: no name, nu"),
    "index twice": Read(
        ",Unnamed: 0,a,y\n0,5,1,a\n1,7,2,b\n", {"a": ["1", "2"]}, ["a", "b"], "column(s) 1, 2 left out: no name"
    ),
    "index of R": Read('"a","y"\n"1",5,"a"\n"2",6,"b"\n', {"a": ["5", "6"]}, ["a", "b"], "column(s) 1 left out: no n"),
    "index as ids": Read(
        "Unnamed: 0,a,y\n3,1,a\n4,2,b\n", {"a": ["1", "2"]}, ["a", "b"], "quoted by \"\n", {}, {"id": "Unnamed: 0"}
    ),
    "delimiters at the end": Read(
        "y,said,,,\na,x,,,\nb,z,,,\n", {"said": ["x", "z"]}, ["a", "b"], "column(s) 3, 4, 5 left out: no name, all"
    ),
    "delimiters after rows": Read(
        "y;said\na;x;;\nb;z\n", {"said": ["x", "z"]}, ["a", "b"], "empty cells behind the last column left out in 1"
    ),
    "blank cells at the end": Read(
        "y,said, ,Unnamed: 3\na,x, ,\nb,z,,\n", {"said": ["x", "z"]}, ["a", "b"], "column(s) 3, 4 left out: no name"
    ),
    # encodings
    "latin-1": Read(COFFEE.encode("latin-1"), READ_COFFEE, ["a", "b"], "read as latin-1,", {"encoding": "latin-1"}),
    "windows-1252": Read(
        "y,said\na,5 €\nb,x\n".encode("cp1252"), {"said": ["5 €", "x"]}, ["a", "b"], "read as windows-1252,",
        {"encoding": "windows-1252"},
    ),
    "another": Read(
        "y,said\nд,чай\nb,x\n".encode("cp1251"), {"said": ["чай", "x"]}, ["д", "b"], "read as cp1251,",
        {"encoding": "cp1251"},
    ),
    "UTF-16": Read(COFFEE.encode("utf-16"), READ_COFFEE, ["a", "b"], "read as utf-16,"),
    "UTF-16 by name": Read(
        COFFEE.encode("utf-16-be"), READ_COFFEE, ["a", "b"], "read as utf-16-be,", {"encoding": "utf-16-be"}
    ),
    "a mark is right": Read(
        COFFEE.encode("utf-8-sig"), READ_COFFEE, ["a", "b"], "read as utf-8,", {"encoding": "latin-1"}
    ),
    "said to be latin-1": Read(
        COFFEE.encode(), {"said": ["cafÃ©", "tea"]}, ["a", "b"], "are UTF-8: is fetch.csv.encoding right?",
        {"encoding": "latin-1"},
    ),
    # delimiters, comments and line ends
    "Excel's first line": Read("sep=;\ny;said\na;x, y\nb;,\n", {"said": ["x, y", ","]}, ["a", "b"], "separated by ';'"),
    "bars": Read("y|said\na|x, y\nb|z; z\n", {"said": ["x, y", "z; z"]}, ["a", "b"], "separated by '|'"),
    "colons": Read("y:a,b\na:x\nb:z\n", {"a,b": ["x", "z"]}, ["a", "b"], "separated by ':'", {"delimiter": ":"}),
    "carriage returns": Read(lines("y,a", "a,1", "b,2", end="\r"), {"a": ["1", "2"]}, ["a", "b"], "separated by ','"),
    "comments": Read(
        '# of us, alone\ny,a\n# now\na,"1\n# kept"\nb,#2\n', {"a": ["1\n# kept", "#2"]}, ["a", "b"], "read as utf-8",
        {"comment": "#"},
    ),
}  # fmt: skip


@dataclass
class Refused:
    """A file, what is said of it, and what params.yaml says."""

    content: str | bytes
    message: str
    csv: dict[str, Any] = field(default_factory=dict)


REFUSALS: dict[str, Refused] = {
    # quotes
    "joined": Refused(
        'y,said\npos,"a, b"\nneg,"i left\nneg,dull\npos,bad "\nneg,x\n',
        "lines 3 to 5 are one row, for a quote opens in the first and closes in the last; but each looks like a row: "
        "take out the quotes, or set fetch.csv.quote to none if quotes are signs of the text, or to '\"' if they are",
    ),
    "joined to the end": Refused('y,said\nb,"a, b"\na,"so\nb,x\na,y\nb,"\n', "lines 3 to 6 are one row, for a quote"),
    "joined, uneven": Refused('y\tsaid\nb\tx\na\t"so\nb\tx\ty\na\tz"\nb\tx\n', "lines 3 to 5 are one row, for a quote"),
    "never closed": Refused(
        'y,said\na,x\nb,"so\na,z\n', "line 3: a quote is never closed; a cell with quotes in it is put in quotes, and "
        "these doubled; or, if quotes are signs of the text, set fetch.csv.quote to none",
    ),
    "inner quotes": Refused('y,said\na,"x, "y" z"\n', "line 2: ',' expected after '\"'; a cell with quotes in it is"),
    "apostrophes": Refused(
        "y,said\na,'x, y'\nb,z\n", "line 2: 3 cell(s), the first line has 2; put cells that hold ',' in quotes; or, if "
        "cells are put in ', set fetch.csv.quote to \"'\"",
    ),
    "names in apostrophes": Refused("'y','said'\n'a','x'\n", "or, if cells are put in ', set fetch.csv.quote to \"'\""),
    # short rows
    "short": Refused(
        "a,y,note\n1.5,a,x\n2.5,b\n", "line 3: 2 cell(s), the first line has 3; cells are missing at its end: add the "
        "delimiters, or put a cell with a line break in quotes",
    ),
    "broken in two": Refused("y,said,n\na,so\nbe it,1\n", "line 2: 2 cell(s), the first line has 3; cells are missing"),
    "short, many lines": Refused('y,said,n\na,"so\nbe it"\n', "lines 2 to 3: 2 cell(s), the first line has 3; cells"),
    "short, names given": Refused(
        "a,1\n", "line 1: 2 cell(s), fetch.csv.header has 3; cells", {"header": ["y", "a", "b"]}
    ),
    "long": Refused("y,said\na,so, then\n", "line 2: 3 cell(s), the first line has 2; put cells that hold ',' in"),
    # no header
    "a number": Refused(
        lines(*NUMBERED), "fetch.label: no column is called 'y'; there are: 0.5, a; the first line looks like a row, "
        "for '0.5' is a number: if it is one, set fetch.csv.header to the list of the columns' names, or to false",
    ),
    "a text": Refused("ham\tgo\nspam\twin\nham\tno\n", "looks like a row, for 'ham' is in the rows below it, too: if"),
    "twice": Refused("5.1,5.1,3,a\n2,4,5,b\n", "more than one column is called '5.1'; rename or remove one; the first"),
    "an empty cell": Refused("5.1,,a\n2,4,b\n", "column number 2 has no name, and cells that are not empty; gi"),
    "one column": Refused("y:said\na:x\n", "if another sign than a comma, ;, | or a tab stands between cells, set fet"),
    "names, misspelt": Refused("Y,said\na,x\n", "no column is called 'y' (did you mean 'Y'?); there are: Y, said\n"),
    "numbers as names": Refused("0,1,Y\n7,8,a\n", "no column is called 'y' (did you mean 'Y'?); there are: 0, 1, Y\n"),
    # columns without a name
    "a text without a name": Refused(",y\nso,a\nno,b\n", "column number 1 has no name, and cells that are not emp"),
    "a number without a name": Refused(",y\n0.5,a\n1.5,b\n", "column number 1 has no name, and cells that are not emp"),
    "numbers that repeat": Refused(",a,y\n1,1,a\n1,2,b\n", "column number 1 has no name, and cells that are not empty"),
    "numbers in the middle": Refused("a,,y\n1,1,a\n1,2,b\n", "column number 2 has no name, and cells that are not emp"),
    "a cell at the end": Refused(
        "y,said,,\na,x,,\nb,so,then,\n", "column number 3 has no name, and cells that are not empty; give it one; if "
        "cells without a name are the ends of those before them, put these in quotes",
    ),
    # encodings
    "latin-1": Refused(
        COFFEE.encode("latin-1"), "line 2, byte 6: 0xe9 is not UTF-8; if 'a,café' stands there, set fetch.csv.encoding "
        "to windows-1252, otherwise to what the file was saved in (latin-1, windows-1251, gbk, …)",
    ),
    "another": Refused(
        COFFEE.encode("latin-1"), "line 2, byte 6: 0xe9 is not ascii; set fetch.csv.encoding to what the file was sa",
        {"encoding": "ascii"},
    ),
    "half a letter": Refused(COFFEE.encode("utf-16")[:-1], "it is not utf-16; set fetch.csv.encoding to what the file"),
    "no mark": Refused(
        COFFEE.encode("utf-16-le"), "is no text, for it holds NUL bytes; save it as a CSV file in UTF-8, or set "
        "fetch.csv.encoding to utf-16-le or utf-16-be if it is that",
    ),
    "no mark, ASCII": Refused("y,a\na,1\n".encode("utf-16-le"), "line 1: holds a NUL byte; save it as a CSV file in U"),
    # comments
    "a comment first": Refused(
        "# of us\ny,a\na,1\n", 'lines that begin with # are comments, set fetch.csv.comment to "#"'
    ),
    "as wide as names": Refused("# of us, alone\ny,a\na,1\n", '# are comments, set fetch.csv.comment to "#"'),
    "a comment below": Refused("y,a\na,1\n% now\nb,2\n", 'with % are comments, set fetch.csv.comment to "%"'),
}  # fmt: skip


@pytest.fixture
def fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run the stage on the files of a folder."""

    def run_fetch(csv: dict[str, Any], **keys: Any) -> int:
        write_block(tmp_path, {"fetch": {"sources": ["csv:data.csv"], "label": "y", "csv": csv, **keys}})
        return run(tmp_path, "fetch", monkeypatch)

    return run_fetch


def write(path: Path, content: str | bytes) -> None:
    path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize("name", READS)
def test_a_file_is_read_as_it_is(
    name: str, fetch: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = READS[name]
    write(tmp_path / "data.csv", case.content)
    assert fetch(case.csv, **case.fetch) == 0, capsys.readouterr().err
    raw = tmp_path / "data/toy/raw"
    assert read_table(raw / "rows.csv").to_dict("list") == case.rows
    assert read_table(raw / "labels.csv")["label"].tolist() == case.labels
    said = capsys.readouterr().out
    assert said.startswith("fetch: data.csv: read as ")
    assert case.said in said


@pytest.mark.parametrize("name", REFUSALS)
def test_a_file_that_a_person_must_look_at_is_refused(
    name: str, fetch: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = REFUSALS[name]
    write(tmp_path / "data.csv", case.content)
    assert fetch(case.csv) == 2
    said = capsys.readouterr().err
    assert said.startswith("fetch: toy: error: csv:data.csv: ")
    assert case.message in said
    assert said.count("\n") == 1
    assert "data/toy/raw" not in "".join(list_files(tmp_path))


def test_several_files_say_how_they_were_read_once(
    fetch: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in {"a": "y,n\na,1\n", "b": "y,n\nb,2\n", "c": "y;n\na;3\n"}.items():
        write(tmp_path / f"{name}.csv", content)
    assert fetch({}, sources=["csv:*.csv"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == [
        "fetch: a.csv, b.csv: read as utf-8, cells separated by ',', quoted by \"",
        "fetch: c.csv: read as utf-8, cells separated by ';', quoted by \"",
    ]
