"""Tables come as they are, cell by cell, from files anywhere, and what is wrong with one is named in a line."""

import bz2
import csv as csv_module
import gzip
import lzma
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn import datasets

import stages.fetch.__main__ as fetch
import stages.fetch.download as download
from stages.artifacts.files import read_table, write_table
from stages.command.errors import InputError
from stages.fetch.raw import SourceError
from stages.fetch.settings import Csv, Settings
from stages.fetch.sources import csv, idx, images, npz, sklearn
from stages.fetch.table import RawTable
from tests.web import serve_folder

TRAIN = 'text,category\nHow?,a\n"When, then",b\n'
TEST = "text,category\nWhere?,a\n"
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
SPECIAL = st.text(st.sampled_from(" \t\r\n\",;'a"), max_size=4)


def make(**changes: Any) -> Settings:
    return Settings(sources=["any"], **{"label": "category", **changes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.csv").write_text(TRAIN)
    (tmp_path / "test.csv").write_text(TEST)
    return tmp_path


@pytest.fixture
def web(folder: Path) -> Iterator[str]:
    with serve_folder(folder) as address:
        yield address


def read(tmp_path: Path, content: str | bytes, **changes: Any) -> RawTable:
    path = tmp_path / "data.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return csv.fetch(str(path), make(**changes))


def test_cells_are_kept_as_they_are_written(tmp_path: Path) -> None:
    raw = read(tmp_path, "k,n,category,g\n007,1.0,True,NA\n08,,None,\n9,null,,nan\n", id="k", group="g")
    assert raw.table.to_dict("list") == {
        "id": ["007", "08", "9"],
        "label": ["True", "None", ""],
        "group": ["NA", "", "nan"],
    }
    assert raw.rows.to_dict("list") == {"n": ["1.0", "", "null"]}
    assert str(raw) == "3 rows of 1 column in 2 classes"


def test_labels_and_rows_are_written_apart(workplace: Path, folder: Path, edit_params: Callable[..., None]) -> None:
    edit_params("fetch", "sources", [f"csv:{folder}/train.csv"])
    edit_params("fetch", "label", "category")
    edit_params("fetch", "group", "category")
    edit_params("fetch", "sha256", None)
    with pytest.raises(InputError, match=r"fetch\.label and fetch\.group both name 'category'"):
        fetch.main("digits")
    edit_params("fetch", "group", None)
    assert fetch.main("digits").startswith(f"2 rows of 1 column in 2 classes from csv:{folder}/train.csv, sha256 ")
    raw = workplace / "data/digits/raw"
    assert {path.name: path.read_text() for path in raw.iterdir()} == {
        "labels.csv": "id,label\n0,a\n1,b\n",
        "rows.csv": 'text\nHow?\n"When, then"\n',
    }


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data(), st.integers(1, 3), st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]))
def test_any_text_survives(tmp_path: Path, data: st.DataObject, width: int, delimiter: str, end: str) -> None:
    cells = st.lists(TEXTS | SPECIAL, min_size=width + 1, max_size=width + 1)
    rows = data.draw(st.lists(cells, min_size=1, max_size=5))
    header = ["category", *(f"te,xt {number}" for number in range(width))]
    path = tmp_path / "data.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv_module.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv_module.QUOTE_ALL)
        writer.writerows([header, *rows])
    # or else what looks like rows that quotes joined would be refused
    raw = csv.fetch(str(path), make(csv=Csv(quote='"')))
    raw.write(tmp_path)
    write_table(tmp_path / "labels.csv", raw.table)
    assert read_table(tmp_path / "rows.csv").to_numpy().tolist() == [row[1:] for row in rows]
    assert read_table(tmp_path / "labels.csv")["label"].tolist() == [row[0] for row in rows]


@pytest.mark.parametrize(
    "content",
    [
        "text;category\nx, y;a\n",
        "text\tcategory\nx, y\ta\n",
        '"text";"category"\n"x, y";a\n',
        '\ufefftext,category\n"x, y",a\n',
        'text,category\r\n"x, y",a\r\n\r\n',
        'text,category\r"x, y",a\r',
        '\n\ntext,category\n\n"x, y",a',
    ],
)
def test_files_of_several_habits_are_the_same_table(tmp_path: Path, content: str) -> None:
    raw = read(tmp_path, content)
    assert raw.rows.to_dict("list") == {"text": ["x, y"]}
    assert raw.table["label"].tolist() == ["a"]


def test_the_delimiter_is_the_one_that_gives_the_named_columns(tmp_path: Path) -> None:
    raw = read(tmp_path, 'category;"a, b, c";d, e\nx;y;z\n')
    assert list(raw.rows) == ["a, b, c", "d, e"]


MISTAKES: dict[str, tuple[str | bytes, dict[str, Any], str]] = {
    "no label": (TRAIN, {"label": None}, "name the label's column in fetch.label; there are: text, category"),
    "other label": (TRAIN, {"label": "x"}, "fetch.label: no column is called 'x'; there are: text, category"),
    "other id": (TRAIN, {"id": "x"}, "fetch.id: no column is called 'x'; there are: text, category"),
    "other group": (TRAIN, {"group": "x"}, "fetch.group: no column is called 'x'; there are: text, category"),
    "no feature": (TRAIN, {"id": "text"}, "has no column beside those of the label, the id, the group and the split"),
    "ids twice": (
        "k,category,x\n1,a,\n2,a,\n1,b,\n2,b,\n3,b,\n", {"id": "k"},
        "fetch.id: 'k' has 2 value(s) in more than one row (1, 2); each row needs an id of its own",
    ),
    "ids empty": ("k,category,x\n1,a,\n,a,\n", {"id": "k"}, "fetch.id: 'k' is empty in 1 row(s) (row 1, counted"),
    "empty": ("", {}, "data.csv: is empty; its first line must name the columns"),
    "blank": ("\n\n", {}, "data.csv: is empty"),
    "header only": ("text,category\n", {}, "data.csv: has a first line and no rows below it"),
    "long line": ("text,category\nx,a\nx,y,b\n", {}, "data.csv: line 3: 3 cell(s), the first line has 2; put"),
    "long after break": ('text,category\n"x\ny",a\nx\n', {}, "data.csv: line 4: 1 cell(s), the first line has 2"),
    "all long": ("text,category\nx,a,z\ny,b,z\n", {}, "data.csv: line 2: 3 cell(s), the first line has 2"),
    "open quote": ('text,category\nx,a\n"y,b\nz,c\n', {}, "data.csv: line 3: a quote is never closed; a cell with"),
    "inner quote": ('text,category\n"x" y,a\n', {}, "data.csv: line 2: ',' expected after '\"'; a cell with quotes"),
    "names twice": ("text,text,category,b,b\n,,,,\n", {}, "data.csv: more than one column is called 'b', 'text'; ren"),
    "no name": (",text, ,category\nx,,y,\n", {}, "data.csv: column number 1, 3 has no name, and cells that are not"),
    "NUL": (b"text,category\nx\0,a\n", {}, "data.csv: line 2: holds a NUL byte"),
    "Latin 1": ("text,category\nx,a\né,b\n".encode("latin-1"), {}, "data.csv: line 3, byte 1: 0xe9 is not UTF-8; if"),
    "UTF-16": ("text,category\nx,a\n".encode("utf-16")[:-1], {}, "data.csv: it is not utf-16; set fetch.csv.encoding"),
    "cut short": ("text,category\nx,é".encode()[:-1], {}, "data.csv: line 2, byte 3: 0xc3 is not UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_table_out_of_order_is_named(tmp_path: Path, mistake: str) -> None:
    content, changes, message = MISTAKES[mistake]
    with pytest.raises(SourceError) as caught:
        read(tmp_path, content, **changes)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_several_files_are_one_table(folder: Path, web: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    memory = fsspec.filesystem("memory")
    for name in ("train", "test"):
        memory.pipe_file(f"/tables/{name}.csv", (folder / f"{name}.csv").read_bytes())
    expected = csv.fetch(f"{folder}/{{train,test}}.csv", make())
    assert expected.table.to_numpy().tolist() == [["0", "a"], ["1", "b"], ["2", "a"]]
    for start in (web, "memory://tables", f"file://{folder}"):
        assert csv.fetch(f"{start}/{{train,test}}.csv", make()).sha256() == expected.sha256()
    for start in (str(folder), "memory://tables"):
        assert csv.fetch(f"{start}/t*.csv", make()).rows["text"].tolist() == ["Where?", "How?", "When, then"]
    assert csv.fetch(f"{folder}/t[r]ain.csv", make()).sha256() == csv.fetch(f"{web}/train.csv?x=1", make()).sha256()


def test_files_with_other_columns_are_named(folder: Path) -> None:
    (folder / "test.csv").write_text("category,text\na,Where?\n")
    assert csv.fetch(f"{folder}/{{train,test}}.csv", make()).rows["text"].iloc[2] == "Where?"
    (folder / "test.csv").write_text("category,txt\na,Where?\n")
    with pytest.raises(
        SourceError, match=r"test\.csv: lacks 'text' and adds 'txt'; its columns must be those of .*train"
    ):
        csv.fetch(f"{folder}/{{train,test}}.csv", make())


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("nowhere.csv", "nowhere.csv is not there"),
        ("nowhere/*.csv", "nowhere/*.csv matches no file"),
        ("{folder}", "is a folder; name its files, for instance"),
        ("{web}/nowhere.csv", "nowhere.csv did not come: HTTP 404"),
        ("memory://nowhere.csv", "memory://nowhere.csv is not there"),
        ("memory://nowhere/*.csv", "memory://nowhere/*.csv matches no file"),
        ("gs://bucket/a.csv", "gs://bucket/a.csv did not come: ImportError: Please install gcsfs"),
        ("nonsense://a.csv", "nonsense://a.csv did not come: ValueError: Protocol not known: nonsense"),
    ],
)
def test_a_file_that_does_not_come_is_named(
    folder: Path, web: str, monkeypatch: pytest.MonkeyPatch, argument: str, message: str
) -> None:
    monkeypatch.setattr(download, "RETRIES", 0)
    with pytest.raises(SourceError) as caught:
        csv.fetch(argument.format(folder=folder, web=web), make())
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def write_zip(path: Path, *names: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, TRAIN)


def test_compressed_files_are_the_same_table(folder: Path, web: str) -> None:
    content = TRAIN.encode()
    for module, suffix in ((gzip, "gz"), (bz2, "bz2"), (lzma, "xz")):
        (folder / f"train.csv.{suffix}").write_bytes(module.compress(content))
    write_zip(folder / "train.csv.zip", "any name")
    expected = csv.fetch(f"{folder}/train.csv", make()).sha256()
    for suffix in ("gz", "bz2", "xz", "zip"):
        assert csv.fetch(f"{folder}/train.csv.{suffix}", make()).sha256() == expected
        assert csv.fetch(f"{web}/train.csv.{suffix}", make()).sha256() == expected


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv.gz", b"text", r"a\.csv\.gz: damaged, or not what its name says"),
        ("a.csv.gz", gzip.compress(TRAIN.encode(), mtime=0)[:-9], r"a\.csv\.gz: damaged, or not what its name says"),
        ("a.csv.bz2", b"text", r"a\.csv\.bz2: damaged, or not what its name says"),
        ("a.csv.xz", b"text", r"a\.csv\.xz: damaged, or not what its name says"),
        ("a.csv.zip", b"text", r"a\.csv\.zip: is neither a folder nor a zip or tar archive"),
        (
            "a.csv.gz",
            gzip.compress(bytes(3_000_000), mtime=0),
            r"a\.csv\.gz: unpacks to more than 100 times its size; if you",
        ),
    ],
)
def test_compressed_files_out_of_order_are_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=message):
        csv.fetch(str(tmp_path / name), make())


def test_a_zip_of_several_files_is_named(tmp_path: Path) -> None:
    write_zip(tmp_path / "a.zip", "x.csv", "y.csv")
    with pytest.raises(SourceError, match=r"a\.zip: holds 2 files \(x\.csv, y\.csv\); it must hold one"):
        csv.fetch(str(tmp_path / "a.zip"), make())


@pytest.mark.parametrize(
    ("name", "shape", "classes"),
    [
        ("wine", (178, 13), ["class_0", "class_1", "class_2"]),
        ("iris", (150, 4), ["setosa", "versicolor", "virginica"]),
        ("breast_cancer", (569, 30), ["benign", "malignant"]),
    ],
)
def test_scikit_learns_tables_have_names(name: str, shape: tuple[int, int], classes: list[str]) -> None:
    raw = sklearn.fetch(name, Settings(sources=["any"]))
    assert isinstance(raw, RawTable)
    assert raw.rows.shape == shape
    assert sorted(raw.table["label"].unique()) == classes
    bunch = getattr(datasets, f"load_{name}")()
    assert list(raw.rows) == list(bunch.feature_names)
    np.testing.assert_array_equal(raw.rows.astype(float), bunch.data)


@pytest.mark.parametrize(
    ("module", "argument"), [(idx, "nowhere"), (images, "nowhere"), (npz, "nowhere"), (sklearn, "digits")]
)
def test_columns_named_for_a_source_without_any_are_refused(module: Any, argument: str) -> None:
    with pytest.raises(SourceError, match=r"^fetch\.label, fetch\.group: counts only for tables, and this source"):
        module.fetch(argument, make(group="g"))


def test_a_table_has_the_checksum_of_what_it_says() -> None:
    tables = [
        RawTable(pd.DataFrame({"id": ["0"], "label": [label]}), pd.DataFrame({name: [cell]}))
        for label, name, cell in [("a", "x", "1"), ("b", "x", "1"), ("a", "y", "1"), ("a", "x", "2"), ("a", "x", "1\r")]
    ]
    assert len({table.sha256() for table in tables}) == 5
