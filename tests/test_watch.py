"""Files that are added, changed or removed at a local source are seen, and nothing runs for any other data set."""

import json
import os
import shutil
from pathlib import Path

import pytest
import yaml

from stages.artifacts.files import read_json
from stages.artifacts.source import LISTED, keep_listed, list_files, list_local, update_record
from tests.conftest import Clone
from tests.sources import make_source
from tests.test_pipeline import reran

RECORD = Path("data/toy/source.json")


@pytest.fixture
def pets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of three files, of which one is hidden, as the source of ``toy``."""
    monkeypatch.chdir(tmp_path)
    for name in ("pets/cat/1.jpg", "pets/dog/2.jpg", "pets/.cache/3.jpg"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"12")
    return Path("pets")


def look(*sources: str) -> object:
    return update_record("toy", list(sources or ["images:pets"]))


def test_what_is_added_changed_or_removed_is_in_the_record(pets: Path) -> None:
    records = [look()]
    assert read_json(RECORD) == records[0]
    assert look() == records[0]
    (pets / "cat/4.jpg").write_bytes(b"34")
    records.append(look())
    (pets / "cat/4.jpg").write_bytes(b"345")
    records.append(look())
    os.utime(pets / "cat/4.jpg", ns=(1, 1))
    records.append(look())
    (pets / "cat/4.jpg").rename(pets / "dog/4.jpg")
    records.append(look())
    (pets / "dog/4.jpg").unlink()
    records.append(look())
    assert [record["files"] for record in records] == [2, 3, 3, 3, 3, 2]  # type: ignore[index]
    assert len({json.dumps(record) for record in records[:-1]}) == len(records) - 1
    assert records[-1] == records[0]


def test_a_clone_takes_the_same_files_for_unchanged_and_keeps_the_record_of_absent_ones(pets: Path) -> None:
    first = look()
    shutil.rmtree(".dvc")
    os.utime(pets / "cat/1.jpg", ns=(1, 1))
    assert look() == first
    os.utime(pets / "cat/1.jpg", ns=(2, 2))
    assert look() != first
    second = look()
    pets.rename("elsewhere")
    assert look() == second
    assert look("csv:https://host/data.csv") is None
    assert RECORD.read_text() == "null\n"


def test_sources_on_this_machine_are_told_from_others() -> None:
    sources = ["images:pets", "csv:s3://b/a.csv", "npz:~/a.npz", "openml:a@1", "sklearn:digits", "idx:https://host"]
    assert list_local(sources) == ["pets", "~/a.npz"]


def test_patterns_name_several_files(pets: Path) -> None:
    for name in ("a-1.csv", "a-2.csv", "b.csv"):
        Path(name).touch()
    assert [entry.name for entry in list_files("a-*.csv")] == ["a-1.csv", "a-2.csv"]
    assert [entry.name for entry in list_files("{b,a-1,none}.csv")] == ["b.csv", "a-1.csv"]
    assert [entry.name for entry in list_files("pets/cat/1.jpg")] == ["1.jpg"]
    assert list(list_files("~nobody/x")) == []


def test_the_list_of_local_data_sets_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, is_local in (("b", True), ("a", True), ("b", True), ("c", False)):
        keep_listed(name, is_local)
    assert yaml.safe_load(LISTED.read_text()) == {"local": ["a", "b"]}
    keep_listed("a", False)
    assert yaml.safe_load(LISTED.read_text()) == {"local": ["b"]}


def test_dvc_sees_what_changed_at_a_local_source(clone: Clone) -> None:
    block = make_source(clone.folder, "pictures")
    params = yaml.safe_load(clone.path("params.yaml").read_text())
    params |= {"datasets": ["digits", "pets"], "pets": block}
    clone.path("params.yaml").write_text(yaml.safe_dump(params))
    assert reran(clone.repro("preprocess@pets")) == ["check", "fetch", "preprocess"]
    assert reran(clone.repro("preprocess@pets")) == ["watch"]
    os.utime(clone.path("pets/cat/00.png"))
    assert reran(clone.repro("preprocess@pets")) == ["watch", "fetch"]
    clone.path("pets/cat/00.png").unlink()
    assert "11 pictures" in clone.repro("preprocess@pets")
    shutil.rmtree(clone.path("pets"))
    assert reran(clone.repro("preprocess@pets")) == ["watch"]
    status = json.loads(clone.run("dvc", "status", "--json", "--with-deps", "preprocess@pets"))
    assert status == {"watch@pets": ["always changed"]}
    assert reran(clone.repro("report@digits")) == []
    assert "digits" not in clone.run("dvc", "status", "--with-deps", "report@digits")
