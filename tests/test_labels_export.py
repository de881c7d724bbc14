"""`labels export` writes the cleaned data as other programs take it, whole, and never over or outside anything."""

import base64
import io
import json
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from labels.export import FORMS, export
from labels.filenames import name_files, name_folders, to_name
from stages.artifacts.files import read_json, read_table, write_table
from stages.artifacts.originals import Originals
from stages.clean.__main__ import main as clean
from stages.clean.__main__ import write_content
from stages.command.errors import InputError
from tests.conftest import ROOT
from tests.kinds import N_ROWS, make_found
from tests.pages import find_block
from tests.review import HEAD
from tests.sources import STAGES, list_files, make_source, run, write_block

COPIES = ("folders", "hf")
HOSTILE = [
    "../../evil.png", "/etc/evil.png", "C:\\evil.png", "a\\..\\..\\evil.png", "cat/1.png", "dog/1.png", "DOG/1.PNG",
    "dog--1.png", f"{'x' * 5000}.png", f"{'x' * 5001}.png", "con.png", "aux", "é.png", "e\u0301.png", ".hidden.png",
    "..", "a/..", "metadata.csv", "labels.csv", "bell\x07.png", "cat/1.png/2.png", "dir/sub/", "-rf", "~", "$HOME",
    "日本.png", "a:b.png", "a_b.png", "\ud83d.png".encode("utf-8", "replace").decode(), " ", "trailing. ",
]  # fmt: skip
CLASSES = ["..", ".", "a/b", "a_b", "Cat", "cat", "y" * 400, "y" * 401, "COM1", "a.", "a", "<b>", "/", "\\", "-", "ж"]


def make_archive(folder: Path, ids: list[str], labels: list[str], **columns: list[str]) -> pd.DataFrame:
    """Write what `export` reads of pictures in files: each holds its own number."""
    (folder / "data/toy/cleaned").mkdir(parents=True)
    (folder / "data/toy/raw").mkdir()
    archive = folder / "data/toy/raw/pictures.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for row, row_id in enumerate(ids):
            file.writestr(zipfile.ZipInfo(row_id), str(row))
    table = pd.DataFrame({"id": ids, "given_label": labels, "label": labels}).assign(status="kept", by="", **columns)
    write_table(folder / "data/toy/cleaned/labels.csv", table.assign(decided_by=""))
    (folder / "data/toy/decisions.csv").write_text(f"{HEAD}\n")
    remember(folder)
    return table


def remember(folder: Path, *sources: str) -> None:
    (folder / "params.yaml").write_text(f"toy: {{fetch: {{sources: {list(sources)!r}}}}}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_content("toy", Path("data/toy/cleaned"))


def read_numbers(folder: Path) -> dict[str, str]:
    """Return what is in each picture, by its path."""
    found = {name: content.decode() for name, content in list_files(folder).items()}
    return {name: content for name, content in found.items() if content.isdigit()}


def test_a_folder_of_pictures_comes_back_corrected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_block(tmp_path, make_source(tmp_path, "pictures"))
    for path in (tmp_path / "pets").rglob("*.png"):
        Image.open(path).resize((60, 40)).save(path)
    source = list_files(tmp_path / "pets")
    for stage in STAGES[: STAGES.index("clean")]:
        assert run(tmp_path, stage, monkeypatch) == 0
    decided = ["cat/00.png,cat,relabel,dog,ann", "dog/01.png,dog,remove,,ann", "cat/02.png,cat,keep,,ann"]
    Path("data/toy/decisions.csv").write_text("\n".join([HEAD, *(line + ",,,,," for line in decided), ""]))
    for stage in STAGES[STAGES.index("clean") :]:
        assert run(tmp_path, stage, monkeypatch) == 0
    shown = re.findall(
        r'src="data:image/png;base64,([^"]+)" alt="picture of id', Path("reports/toy/index.html").read_text()
    )
    assert {Image.open(io.BytesIO(base64.b64decode(each))).size for each in shown} == {(60, 40)}
    assert sorted(path.name for path in Path("data/toy/cleaned").iterdir()) == [
        "SHA256SUMS", "classes.json", "labels.csv", "pictures.json",
    ]  # fmt: skip
    assert read_json(Path("data/toy/cleaned/pictures.json"))["archive"] == "data/toy/raw/pictures.zip"
    said = export("toy", Path("toy-cleaned"), "folders")
    assert said.replace("toy", "pets") == find_block("docs/export.md", "$ python").splitlines()[1]
    Path("new").mkdir()
    Path("toy-cleaned").rename("new/pets")
    expected = {name: content for name, content in source.items() if name != "dog/01.png"}
    expected["dog/00.png"] = expected.pop("cat/00.png")
    assert list_files(Path("new/pets")) == expected
    export("toy", Path("linked"), "imagefolder-links")
    assert list_files(Path("linked")) == expected
    assert Path("linked/dog/00.png").readlink() == tmp_path / "pets/cat/00.png"
    export("toy", Path("table"), "csv")
    table = read_table(Path("table/labels.csv"))
    assert table.head(2).to_numpy().tolist() == [["cat/00.png", "dog", "cat"], ["cat/02.png", "cat", "cat"]]
    assert (list(table), len(table)) == (["path", "label", "given_label"], 11)
    export("toy", Path("hub"), "hf")
    metadata = read_table(Path("hub/metadata.csv"))
    assert metadata.head(2).to_numpy().tolist() == [["00.png", "dog"], ["02.png", "cat"]]
    assert {Path("hub", name).read_bytes() for name in metadata["file_name"]} == {*expected.values()}
    labels = read_table(Path("data/toy/cleaned/labels.csv"))
    names = {"labels": labels, "kept": labels["status"] != "removed"}
    exec(find_block("docs/versions.md", "import io").replace("pets", "toy"), names)
    assert len(names["X"]) == 11
    # what was written is a source again
    write_block(tmp_path, {"fetch": {"sources": ["images:new/pets"]}, "preprocess": {"image_shape": [1, 8, 8]}})
    assert run(tmp_path, "fetch", monkeypatch) == 0
    assert sorted(read_table(Path("data/toy/raw/labels.csv"))["id"]) == sorted(expected)
    assert list_files(tmp_path / "pets") == source


def test_two_files_of_one_name_come_into_one_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_archive(tmp_path, ["cat/1.jpg", "dog/1.jpg", "dog/2.jpg", "dog/x/2.jpg"], ["dog"] * 4)
    monkeypatch.chdir(tmp_path)
    assert export("toy", Path("out"), "folders") == "toy: 4 pictures in 1 class folders in out"
    assert read_numbers(Path("out")) == {
        "dog/cat--1.jpg": "0", "dog/dog--1.jpg": "1", "dog/dog--2.jpg": "2", "dog/dog--x--2.jpg": "3",
    }  # fmt: skip


@pytest.mark.parametrize("form", COPIES)
def test_hostile_ids_and_classes_stay_inside_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    root = tmp_path / "deep/er"
    root.mkdir(parents=True)
    labels = [CLASSES[row % len(CLASSES)] for row in range(len(HOSTILE))]
    make_archive(root, HOSTILE, labels)
    monkeypatch.chdir(root)
    before = list_files(tmp_path)
    export("toy", Path("out"), form)
    written = read_numbers(Path("out"))
    assert sorted(written.values(), key=int) == [str(row) for row in range(len(HOSTILE))]
    after = list_files(tmp_path)
    assert {name for name in after if name not in before} <= {f"deep/er/out/{name}" for name in list_files(Path("out"))}
    assert {name: after[name] for name in before} == before
    assert len({unicodedata.normalize("NFC", name.casefold()) for name in written}) == len(HOSTILE)
    if form == "folders":
        # no two classes come into one folder
        classes = {(name.partition("/")[0], labels[int(number)]) for name, number in written.items()}
        assert len({folder for folder, _ in classes}) == len(classes) == len(CLASSES)
    else:
        listed = read_table(Path("out/metadata.csv"))
        assert [written[name] for name in listed["file_name"]] == [str(row) for row in range(len(HOSTILE))]
        assert listed["label"].tolist() == labels


@given(st.lists(st.text(st.sampled_from("aA./\\:é\u0301e-\0 ~"), max_size=6), unique=True, max_size=8))
def test_any_names_are_safe_and_differ_everywhere(texts: list[str]) -> None:
    for name in map(to_name, texts):
        assert name
        assert not {"/", "\\", "\0", ":"} & set(name)
        assert not name.startswith(".")
    for paths in (name_files(texts, ["p"] * len(texts)), list(name_folders(texts).values())):
        assert len({unicodedata.normalize("NFC", path.casefold()) for path in paths}) == len(texts)


def test_splits_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = ["train/cat/1.jpg", "train/dog/1.jpg", "test/cat/1.jpg", "test/dog/2.jpg"]
    make_archive(tmp_path, ids, ["cat", "dog", "dog", "dog"], split=["train", "train", "test", "test"])
    monkeypatch.chdir(tmp_path)
    assert export("toy", Path("out"), "folders") == "toy: 4 pictures in 2 class folders, 2 splits in out"
    assert set(read_numbers(Path("out"))) == {
        "train/cat/1.jpg", "train/dog/1.jpg", "test/dog/1.jpg", "test/dog/2.jpg",
    }  # fmt: skip
    export("toy", Path("hub"), "hf")
    assert read_table(Path("hub/test/metadata.csv")).to_numpy().tolist() == [["1.jpg", "dog"], ["2.jpg", "dog"]]
    assert len(read_table(Path("hub/train/metadata.csv"))) == 2
    export("toy", Path("table"), "csv")
    assert list(read_table(Path("table/labels.csv"))) == ["path", "label", "given_label", "split"]


@pytest.mark.parametrize("kind", ["text", "table"])
def test_rows_without_files_come_as_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    make_found(tmp_path, kind)
    monkeypatch.chdir(tmp_path)
    clean("digits")
    assert export("digits", Path("out"), "csv") == f"digits: {N_ROWS} rows of labels.csv in out"
    table, rows = (read_table(Path(name)) for name in ("out/labels.csv", "data/digits/cleaned/rows.csv"))
    assert table.drop(columns=["id", "label", "given_label"]).equals(rows)
    assert export("digits", Path("lines"), "jsonl") == f"digits: {N_ROWS} rows of labels.jsonl in lines"
    lines = Path("lines/labels.jsonl").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    assert [json.loads(line) for line in lines] == table.to_dict("records")
    with pytest.raises(InputError, match="--as folders: digits has no pictures in files; there is --as csv"):
        export("digits", Path("more"), "folders")


def fill(folder: Path) -> None:
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")


def change_archive(folder: Path) -> None:
    with zipfile.ZipFile(folder / "data/toy/raw/pictures.zip", "a") as archive:
        archive.writestr("more", "")


def add_source(folder: Path) -> None:
    (folder / "pets/cat").mkdir(parents=True)
    (folder / "pets/cat/1.jpg").write_text("0")
    remember(folder, "images:pets")


MISTAKES: list[tuple[Callable[[Path], object], str, str, str]] = [
    (lambda folder: fill(folder / "out"), "out", "csv", "out: holds something, and nothing is ever overwritten"),
    (lambda folder: (folder / "out").write_text(""), "out", "csv", "out: is there, and no folder; name a new one"),
    (lambda folder: (folder / "out").symlink_to("/tmp"), "out", "csv", "out: is there, and no folder"),
    (add_source, "pets/out", "csv", "pets/out: lies in the source pets, which is never changed"),
    (add_source, "pets/../pets/cat/out", "csv", "lies in the source pets"),
    (add_source, "out", "imagefolder-links", r"1 picture\(s\) are no longer in pets as they were .* \(dog/1.jpg\)"),
    (lambda folder: None, "out", "imagefolder-links", r"no source is a folder on this machine \(\); --as folders"),
    (
        lambda folder: remember(folder, "images:http://host/a.zip"),
        "out", "imagefolder-links", r"no source is a folder on this machine \(images:http://host/a.zip\)",
    ),
    (change_archive, "out", "folders", "pictures.zip: is not what the cleaned labels are of"),
    (lambda folder: (folder / "data/toy/raw/pictures.zip").unlink(), "out", "hf", "`dvc pull data/toy/raw` brings it"),
    (lambda folder: None, "out", "folder", r"--as folder: no such form \(did you mean 'folders'\?\); there are"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "folder", "form", "message"), MISTAKES)
def test_a_mistake_is_one_line_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Any, folder: str, form: str, message: str
) -> None:
    make_archive(tmp_path, ["cat/1.jpg", "dog/1.jpg"], ["cat", "dog"])
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = {path: path.lstat().st_mode for path in tmp_path.rglob("*")}
    with pytest.raises(InputError, match=message) as said:
        export("toy", Path(folder), form)
    assert "\n" not in str(said.value)
    assert {path: path.lstat().st_mode for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize("form", COPIES)
def test_what_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    make_archive(tmp_path, ["cat/1.jpg", "dog/1.jpg"], ["cat", "dog"])
    monkeypatch.chdir(tmp_path)
    before = list_files(tmp_path)
    (tmp_path / "out").mkdir()
    # of an export that was killed
    (tmp_path / ".export-out.partial/cat").mkdir(parents=True)

    def read(originals: Originals, row: int) -> bytes:
        if row:
            raise OSError(28, "No space left on device")
        return b"0"

    with monkeypatch.context() as patch:
        patch.setattr(Originals, "read", read)
        with pytest.raises(OSError, match="No space left"):
            export("toy", Path("out"), form)
    assert list_files(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out", "params.yaml"]
    export("toy", Path("out"), form)
    assert len(read_numbers(Path("out"))) == 2


def test_decisions_that_are_not_applied_yet_are_named(tmp_path: Path) -> None:
    make_archive(tmp_path, ["cat/1.jpg", "dog/1.jpg"], ["cat", "dog"])
    with (tmp_path / "data/toy/decisions.csv").open("a") as file:
        file.write("cat/1.jpg,cat,relabel,dog,ann,2026-11-24T10:00:00Z,,,,\n")
    command = [sys.executable, "-m", "labels", "export", "toy", "out", "--as", "csv"]
    env = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "toy: 2 rows of labels.csv in out",
        "1 of the decisions in decisions.csv are not applied yet: run `dvc repro`, or press Apply on the start page",
    ]


def test_a_conflict_stops_it_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_archive(tmp_path, ["cat/1.jpg", "dog/1.jpg"], ["cat", "dog"])
    monkeypatch.chdir(tmp_path)
    with Path("data/toy/decisions.csv").open("a") as file:
        file.write("cat/1.jpg,cat,relabel,dog,ann,2026-11-24T10:00:00Z,,,,\ncat/1.jpg,cat,keep,,bob,,,,,\n")
    with pytest.raises(InputError, match="bob"):
        export("toy", Path("out"), "csv")
    assert not Path("out").exists()


def test_every_form_is_on_the_page() -> None:
    page = (ROOT / "docs/export.md").read_text()
    assert all(f"`{form}`" in page for form in FORMS)


def test_arrays_keep_their_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_found(tmp_path, "picture")
    Path(tmp_path, "data/digits/prepared/rows.csv").unlink()
    np.save(tmp_path / "data/digits/prepared/images.npy", np.zeros((N_ROWS, 1, 8, 8), np.uint8))
    monkeypatch.chdir(tmp_path)
    clean("digits")
    assert Path("data/digits/cleaned/images.npy").exists()
    export("digits", Path("out"), "csv")
    assert list(read_table(Path("out/labels.csv"))) == ["id", "label", "given_label"]
